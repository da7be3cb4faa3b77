"""The suite "watches": how changes reach blocking queries that wait, and what those cost in memory.

The server is on one core, the watchers and who changes something are on the other. The watchers are
programs of their own (watch_load), which make sure that what they hear is what there is.
"""

import itertools
import statistics
from collections.abc import Callable, Sequence

import memory
import servers
from dns_data import Instance
from failure import Failure
from process import Program
from registering import register_all, write_changes
from result import SUBJECT, Measure, Row, Sample, Target
from servers import Place, Server
from suite import Outcome, Setting, measure_rows
from watching import Change, Watched, Watchers

_ITSELF = "itself"
_SENDS = "sends"

_LAST = Measure("us to the last watcher")
_MEDIAN = Measure("us to the median watcher")
_FIRST = Measure("us to the first watcher")
_PUT = Measure("us to register")
_CPU = Measure("CPU us/change")
_MEMORY = Measure("KB/watcher", 2)
_CHANGE_MEASURES = (_LAST, _MEDIAN, _FIRST, _PUT, _CPU)

_SERVICES = 1500
_INSTANCES_EACH = 5
_WATCHERS_OF_ONE = 5000
_WATCHERS_OF_ALL = 15000
_WATCHERS_OF_EACH = _WATCHERS_OF_ALL // _SERVICES
# Each program that makes changes has two of its own, of five digits: the first one that it makes
# must change something, whoever made the last, and leave the size of the answer as it is.
_FIRST_PORT = 10000


