"""One side of a row of the suite "writes": what is loaded, what it is checked for, its values."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import dsync_writes
import http_load
from failure import Failure
from http_answer import answer_to
from result import Measure, Row, Sample
from servers import Server
from suite import Setting

RATE = Measure("per second")
CPU = Measure("CPU us/request", 1)
P99 = Measure("p99 us")
MEASURES = (RATE, CPU, P99)

_WARM_UP_S = 1


class Side(Protocol):
    """Whoever takes turns with others in the rounds of a row."""

    name: str

    def prepare(self, setting: Setting, row: Row) -> None:
        """Makes sure that it does what the row says, warms up, and notes in the row how."""

    def measure(self, setting: Setting) -> Sample:
        """One run."""
        ...


@dataclass
class Loaded:
    """A server under requests of http_load.

    `requests` makes those of the next run. `written` counts what the server has written so far; it
    has to grow by `writes_each` with each request, so that what was not written is not counted.
    """

    name: str
    server: Server
    connections: int
    requests: Callable[[], Sequence[bytes]]
    written: Callable[[], int]
    writes_each: int
    answer_is_right: Callable[[str], bool]
    _command: list[str] = field(default_factory=list, init=False)
    _file: Path = field(default=Path(), init=False)

    def prepare(self, setting: Setting, row: Row) -> None:
        self._file = setting.scratch / f"{row.name}.{self.name}.requests"
        self._command = self._command_of(setting, setting.seconds)
        row.commands[f"load on {self.name}"] = " ".join(self._command)
        self._check_one(row)
        self._run(self._command_of(setting, _WARM_UP_S), _WARM_UP_S)

    def measure(self, setting: Setting) -> Sample:
        run, spent_s = self._run(self._command, setting.seconds)
        return {
            RATE.name: run.per_second,
            CPU.name: spent_s / run.answered * 1e6,
            P99.name: run.p99_us,
        }

    def _command_of(self, setting: Setting, seconds: int) -> list[str]:
        program = setting.build / "bench" / "http_load"
        port, core = self.server.http_port, setting.cores.client
        return http_load.command(program, port, self.connections, seconds, self._file, core)

    def _check_one(self, row: Row) -> None:
        before = self.written()
        request = self.requests()[0]
        answer = answer_to(self.server, request)
        if not self.answer_is_right(answer):
            raise Failure(f"{self.name} answers with something unexpected: {answer!r}")
        self._expect_written(before, 1)
        payload = request.partition(b"\r\n\r\n")[2]
        row.notes.append(
            f"{self.name}: {request.decode('ascii').splitlines()[0]}, "
            f"{len(payload)} bytes of body, answered with {len(answer)}"
        )

    def _run(self, command: list[str], seconds: int) -> tuple[http_load.Run, float]:
        """The run, and the CPU time in seconds that the server spent in it."""
        http_load.write_requests(self._file, self.requests())
        before, before_s = self.written(), self.server.program.cpu_s()
        run = http_load.run(command, seconds)
        spent_s = self.server.program.cpu_s() - before_s
        self._expect_written(before, run.answered)
        return run, spent_s

    def _expect_written(self, before: int, requests: int) -> None:
        written = self.written() - before
        if written != requests * self.writes_each:
            raise Failure(
                f"{self.name} answered {requests} requests and wrote {written} times, "
                f"not {requests * self.writes_each}"
            )


@dataclass
class DiskAlone:
    """The 4 KB writes, on the core where else the server is."""

    name: str = "dsync"

    def prepare(self, setting: Setting, row: Row) -> None:
        row.commands[self.name] = " ".join(self._command(setting, setting.seconds))
        dsync_writes.run(self._command(setting, _WARM_UP_S), _WARM_UP_S)

    def measure(self, setting: Setting) -> Sample:
        return {
            RATE.name: dsync_writes.run(self._command(setting, setting.seconds), setting.seconds)
        }

    @staticmethod
    def _command(setting: Setting, seconds: int) -> list[str]:
        program = setting.build / "bench" / "dsync_writes"
        return dsync_writes.command(program, setting.scratch, seconds, setting.cores.server)


def measure_alternating(setting: Setting, row: Row, sides: Sequence[Side]) -> None:
    """Fills the row's rounds. Each begins with another side, so that none has the best place."""
    for side in sides:
        side.prepare(setting, row)
    for number in range(setting.rounds):
        first = number % len(sides)
        samples: dict[str, Sample] = {}
        for side in (*sides[first:], *sides[:first]):
            samples[side.name] = side.measure(setting)
            setting.say(
                f"{row.name}, round {number + 1} of {setting.rounds}: "
                + said_of(side.name, samples[side.name])
            )
        row.rounds.append(samples)


def said_of(name: str, sample: Sample) -> str:
    """For a line of progress."""
    values = [
        f"{measure.name} {sample[measure.name]:,.{measure.decimals}f}"
        for measure in MEASURES
        if measure.name in sample
    ]
    return f"{name}: {', '.join(values)}"
