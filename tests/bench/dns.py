"""The suite "dns": CPU time of an answer over UDP, against Knot DNS, NSD, Consul and a bare echo.

The server is on one core, dnsperf on the other. Each row first makes sure, with questions of its
own, that every side gives the answers that the row is about, and then measures the sides in turn.
"""

from collections.abc import Callable, Sequence

import dns_changes
import dns_data
import dns_servers
import dns_sides
import servers
from dns_changes import REFERENCE, Changes
from dns_data import ABSENT_SERVICE, FIRST_SERVICE, SERVICE_OF_10, SERVICE_OF_5000, Instance
from dns_sides import CPU, LOST, RATE, Expected, Questions, Side
from failure import Failure
from result import SUBJECT, Row, Target
from servers import Place, Server
from suite import Outcome, Setting, measure_rows

_SRV_OF_5 = Expected(answer={"SRV": 5}, additional={"A": 5})
# What of a large service has room in 512 bytes, the limit without EDNS.
_SRV_CUT = Expected(truncated=True, answer={"SRV": 7}, additional={"A": 7})
_NO_ANSWER_LOST = Target(LOST.name, at_most=0)
_NOT_ABOVE_KNOT = Target(CPU.name, "Knot", at_most=1)
_NEAR_THE_LIMIT = Target(CPU.name, "echo", at_most=1.15)


class _Servers:
    """Those that the rows ask. Each is started when a row needs it first."""

    def __init__(self, setting: Setting):
        self._setting = setting
        self.instances = dns_data.instances()
        self._place = Place(
            setting.scratch, setting.cores.server, lambda each: setting.cleanup.callback(each.stop)
        )
        self._running: dict[str, Server] = {}

    def rollcall(self) -> Server:
        program = self._setting.build / "rollcall"
        return self._once(
            SUBJECT, lambda: dns_servers.start_rollcall(self._place, program, self.instances)
        )

    def peers(self) -> list[Server]:
        """Knot DNS, NSD, and Consul where there is one."""
        start = {"Knot": dns_servers.start_knot, "NSD": dns_servers.start_nsd}
        if dns_servers.has_consul():
            start["Consul"] = dns_servers.start_consul
        return [
            self._once(name, lambda: starting(self._place, self.instances))
            for name, starting in start.items()
        ]

    def echo(self, answer_bytes: int) -> Server:
        """A new one; to be stopped after its row."""
        program = self._setting.build / "bench" / "dns_echo"
        return dns_servers.start_echo(self._place, program, answer_bytes)

    def commands(self) -> list[str]:
        """How those that were started were started."""
        return [f"{name}: {server.program.command}" for name, server in self._running.items()]

    def _once(self, name: str, start: Callable[[], Server]) -> Server:
        if name not in self._running:
            self._setting.say(f"starting {name}")
            self._running[name] = start()
        return self._running[name]


