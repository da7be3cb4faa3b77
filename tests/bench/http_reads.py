"""The suite "http": how fast catalog and health are read over HTTP, against nginx, which serves the
same bytes from files, and Consul.

The server is on one core, wrk on the other. Each row first asks every side once and makes sure that
the answers are what the row is about, and then measures the sides in turn.
"""

from collections.abc import Callable, Mapping, Sequence

import certificates
import dns_servers
import http_access
import http_changes
import http_data
import http_sides
import http_tls
import nginx
import servers
from certificates import Certificate
from dns_data import FIRST_SERVICE
from http_changes import REFERENCE
from http_data import INSTANCES_EACH, LARGE_SERVICE, LARGE_SIZE, SERVICES
from http_sides import CPU, ERRORS, RATE, Side
from result import SUBJECT, Row, Target
from servers import Place, Server
from suite import Outcome, Setting, measure_rows

_HEALTH = f"/v1/health/service/{FIRST_SERVICE}?passing"
_NO_ERROR = Target(ERRORS.name, at_most=0)


class _Servers:
    """Those that the rows ask. Each is started when a row needs it first."""

    def __init__(self, setting: Setting):
        self._setting = setting
        self.instances = http_data.instances()
        self._files = setting.scratch / "files"
        self.place = Place(
            setting.scratch, setting.cores.server, lambda each: setting.cleanup.callback(each.stop)
        )
        self._running: dict[str, Server] = {}
        self._made: Certificate | None = None

    def rollcall(self) -> Server:
        program = self._setting.build / "rollcall"
        return self._once(
            SUBJECT, lambda: dns_servers.start_rollcall(self.place, program, self.instances)
        )

    def nginx(self, path: str, body: bytes) -> Server:
        """It answers the path with the body, in the way that is the cheaper one for its size."""
        nginx.put_file(self._files, path, body)
        sendfile = len(body) >= nginx.SENDFILE_BYTES
        name = "nginx-sendfile" if sendfile else "nginx"
        return self._once(
            name, lambda: nginx.start_nginx(name, self.place, self._files, sendfile)
        )

    def rollcall_with_tls(self) -> Server:
        program = self._setting.build / "rollcall"
        return self._once(
            "rollcall-tls",
            lambda: http_tls.start_rollcall(
                self.place, program, self.instances, self._certificate()
            ),
        )

    def nginx_with_tls(self, path: str, body: bytes) -> Server:
        """It answers the path with the body."""
        nginx.put_file(self._files, path, body)
        return self._once(
            "nginx-tls",
            lambda: nginx.start_nginx(
                "nginx-tls", self.place, self._files, False, self._certificate()
            ),
        )

    def consul(self) -> Server:
        return self._once("Consul", lambda: dns_servers.start_consul(self.place, self.instances))

    def commands(self) -> list[str]:
        """How those that were started were started."""
        return [f"{name}: {server.program.command}" for name, server in self._running.items()]

    def _certificate(self) -> Certificate:
        """One for all servers."""
        if self._made is None:
            program = self._setting.build / "rollcall"
            self._made = certificates.make(program, self._setting.scratch / "certificates")
        return self._made

    def _once(self, name: str, start: Callable[[], Server]) -> Server:
        if name not in self._running:
            self._setting.say(f"starting {name}")
            self._running[name] = start()
        return self._running[name]


