"""One side of a row over HTTP: a server that is asked for one path, checked, and measured."""

import http.client
import json
import os
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import rounds
import wrk
from failure import Failure
from result import Measure, Over, Row, Sample
from servers import Server
from suite import Setting

RATE = Measure("requests/s")
CPU = Measure("CPU us/request", 2)
# Of their cores. Where wrk is the busier one the rate is its own, and the server could do more.
BUSY = Measure("server busy %", compared=False)
CLIENT_BUSY = Measure("wrk busy %", compared=False)
ERRORS = Measure("errors", over_rounds=Over.SUM, compared=False)
MEASURES = (RATE, CPU, BUSY, CLIENT_BUSY, ERRORS)

_TIMEOUT_S = 30
_WARM_UP_S = 1
# For what wrk rounds, and for the answers that are on their way when it ends.
_SIZE_TOLERANCE = 0.03


@dataclass(frozen=True)
class Side:
    """Its name in the table, who is asked, for what, and the answer to that."""

    name: str
    server: Server
    path: str
    body: bytes
    head_bytes: int
    headers: Mapping[str, str] = field(default_factory=dict)  # of the request
    scheme: str = "http"

    @property
    def answer_bytes(self) -> int:
        """Of the whole answer."""
        return self.head_bytes + len(self.body)

    @property
    def port(self) -> int:
        """The server's, for that scheme."""
        return port_of(self.server, self.scheme)


def port_of(server: Server, scheme: str) -> int:
    """At which it serves "http" or "https"."""
    return server.https_port if scheme == "https" else server.http_port


def asked_side(
    name: str,
    server: Server,
    path: str,
    headers: Mapping[str, str] | None = None,
    scheme: str = "http",
) -> Side:
    """The side, after the path was asked for once and the answer was a 200 with JSON."""
    what = f"{server.name} answers {path}"
    connection = _connection(server, scheme)
    try:
        connection.request("GET", path, headers=dict(headers or {}))
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise Failure(f"{what} not at all: {error!r}", server.program.log_tail()) from error
    finally:
        connection.close()
    kind = answer.getheader("Content-Type")
    if answer.status != 200 or kind != "application/json":
        raise Failure(f"{what} with {answer.status}, {kind}", server.program.log_tail())
    lines = [f"HTTP/1.1 {answer.status} {answer.reason}"]
    lines += [f"{field}: {value}" for field, value in answer.getheaders()]
    head_bytes = sum(len(line) + 2 for line in [*lines, ""])
    return Side(name, server, path, body, head_bytes, dict(headers or {}), scheme)


def expect_entries(side: Side, count: int) -> None:
    """Fails unless the body is a list, or an object, of so many entries."""
    entries = json.loads(side.body)
    if len(entries) != count:
        raise Failure(
            f"{side.server.name} answers {side.path} with {len(entries)} entries, not with {count}"
        )


def expect_same_body(side: Side, other: Side) -> None:
    """Fails unless both have the same body, byte for byte."""
    if side.body != other.body:
        raise Failure(
            f"{side.server.name} and {other.server.name} have different bodies for {side.path}: "
            f"{len(side.body)} and {len(other.body)} bytes"
        )


def warm_up(setting: Setting, side: Side) -> None:
    """A short run that does not count."""
    command = _command_of(replace(setting, seconds=_WARM_UP_S), side)
    _expect_right_answers(side, wrk.run(command, _WARM_UP_S))


def measure(setting: Setting, side: Side) -> Sample:
    """One run."""
    before_s, client_before_s = side.server.program.cpu_s(), _ended_children_s()
    run = wrk.run(_command_of(setting, side), setting.seconds)
    spent_s = side.server.program.cpu_s() - before_s
    client_spent_s = _ended_children_s() - client_before_s
    _expect_right_answers(side, run)
    return {
        RATE.name: run.per_second,
        CPU.name: spent_s / run.requests * 1e6,
        BUSY.name: spent_s / run.seconds * 100,
        CLIENT_BUSY.name: client_spent_s / run.seconds * 100,
        ERRORS.name: run.errors,
    }


def measure_alternating(setting: Setting, row: Row, sides: Sequence[Side]) -> None:
    """Fills the row's rounds."""
    for side in sides:
        warm_up(setting, side)
    measuring = {side.name: partial(measure, setting, side) for side in sides}
    rounds.alternate(setting, row, measuring, said_of)


def said_of(name: str, sample: Sample) -> str:
    """For a line of progress."""
    errors = f", {sample[ERRORS.name]:.0f} errors" if sample[ERRORS.name] else ""
    return (
        f"{name} {sample[RATE.name]:,.0f} requests/s, {sample[CPU.name]:.2f} us/request, "
        f"{sample[BUSY.name]:.0f} % busy (wrk {sample[CLIENT_BUSY.name]:.0f} %){errors}"
    )


def describe(setting: Setting, row: Row, sides: Sequence[Side]) -> None:
    """Notes in the row the sizes of the answers and the commands."""
    sizes = (f"{side.name} {side.head_bytes} + {len(side.body)}" for side in sides)
    row.notes.append(f"bytes of an answer's head and body: {', '.join(sizes)}")
    for side in sides:
        row.commands[f"load on {side.name}"] = " ".join(_command_of(setting, side))


def _ended_children_s() -> float:
    """CPU time of all programs that this one started and saw end: beside wrk none does."""
    times = os.times()
    return times.children_user + times.children_system


def _command_of(setting: Setting, side: Side) -> list[str]:
    return wrk.command(
        side.port, side.path, setting.seconds, setting.cores.client, side.headers, side.scheme
    )


def _connection(server: Server, scheme: str) -> http.client.HTTPConnection:
    port = port_of(server, scheme)
    if scheme == "http":
        return http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_S)
    context = ssl.create_default_context()
    context.check_hostname = False  # as wrk, which does not verify either
    context.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection("127.0.0.1", port, timeout=_TIMEOUT_S, context=context)


def _expect_right_answers(side: Side, run: wrk.Run) -> None:
    """A benchmark of wrong answers is none. Errors are counted, not excluded: a table shows them.

    wrk follows no redirection and looks at no body, so the size has to tell.
    """
    if run.requests == 0:
        raise Failure(f"{side.server.name} answers none of wrk's requests for {side.path}")
    average = run.read_bytes / run.requests
    if not run.errors and abs(average / side.answer_bytes - 1) > _SIZE_TOLERANCE:
        raise Failure(
            f"{side.server.name} answers {side.path} with {average:,.0f} bytes on average, "
            f"not with {side.answer_bytes:,} as when it was asked once"
        )
