"""One side of a DNS row: a server that is asked certain questions, checked, and measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import dns_message
import dnsperf
import rounds
from dns_data import domain_name
from failure import Failure
from result import Measure, Over, Row, Sample
from servers import Server
from suite import Setting

CPU = Measure("CPU us/answer", 2)
RATE = Measure("answers/s")
LOST = Measure("lost queries", over_rounds=Over.SUM, compared=False)

_WARM_UP_S = 1
# Of a question that is asked to look at its answer.
_TIMEOUT_S = 10


@dataclass(frozen=True)
class Questions:
    """What dnsperf asks: the file, and the same as services and a type; with EDNS, or without."""

    path: Path
    services: Sequence[str]
    type_name: str
    edns: bool = False


@dataclass(frozen=True)
class Expected:
    """What each answer must hold. The sections count records by type; authority is left open."""

    rcode: str = "NOERROR"
    truncated: bool = False
    answer: Mapping[str, int] = field(default_factory=dict)
    additional: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Side:
    """Its name in the table, who is asked, what, and what each answer must be like."""

    name: str
    server: Server
    questions: Questions
    rcode: str
    answer_bytes: int


def checked_side(
    name: str,
    server: Server,
    questions: Questions,
    expected: Expected,
    addresses: Mapping[str, set[str]],
) -> Side:
    """The side, after each service was asked for once and the answer was as expected.

    `addresses` are those that each service's answers may give, each at most once.
    """
    sizes = set()
    for service in questions.services:
        name_asked = domain_name(service)
        what = f"{server.name} answers {name_asked} {questions.type_name}"
        try:
            answer = dns_message.ask(server.dns_port, name_asked, questions.type_name, _TIMEOUT_S)
        except OSError as error:
            raise Failure(f"{what} not at all: {error}", server.program.log_tail()) from error
        got = _held_by(answer)
        if got != expected:
            raise Failure(f"{what} with\n  {got}, not with\n  {expected}")
        given = expected.answer.get("A", 0) + expected.additional.get("A", 0)
        if not answer.addresses <= addresses[service] or len(answer.addresses) != given:
            raise Failure(f"{what} with other addresses than were registered: {answer.addresses}")
        sizes.add(answer.size)
    if len(sizes) != 1:
        raise Failure(f"{server.name} gives answers of different sizes: {sorted(sizes)}")
    return Side(name, server, questions, expected.rcode, sizes.pop())


def command_of(setting: Setting, side: Side) -> list[str]:
    """The dnsperf that measures it."""
    return _command(setting, side, setting.seconds)


def warm_up(setting: Setting, side: Side) -> None:
    """A short run that does not count."""
    command = _command(setting, side, _WARM_UP_S)
    _expect_right_answers(side, dnsperf.run(command, _WARM_UP_S))


def measure(setting: Setting, side: Side) -> tuple[dnsperf.Run, float]:
    """One run, and the CPU time in seconds that the server spent in it."""
    before_s = side.server.program.cpu_s()
    run = dnsperf.run(command_of(setting, side), setting.seconds)
    spent_s = side.server.program.cpu_s() - before_s
    _expect_right_answers(side, run)
    return run, spent_s


def sample_of(run: dnsperf.Run, spent_s: float) -> Sample:
    """A run as the values of one round."""
    return {
        CPU.name: spent_s / run.completed * 1e6,
        RATE.name: run.per_second,
        LOST.name: run.lost,
    }


def measure_alternating(setting: Setting, row: Row, sides: Sequence[Side]) -> None:
    """Fills the row's rounds."""
    for side in sides:
        warm_up(setting, side)
    measuring = {side.name: partial(_sample, setting, side) for side in sides}
    rounds.alternate(setting, row, measuring, said_of)


def said_of(name: str, sample: Sample) -> str:
    """For a line of progress."""
    lost = f", {sample[LOST.name]:.0f} lost" if sample[LOST.name] else ""
    return f"{name} {sample[CPU.name]:.2f} us/answer, {sample[RATE.name]:,.0f} answers/s{lost}"


def describe(setting: Setting, row: Row, sides: Sequence[Side]) -> None:
    """Notes in the row the sizes of the answers and the commands."""
    sizes = (f"{side.name} {side.answer_bytes}" for side in sides)
    row.notes.append(f"bytes of an answer: {', '.join(sizes)}")
    for side in sides:
        load = " ".join(command_of(setting, side))
        row.commands[f"load on {side.name}"] = load
        if side.server.name == "echo":
            row.commands["echo"] = side.server.program.command


def _command(setting: Setting, side: Side, seconds: int) -> list[str]:
    questions, port = side.questions, side.server.dns_port
    return dnsperf.command(port, questions.path, seconds, setting.cores.client, questions.edns)


def _sample(setting: Setting, side: Side) -> Sample:
    return sample_of(*measure(setting, side))


def _held_by(answer: dns_message.Answer) -> Expected:
    return Expected(answer.rcode, answer.truncated, dict(answer.answer), dict(answer.additional))


def _expect_right_answers(side: Side, run: dnsperf.Run) -> None:
    """A benchmark of wrong answers is none."""
    if run.completed == 0:
        raise Failure(f"{side.server.name} answers none of dnsperf's queries")
    if run.rcodes != {side.rcode: run.completed}:
        raise Failure(f"{side.server.name} answers {run.rcodes}, not all {side.rcode}")
    if run.response_bytes != side.answer_bytes:
        raise Failure(
            f"{side.server.name} answers with {run.response_bytes} bytes on average, "
            f"not with {side.answer_bytes} as when it was asked once"
        )
