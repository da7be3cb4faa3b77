"""The suite "writes": durable registrations and heartbeats, against the disk, etcd and a plain GET.

The server is on one core, http_load on the other. Each side's requests are made beforehand. After
each run the server's own count has to tell that it wrote as often as it answered.
"""

from collections.abc import Callable, Sequence

import dns_message
import etcd
import servers
import writes_data
from failure import Failure
from registering import register_all
from result import SUBJECT, Row, Target
from servers import Place, Server
from suite import Outcome, Setting, measure_rows
from writes_sides import MEASURES, RATE, DiskAlone, Loaded, Side, measure_alternating

_MANY_WRITERS = 64
_BEATING = 32


class _Suite:
    """The rows, each by the name that `scripts/bench writes/NAME` gives."""

    def __init__(self, setting: Setting):
        self._setting = setting
        self._place = Place(
            setting.scratch, setting.cores.server, lambda each: setting.cleanup.callback(each.stop)
        )
        self._changes = writes_data.Changes()
        self._rollcall: Server | None = None
        self.outcome = Outcome()

    def run(self, names: Sequence[str]) -> None:
        measure_rows(self._setting, names, lambda name: ROWS[name](self, name), self.outcome)

    def register_1(self, name: str) -> Row:
        row = Row(name, "durable registration, 1 connection", MEASURES)
        row.targets = (Target(RATE.name, "dsync", at_least=0.6),)
        row.notes.append('"dsync" is 4 KB writes with O_DSYNC to the same disk, one by one')
        measure_alternating(self._setting, row, [self._registering(1), DiskAlone()])
        return row

    def register_64(self, name: str) -> Row:
        row = Row(name, f"durable registration, {_MANY_WRITERS} connections", MEASURES)
        row.targets = (Target(RATE.name, "etcd", at_least=3),)
        rollcall = self._registering(_MANY_WRITERS)  # started first, and so listed first
        self._setting.say("starting etcd")
        server = self._started(etcd.start(self._place))
        puts = Loaded(
            server.name,
            server,
            _MANY_WRITERS,
            requests=self._changes.etcd_puts,
            written=lambda: etcd.revision(server),
            writes_each=1,
            answer_is_right=lambda answer: etcd.revision_in(answer) > 0,
        )
        measure_alternating(self._setting, row, [rollcall, puts])
        server.program.stop()
        return row

    def heartbeat(self, name: str) -> Row:
        row = Row(name, f"heartbeat, {_BEATING} connections", MEASURES)
        row.targets = (Target(RATE.name, "GET", at_least=0.9),)
        row.notes.append('"GET" is the smallest answer of the same server')
        server = self._server()
        self._setting.say("registering checks")
        writes_data.register_checks(server.http_port)
        beats = self._unwritten(SUBJECT, writes_data.heartbeats, lambda answer: answer == "")
        gets = self._unwritten("GET", writes_data.smallest_get, lambda answer: len(answer) > 2)
        measure_alternating(self._setting, row, [beats, gets])
        return row

    def _registering(self, connections: int) -> Side:
        server = self._server()
        return Loaded(
            SUBJECT,
            server,
            connections,
            requests=self._changes.registrations,
            written=lambda: _catalog_index(server),
            writes_each=1,
            answer_is_right=lambda answer: answer == "true",
        )

    def _unwritten(
        self, name: str, requests: Callable[[], list[bytes]], is_right: Callable[[str], bool]
    ) -> Side:
        """rollcall with requests that change nothing."""
        server = self._server()
        return Loaded(
            name,
            server,
            _BEATING,
            requests=requests,
            written=lambda: _catalog_index(server),
            writes_each=0,
            answer_is_right=is_right,
        )

    def _server(self) -> Server:
        """rollcall, filled. One for all rows."""
        if self._rollcall is None:
            self._setting.say("starting rollcall")
            program = self._setting.build / "rollcall"
            self._rollcall = self._started(servers.start_rollcall(self._place, program))
            register_all(self._rollcall.http_port, writes_data.INSTANCES)
        return self._rollcall

    def _started(self, server: Server) -> Server:
        self.outcome.commands.append(f"{server.name}: {server.program.command}")
        return server


def _catalog_index(server: Server) -> int:
    """It counts the changes. A registration of what is there already is none."""
    serial = dns_message.ask(server.dns_port, "consul", "SOA").serial
    if serial is None:
        raise Failure(f"{server.name} gives no SOA")
    return serial


ROWS: dict[str, Callable[[_Suite, str], Row]] = {
    "register-1": _Suite.register_1,
    "register-64": _Suite.register_64,
    "heartbeat": _Suite.heartbeat,
}


def run(setting: Setting, names: Sequence[str]) -> Outcome:
    """Measures the rows of these names."""
    suite = _Suite(setting)
    suite.outcome.versions = servers.versions(setting.build, {"etcd": ["etcd", "--version"]})
    suite.run(names)
    return suite.outcome