class _Suite:
    """The rows, each by the name that `scripts/bench http/NAME` gives."""

    def __init__(self, setting: Setting):
        self._setting = setting
        self._servers = _Servers(setting)
        self.outcome = Outcome()

    def run(self, names: Sequence[str]) -> None:
        measure_rows(self._setting, names, lambda name: ROWS[name](self, name), self.outcome)
        self.outcome.commands = self._servers.commands()

    def health(self, name: str) -> Row:
        row = self._row(name, "health of 5 instances", 1)
        sides = self._rollcall_and_nginx(_HEALTH, INSTANCES_EACH)
        return self._measured(row, sides + self._consul_if_any(_HEALTH, INSTANCES_EACH))

    def catalog(self, name: str) -> Row:
        path = f"/v1/catalog/service/{FIRST_SERVICE}"
        row = self._row(name, "catalog of 5 instances", 0.9)
        sides = self._rollcall_and_nginx(path, INSTANCES_EACH)
        return self._measured(row, sides + self._consul_if_any(path, INSTANCES_EACH))

    def large(self, name: str) -> Row:
        path = f"/v1/health/service/{LARGE_SERVICE}?passing"
        row = self._row(name, "health of 1,000 instances", 0.9)
        sides = self._rollcall_and_nginx(path, LARGE_SIZE)
        return self._measured(row, sides + self._consul_if_any(path, LARGE_SIZE))

    def services(self, name: str) -> Row:
        row = self._row(name, "list of 10,000 services", 0.9)
        with_own = SERVICES + 1  # the registry's own, "consul"
        return self._measured(row, self._rollcall_and_nginx("/v1/catalog/services", with_own))

    def access(self, name: str) -> Row:
        row = Row(name, "health of 5 instances, with a token", http_sides.MEASURES)
        place, instances = self._servers.place, self._servers.instances
        http_access.measure(self._setting, row, place, instances, _HEALTH, INSTANCES_EACH)
        return row

    def https(self, name: str) -> Row:
        row = self._row(name, "health of 5 over TLS", 0.9)
        return self._measured(row, self._over_tls({}))

    def handshakes(self, name: str) -> Row:
        row = Row(name, "the same, each with its own connection", http_sides.MEASURES)
        row.targets = (Target(CPU.name, "nginx", at_most=1.1), _NO_ERROR)
        return self._measured(row, self._over_tls({"Connection": "close"}))

    def changes(self, name: str) -> Row:
        row = Row(name, "health of 5, other services change", http_changes.MEASURES)
        row.targets = http_changes.TARGETS
        row.notes.append(f'500 registrations a second; "{REFERENCE}" is without them')
        side = http_sides.asked_side(SUBJECT, self._servers.rollcall(), _HEALTH)
        http_sides.expect_entries(side, INSTANCES_EACH)
        http_sides.describe(self._setting, row, [side])
        changing = http_data.of_others(self._servers.instances)
        http_changes.measure_with_changes(self._setting, row, side, changing)
        return row

    def _row(self, name: str, work: str, of_nginx: float) -> Row:
        targets = (Target(RATE.name, "nginx", at_least=of_nginx), _NO_ERROR)
        return Row(name, work, http_sides.MEASURES, targets)

    def _rollcall_and_nginx(self, path: str, entries: int) -> list[Side]:
        """Both answer with the same body, of so many entries."""
        ours = http_sides.asked_side(SUBJECT, self._servers.rollcall(), path)
        http_sides.expect_entries(ours, entries)
        server = self._servers.nginx(path, ours.body)
        theirs = http_sides.asked_side(server.name, server, path)
        http_sides.expect_same_body(theirs, ours)
        return [ours, theirs]

    def _over_tls(self, headers: Mapping[str, str]) -> list[Side]:
        """Both have the same certificate, and answer with the same body."""
        ours = http_sides.asked_side(
            SUBJECT, self._servers.rollcall_with_tls(), _HEALTH, headers, "https"
        )
        http_sides.expect_entries(ours, INSTANCES_EACH)
        server = self._servers.nginx_with_tls(_HEALTH, ours.body)
        theirs = http_sides.asked_side(server.name, server, _HEALTH, headers, "https")
        http_sides.expect_same_body(theirs, ours)
        return [ours, theirs]

    def _consul_if_any(self, path: str, entries: int) -> list[Side]:
        if not dns_servers.has_consul():
            return []
        server = self._servers.consul()
        side = http_sides.asked_side(server.name, server, path)
        http_sides.expect_entries(side, entries)
        return [side]

    def _measured(self, row: Row, sides: list[Side]) -> Row:
        row.work += f", {len(sides[0].body):,} bytes"
        http_sides.describe(self._setting, row, sides)
        http_sides.measure_alternating(self._setting, row, sides)
        return row


ROWS: dict[str, Callable[[_Suite, str], Row]] = {
    "health": _Suite.health,
    "catalog": _Suite.catalog,
    "large": _Suite.large,
    "services": _Suite.services,
    "access": _Suite.access,
    "https": _Suite.https,
    "handshakes": _Suite.handshakes,
    "changes": _Suite.changes,
}


def run(setting: Setting, names: Sequence[str]) -> Outcome:
    """Measures the rows of these names."""
    peers = {"nginx": ["nginx", "-v"], "wrk": ["wrk", "-v"]}
    if dns_servers.has_consul():
        peers["Consul"] = ["consul", "version"]
    versions = servers.versions(setting.build, peers)
    suite = _Suite(setting)
    suite.run(names)
    suite.outcome.versions = versions
    if not dns_servers.has_consul():
        suite.outcome.remarks.append("no consul on the PATH: not compared with Consul")
    return suite.outcome
