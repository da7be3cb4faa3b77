"""The suite "scale": what a catalog of a million instances costs, and many checks that expire.

But for the last rows (storm.py), programs that hold a catalog of their own do the work, on the
server's core and without sockets: catalog_scale.cc, catalog_expiry.cc and micro/catalog_micro.cc.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import servers
import storm
from failure import Failure
from process import output_of, pinned
from result import SUBJECT, Measure, Row, Target
from suite import Outcome, Setting, measure_rows

_INSTANCES = 1_000_000
_SERVICES = 50_000
_FEW_INSTANCES = 1_000
_FEW_SERVICES = 50
# Each takes a minute, and varies little.
_MOST_ROUNDS = 3
_PATIENCE_S = 1800

_MEMORY = Measure("bytes/instance")
_SECONDS = Measure("seconds", 2)
_REGISTER = Measure("CPU us/registration", 1)
_WAKE = Measure("CPU ns/change")
_CORE = Measure("% of a core", 2)
_LATE_MEDIAN = Measure("ms late, median", 1)
_LATE_P99 = Measure("ms late, 99th of 100", 1)
_LATE_MAX = Measure("ms late, at most", 1)
_HEARTBEATS = Measure("heartbeats/s")

_SCAN = "scan"
_FEW = "1,000"
_TEN = "10"
_HEARTBEATS_PER_S = 100_000
_UNRENEWED = 600
# Of the wheel, see registry/catalog/timer_wheel.h.
_TICK_NS = 16e6


def parse_figures(output: str) -> dict[str, float]:
    """What catalog_scale and catalog_expiry say: a line of a name and a number each."""
    figures = {}
    for line in output.splitlines():
        name, _, value = line.partition(" ")
        try:
            figures[name] = float(value)
        except ValueError as error:
            raise Failure(f'a program said something unexpected: "{line}"') from error
    return figures


def parse_expiry(output: str) -> dict[str, float]:
    """What catalog_expiry says, by the names of the measures."""
    figures = parse_figures(output)
    try:
        return {
            _CORE.name: figures["writer_percent"],
            _LATE_MEDIAN.name: figures["late_p50_ms"],
            _LATE_P99.name: figures["late_p99_ms"],
            _LATE_MAX.name: figures["late_max_ms"],
            _HEARTBEATS.name: figures["heartbeats"],
        }
    except KeyError as missing:
        raise Failure(f"catalog_expiry did not say {missing}", output) from missing


def parse_micro(output: str) -> dict[str, float]:
    """The CPU time in ns of each benchmark, by its name, of Google Benchmark's JSON."""
    try:
        runs = json.loads(output)["benchmarks"]
        return {run["name"]: float(run["cpu_time"]) for run in runs}
    except (ValueError, KeyError, TypeError) as error:
        raise Failure(f"catalog_micro said something unexpected: {error}") from error


@dataclass(frozen=True)
class _Round:
    """What catalog_scale measured of many instances and of few."""

    many: Mapping[str, float]
    many_on_two_cores: Mapping[str, float]
    few: Mapping[str, float]