class _Suite:
    """The rows, each by the name that `scripts/bench dns/NAME` gives."""

    def __init__(self, setting: Setting):
        self._setting = setting
        self._servers = _Servers(setting)
        self._instances = self._servers.instances
        self._addresses = dns_data.addresses(self._instances)
        self._ordinary = dns_data.ordinary_services()
        self.outcome = Outcome()

    def run(self, names: Sequence[str]) -> None:
        measure_rows(self._setting, names, lambda name: ROWS[name](self, name), self.outcome)
        self.outcome.commands = self._servers.commands()

    def srv(self, name: str) -> Row:
        return self._against_peers(
            Row(name, "SRV, 5 instances and addresses", (CPU, RATE, LOST)),
            self._questions(name, [FIRST_SERVICE], "SRV"),
            _SRV_OF_5,
            (_NOT_ABOVE_KNOT, _NEAR_THE_LIMIT),
        )

    def a(self, name: str) -> Row:
        return self._against_peers(
            Row(name, "A, 5 instances", (CPU, RATE, LOST)),
            self._questions(name, [FIRST_SERVICE], "A"),
            Expected(answer={"A": 5}),
            (_NOT_ABOVE_KNOT,),
        )

    def nxdomain(self, name: str) -> Row:
        return self._against_peers(
            Row(name, "NXDOMAIN", (CPU, RATE, LOST)),
            self._questions(name, [ABSENT_SERVICE], "SRV"),
            Expected(rcode="NXDOMAIN"),
            (_NOT_ABOVE_KNOT,),
        )

    def services(self, name: str) -> Row:
        return self._against_peers(
            Row(name, "SRV, 1,000 services at random", (CPU, RATE, LOST)),
            self._questions(name, self._ordinary, "SRV"),
            _SRV_OF_5,
            (_NOT_ABOVE_KNOT,),
        )

    def large(self, name: str) -> Row:
        row = Row(name, "SRV, a service of 5,000, cut", (CPU, RATE, LOST))
        row.targets = (
            Target(CPU.name, REFERENCE, at_most=1.11),  # 0.9 of the answers for the same time
            Target(RATE.name, REFERENCE, at_least=0.9),
            _NO_ANSWER_LOST,
        )
        row.notes.append(f'"{REFERENCE}" is a service of 10, cut to the same number of bytes')
        sides = [
            self._side(SUBJECT, self._questions(name, [SERVICE_OF_5000], "SRV"), _SRV_CUT),
            self._side(REFERENCE, self._questions(f"{name}-10", [SERVICE_OF_10], "SRV"), _SRV_CUT),
        ]
        if sides[0].answer_bytes != sides[1].answer_bytes:
            sizes = [side.answer_bytes for side in sides]
            raise Failure(f"the cut answers differ in size, {sizes}: there is nothing to compare")
        dns_sides.describe(self._setting, row, sides)
        dns_sides.measure_alternating(self._setting, row, sides)
        return row

    def changes_elsewhere(self, name: str) -> Row:
        others = set(self._ordinary) - {FIRST_SERVICE}
        return self._with_changes(
            Row(name, "SRV, other services change", dns_changes.MEASURES),
            [FIRST_SERVICE],
            Changes(self._of(others), (8081, 8082)),
        )

    def changes_here(self, name: str) -> Row:
        return self._with_changes(
            Row(name, "SRV, the service itself changes", dns_changes.MEASURES),
            [FIRST_SERVICE],
            Changes(self._of({FIRST_SERVICE}), (8083, 8084)),
        )

    def changes_everywhere(self, name: str) -> Row:
        return self._with_changes(
            Row(name, "SRV, 1,000 services, they change", dns_changes.MEASURES),
            self._ordinary,
            Changes(self._of(set(self._ordinary)), (8085, 8086)),
        )

    def _against_peers(
        self, row: Row, questions: Questions, expected: Expected, targets: tuple[Target, ...]
    ) -> Row:
        """rollcall, the peers, and the echo with as many bytes as rollcall's answer has."""
        row.targets = (*targets, _NO_ANSWER_LOST)
        sides = [self._side(SUBJECT, questions, expected)]
        sides += [
            dns_sides.checked_side(server.name, server, questions, expected, self._addresses)
            for server in self._servers.peers()
        ]
        size = sides[0].answer_bytes
        row.work += f", {size} bytes"
        echo = self._servers.echo(size)
        sides.append(Side(echo.name, echo, questions, "NOERROR", size))
        dns_sides.describe(self._setting, row, sides)
        dns_sides.measure_alternating(self._setting, row, sides)
        echo.program.stop()
        return row

    def _with_changes(self, row: Row, services: Sequence[str], changes: Changes) -> Row:
        row.targets = dns_changes.TARGETS
        row.notes.append(
            f'500 registrations a second; "{REFERENCE}" is without them. docs/performance.md says '
            "which CPU time is in which line"
        )
        side = self._side(SUBJECT, self._questions(row.name, services, "SRV"), _SRV_OF_5)
        dns_sides.describe(self._setting, row, [side])
        dns_changes.measure_with_changes(self._setting, row, side, changes)
        return row

    def _questions(self, name: str, services: Sequence[str], type_name: str) -> Questions:
        path = self._setting.scratch / f"{name}.questions"
        dns_data.write_questions(path, services, type_name)
        return Questions(path, services, type_name)

    def _side(self, name: str, questions: Questions, expected: Expected) -> Side:
        server = self._servers.rollcall()
        return dns_sides.checked_side(name, server, questions, expected, self._addresses)

    def _of(self, services: set[str]) -> list[Instance]:
        return [instance for instance in self._instances if instance.service in services]


ROWS: dict[str, Callable[[_Suite, str], Row]] = {
    "srv": _Suite.srv,
    "a": _Suite.a,
    "nxdomain": _Suite.nxdomain,
    "services": _Suite.services,
    "large": _Suite.large,
    "changes-elsewhere": _Suite.changes_elsewhere,
    "changes-here": _Suite.changes_here,
    "changes-everywhere": _Suite.changes_everywhere,
}


def run(setting: Setting, names: Sequence[str]) -> Outcome:
    """Measures the rows of these names."""
    peers = {"Knot DNS": ["knotd", "-V"], "NSD": ["nsd", "-v"], "dnsperf": ["dnsperf", "-h"]}
    if dns_servers.has_consul():
        peers["Consul"] = ["consul", "version"]
    versions = servers.versions(setting.build, peers)
    suite = _Suite(setting)
    suite.run(names)
    suite.outcome.versions = versions
    if not dns_servers.has_consul():
        suite.outcome.remarks.append("no consul on the PATH: not compared with Consul")
    return suite.outcome