class _Suite:
    """The rows, each by the name that `scripts/bench watches/NAME` gives."""

    def __init__(self, setting: Setting):
        self._setting = setting
        self._names = [f"svc-{number:04}" for number in range(_SERVICES)]
        self._instances = [
            Instance(service, f"n-{number:05}", f"10.0.{number >> 8}.{number & 255}")
            for number, service in enumerate(
                name for name in self._names for _ in range(_INSTANCES_EACH)
            )
        ]
        self._numbers = itertools.count()
        self._server: Server | None = None
        self.outcome = Outcome()

    def run(self, names: Sequence[str]) -> None:
        measure_rows(self._setting, names, lambda name: ROWS[name](self, name), self.outcome)

    def fan_out(self, name: str) -> Row:
        row = Row(name, f"a change, {_WATCHERS_OF_ONE:,} watch the service", _CHANGE_MEASURES)
        row.targets = (Target(_LAST.name, _SENDS, at_most=2),)
        server = self._shared_server()
        watchers = self._watchers(server, _WATCHERS_OF_ONE, self._names[:1])
        size = _park_and_warm_up(watchers).answer_bytes
        echo = self._echo(size)
        watchers_of_echo = self._watchers(echo, _WATCHERS_OF_ONE, self._names[:1])
        _park_and_warm_up(watchers_of_echo)
        row.notes.append(
            f'bytes of an answer: {size}. "{_SENDS}" sends as many to each of as many connections'
        )
        row.commands[f"watchers of {SUBJECT}"] = watchers.command
        row.commands[f"watchers of {_SENDS}"] = watchers_of_echo.command
        row.commands[_SENDS] = echo.program.command
        parked = {SUBJECT: (server, watchers), _SENDS: (echo, watchers_of_echo)}
        for number in range(self._setting.rounds):
            samples: dict[str, Sample] = {}
            for side in _in_turn((SUBJECT, _SENDS), number):
                samples[side] = self._measure(parked[side][0].program, parked[side][1])
                self._say_of(row, number, side, samples[side])
            # There is nothing to register, and what comes before the first send is not the loop's.
            samples[_SENDS] = {
                measure.name: samples[_SENDS][measure.name] for measure in (_LAST, _MEDIAN, _CPU)
            }
            row.rounds.append(samples)
        watchers_of_echo.end()
        watchers.end()
        echo.program.stop()
        return row

    def others(self, name: str) -> Row:
        row = Row(
            name,
            f"a change, {_WATCHERS_OF_EACH} watch the service, {_WATCHERS_OF_ALL:,} in all",
            _CHANGE_MEASURES,
        )
        row.targets = (Target(_LAST.name, _ITSELF, at_most=1.5),)
        row.notes.append(f'"{_ITSELF}" is with the {_WATCHERS_OF_EACH} watchers alone')
        server = self._shared_server()
        watched = {
            SUBJECT: (_WATCHERS_OF_ALL, self._names),
            _ITSELF: (_WATCHERS_OF_EACH, self._names[:1]),
        }
        for number in range(self._setting.rounds):
            samples: dict[str, Sample] = {}
            for side in _in_turn((SUBJECT, _ITSELF), number):
                watchers = self._watchers(server, *watched[side])
                row.commands[f"watchers of {side}"] = watchers.command
                _park_and_warm_up(watchers)
                samples[side] = self._measure(server.program, watchers)
                self._say_of(row, number, side, samples[side])
                watchers.end()
            row.rounds.append(samples)
        return row

    def memory(self, name: str) -> Row:
        row = Row(name, f"{_WATCHERS_OF_ALL:,} watchers of {_SERVICES:,} services", (_MEMORY,))
        row.targets = (Target(_MEMORY.name, at_most=4),)
        row.notes.append("a new server in each round; proportional set, the kernel's sockets apart")
        for number in range(self._setting.rounds):
            server = self._new_server(f"memory-{number}")
            watchers = self._watchers(server, _WATCHERS_OF_ALL, self._names)
            row.commands[SUBJECT] = server.program.command
            row.commands["watchers"] = watchers.command
            before_kib = memory.proportional_kib(server.program.pid)
            watchers.park()
            grown_kib = memory.proportional_kib(server.program.pid) - before_kib
            row.rounds.append({SUBJECT: {_MEMORY.name: grown_kib / _WATCHERS_OF_ALL}})
            self._setting.say(
                f"{name}, round {number + 1} of {self._setting.rounds}: "
                f"{grown_kib / _WATCHERS_OF_ALL:.2f} KB/watcher"
            )
            watchers.end()
            server.program.stop()
        return row

    def _shared_server(self) -> Server:
        """Of the rows that measure changes."""
        if self._server is None:
            self._server = self._new_server(SUBJECT)
            self.outcome.commands.append(f"{SUBJECT}: {self._server.program.command}")
        return self._server

    def _new_server(self, name: str) -> Server:
        """rollcall, with 1,500 services of 5. `name` is that of its folder."""
        self._setting.say(f"starting {SUBJECT}")
        server = servers.start_rollcall(self._place(name), self._setting.build / "rollcall")
        try:
            register_all(server.http_port, self._instances)
        except Failure as failure:
            raise Failure(str(failure), server.program.log_tail()) from failure
        return server

    def _echo(self, answer_bytes: int) -> Server:
        """The bare loop of sends, whose answers have that many bytes; to be stopped by the row."""
        port = servers.free_port()
        program = self._setting.build / "bench" / "watch_echo"
        echo = self._place(_SENDS).start(_SENDS, [str(program), str(port), str(answer_bytes)])
        servers.await_port(echo, port)
        return Server(_SENDS, echo, http_port=port)

    def _place(self, name: str) -> Place:
        scratch = self._setting.scratch / name
        scratch.mkdir()
        cleanup = self._setting.cleanup
        return Place(scratch, self._setting.cores.server, lambda each: cleanup.callback(each.stop))

    def _watchers(self, server: Server, count: int, services: Sequence[str]) -> Watchers:
        """Not parked yet; to be ended by the row. Changes are of the first service."""
        number = next(self._numbers)
        names = self._setting.scratch / f"{number}.services"
        names.write_text("".join(f"{service}\n" for service in services), encoding="ascii")
        changes = self._setting.scratch / f"{number}.changes"
        port = _FIRST_PORT + 2 * number
        instance = next(each for each in self._instances if each.service == services[0])
        write_changes(changes, [instance], (port, port + 1))
        watchers = Watchers(
            self._setting.build / "bench" / "watch_load",
            server.http_port,
            Watched(count, names, changes),
            self._setting.cores.client,
        )
        self._setting.cleanup.callback(watchers.end)
        return watchers

    def _measure(self, server: Program, watchers: Watchers) -> Sample:
        """One run: the medians over its changes, and the CPU time of the server for each."""
        before_s = server.cpu_s()
        changes = watchers.change(self._setting.seconds)
        spent_s = server.cpu_s() - before_s
        return {**sample_of(changes), _CPU.name: spent_s / len(changes) * 1e6}

    def _say_of(self, row: Row, number: int, side: str, sample: Sample) -> None:
        self._setting.say(
            f"{row.name}, round {number + 1} of {self._setting.rounds}: {side} "
            f"{sample[_LAST.name]:,.0f} us to the last watcher"
        )


def _park_and_warm_up(watchers: Watchers) -> Change:
    """Hands back a change that does not count."""
    watchers.park()
    return watchers.change(0)[-1]


def sample_of(changes: Sequence[Change]) -> Sample:
    """A run's changes as values of one round: the median of each."""
    return {
        _LAST.name: statistics.median(change.last_us for change in changes),
        _MEDIAN.name: statistics.median(change.median_us for change in changes),
        _FIRST.name: statistics.median(change.first_us for change in changes),
        _PUT.name: statistics.median(change.put_us for change in changes),
    }


def _in_turn(sides: tuple[str, str], number: int) -> tuple[str, str]:
    """Each round begins with another side, so that none has the better place."""
    return sides if number % 2 == 0 else (sides[1], sides[0])


ROWS: dict[str, Callable[[_Suite, str], Row]] = {
    "fan-out": _Suite.fan_out,
    "others": _Suite.others,
    "memory": _Suite.memory,
}


def run(setting: Setting, names: Sequence[str]) -> Outcome:
    """Measures the rows of these names."""
    versions = servers.versions(setting.build, {})
    suite = _Suite(setting)
    suite.run(names)
    suite.outcome.versions = versions
    return suite.outcome