class _Suite:
    """The rows, each by the name that `scripts/bench scale/NAME` gives."""

    def __init__(self, setting: Setting):
        self._setting = setting
        self._filled: dict[str, float] | None = None
        self._rounds: list[_Round] = []
        self.outcome = Outcome()

    def run(self, names: Sequence[str]) -> None:
        measure_rows(self._setting, names, lambda name: ROWS[name](self, name), self.outcome)

    def memory(self, name: str) -> Row:
        row = Row(name, "an instance with node, check, tags, meta", (_MEMORY,))
        row.targets = (Target(_MEMORY.name, at_most=1024),)
        row.rounds.append({SUBJECT: {_MEMORY.name: self._fill()["memory_bytes"]}})
        return row

    def start(self, name: str) -> Row:
        row = Row(name, "start with 1,000,000 instances, one core", (_SECONDS,))
        return self._start(row, [measured.many for measured in self._measured()])

    def start_cores(self, name: str) -> Row:
        row = Row(name, "start with 1,000,000 instances, two cores", (_SECONDS,))
        return self._start(row, [measured.many_on_two_cores for measured in self._measured()])

    def _start(self, row: Row, rounds: Sequence[Mapping[str, float]]) -> Row:
        row.targets = (Target(_SECONDS.name, _SCAN, at_most=3),)
        row.notes.append(f'"{_SCAN}" reads the same keys and values with RocksDB alone')
        for figures in rounds:
            row.rounds.append(
                {
                    SUBJECT: {_SECONDS.name: figures["load_s"]},
                    _SCAN: {_SECONDS.name: figures["scan_s"]},
                }
            )
        return row

    def register(self, name: str) -> Row:
        row = Row(name, "a registration among 1,000,000 instances", (_REGISTER,))
        row.targets = (Target(_REGISTER.name, _FEW, at_most=1.5),)
        row.notes.append(f'"{_FEW}" is among so many. Durable, one after the other, without HTTP')
        for measured in self._measured():
            row.rounds.append(
                {
                    SUBJECT: {_REGISTER.name: measured.many["register_us"]},
                    _FEW: {_REGISTER.name: measured.few["register_us"]},
                }
            )
        return row

    def wake(self, name: str) -> Row:
        row = Row(name, "waking 10 of 1,000,000 waiters of 100,000 keys", (_WAKE,))
        row.targets = (Target(_WAKE.name, _TEN, at_most=2),)
        row.notes.append(f'"{_TEN}" is waking 10 of 10')
        for _ in range(self._setting.rounds):
            cpu_ns = self._micro("BM_WakeTenOf")
            row.rounds.append(
                {
                    SUBJECT: {_WAKE.name: cpu_ns["BM_WakeTenOf/1000000"]},
                    _TEN: {_WAKE.name: cpu_ns["BM_WakeTenOf/10"]},
                }
            )
        return row

    def wheel(self, name: str) -> Row:
        row = Row(name, "the wheel with 1,000,000 TTLs of 30 s, renewed", (_CORE,))
        row.targets = (Target(_CORE.name, at_most=5),)
        for _ in range(self._setting.rounds):
            cpu_ns = self._micro("BM_WheelTick/1000000")["BM_WheelTick/1000000"]
            row.rounds.append({SUBJECT: {_CORE.name: cpu_ns / _TICK_NS * 100}})
        return row

    def expiry(self, name: str) -> Row:
        measures = (_CORE, _LATE_MEDIAN, _LATE_P99, _LATE_MAX, _HEARTBEATS)
        row = Row(name, "1,000,000 TTL checks, 20 expire each second", measures)
        row.targets = (Target(_CORE.name, at_most=5), Target(_LATE_MAX.name, at_most=100))
        row.notes.append("the heartbeats come from a thread on the same core")
        for number in range(min(self._setting.rounds, _MOST_ROUNDS)):
            path = self._setting.scratch / f"expiry-{number}"
            sizes = (_INSTANCES, _HEARTBEATS_PER_S, _UNRENEWED)
            sample = parse_expiry(self._program("catalog_expiry", path, *sizes))
            row.rounds.append({SUBJECT: sample})
            self._setting.say(
                f"round {number + 1}: {sample[_CORE.name]:.2f} % of a core, "
                f"{sample[_LATE_MAX.name]:.1f} ms late at most"
            )
        return row

    def storm_dns(self, name: str) -> Row:
        row = Row(name, "DNS while 100,000 checks expire at once", storm.MEASURES)
        return self._storm(row, storm.measure_dns)

    def storm_http(self, name: str) -> Row:
        row = Row(name, "HTTP while 100,000 checks expire at once", storm.MEASURES)
        return self._storm(row, storm.measure_http)

    def _storm(self, row: Row, measure_once: Callable[[Setting, Row], None]) -> Row:
        row.targets = storm.TARGETS
        row.notes.append(f'"{storm.REFERENCE}" is the same load in the seconds before')
        for _ in range(min(self._setting.rounds, _MOST_ROUNDS)):
            measure_once(self._setting, row)
        return row

    def _fill(self) -> dict[str, float]:
        if self._filled is None:
            self._setting.say(f"registering {_INSTANCES:,} instances")
            self._filled = self._scale("many", _INSTANCES, _SERVICES)
            self._scale("few", _FEW_INSTANCES, _FEW_SERVICES)
        return self._filled

    def _measured(self) -> "list[_Round]":
        self._fill()
        rounds = min(self._setting.rounds, _MOST_ROUNDS)
        while len(self._rounds) < rounds:
            many = self._scale("many", _INSTANCES, _SERVICES)
            two_cores = self._scale("many", _INSTANCES, _SERVICES, self._both_cores())
            few = self._scale("few", _FEW_INSTANCES, _FEW_SERVICES)
            self._rounds.append(_Round(many, two_cores, few))
            self._setting.say(
                f"round {len(self._rounds)} of {rounds}: start {many['load_s']:.1f} s, on two "
                f"cores {two_cores['load_s']:.1f} s, scan {many['scan_s']:.1f} s, registration "
                f"{many['register_us']:.0f} us, among few {few['register_us']:.0f} us"
            )
        return self._rounds

    def _both_cores(self) -> str:
        return f"{self._setting.cores.server},{self._setting.cores.client}"

    def _scale(
        self, folder: str, instances: int, services: int, cores: str | None = None
    ) -> dict[str, float]:
        path = self._setting.scratch / folder
        output = self._program("catalog_scale", path, instances, services, cores=cores)
        return parse_figures(output)

    def _program(self, name: str, path: Path, *numbers: int, cores: str | None = None) -> str:
        """On the server's core, or on these."""
        program = self._setting.build / "bench" / name
        command = [str(program), str(path), *map(str, numbers)]
        cores = str(self._setting.cores.server) if cores is None else cores
        return output_of(name, pinned(cores, command), _PATIENCE_S)

    def _micro(self, benchmark: str) -> Mapping[str, float]:
        program = self._setting.build / "bench" / "catalog_micro"
        command = [str(program), f"--benchmark_filter={benchmark}", "--benchmark_format=json"]
        pinned_command = pinned(self._setting.cores.server, command)
        return parse_micro(output_of("catalog_micro", pinned_command, _PATIENCE_S))


ROWS: dict[str, Callable[[_Suite, str], Row]] = {
    "memory": _Suite.memory,
    "start": _Suite.start,
    "start-cores": _Suite.start_cores,
    "register": _Suite.register,
    "wake": _Suite.wake,
    "wheel": _Suite.wheel,
    "expiry": _Suite.expiry,
    "storm-dns": _Suite.storm_dns,
    "storm-http": _Suite.storm_http,
}


def run(setting: Setting, names: Sequence[str]) -> Outcome:
    """Measures the rows of these names."""
    suite = _Suite(setting)
    suite.run(names)
    suite.outcome.versions = servers.versions(setting.build, {})
    return suite.outcome
