"""The suite "cluster": servers on an etcd of three members, against etcd alone and against a
server with a store of its own.

In the rows of reads the server that is measured has a core to itself, and etcd and who asks share
the other one. In all others nothing is pinned: ten programs share two cores, on both sides of a
comparison.
"""

from collections.abc import Callable, Sequence

import cluster_changes
import cluster_heartbeats
import cluster_join
import cluster_memory
import servers
from cluster_large import LargeCluster
from cluster_reads import Reads
from cluster_writes import Writes
from result import Row
from servers import Place
from suite import Outcome, Setting, measure_rows


class _Suite:
    """The rows, each by the name that `scripts/bench cluster/NAME` gives."""

    def __init__(self, setting: Setting):
        self._setting = setting
        self._reads: Reads | None = None
        self._large: LargeCluster | None = None
        self.outcome = Outcome()

    def run(self, names: Sequence[str]) -> None:
        measure_rows(self._setting, names, lambda name: ROWS[name](self, name), self.outcome)

    def register_64(self, name: str) -> Row:
        return Writes(self._setting, self._place(name)).measure(name)

    def http(self, name: str) -> Row:
        return self._reader().http(name)

    def dns(self, name: str) -> Row:
        return self._reader().dns(name)

    def changes(self, name: str) -> Row:
        self._stop_reads()
        return cluster_changes.measure(self._setting, self._place(name), name)

    def join(self, name: str) -> Row:
        return cluster_join.measure(self._setting, self._with_many(), name)

    def heartbeats(self, name: str) -> Row:
        return cluster_heartbeats.measure(self._setting, self._with_many(), name)

    def memory(self, name: str) -> Row:
        return cluster_memory.measure(self._setting, self._with_many(), name)

    def _reader(self) -> Reads:
        if self._reads is None:
            cores = self._setting.cores
            self._reads = Reads(
                self._setting, self._place("reads", cores.server), self._place("etcd", cores.client)
            )
        return self._reads

    def _stop_reads(self) -> None:
        if self._reads is not None:
            self._reads.stop()
            self._reads = None

    def _with_many(self) -> LargeCluster:
        self._stop_reads()
        if self._large is None:
            self._large = LargeCluster(self._setting, self._place("many"))
        return self._large

    def _place(self, name: str, core: int | None = None) -> Place:
        """On that core, or on both."""
        scratch, cores = self._setting.scratch / name, self._setting.cores
        scratch.mkdir()
        both = f"{cores.server},{cores.client}"
        cleanup = self._setting.cleanup
        return Place(
            scratch, both if core is None else core, lambda each: cleanup.callback(each.stop)
        )


ROWS: dict[str, Callable[[_Suite, str], Row]] = {
    "register-64": _Suite.register_64,
    "http": _Suite.http,
    "dns": _Suite.dns,
    "changes": _Suite.changes,
    "join": _Suite.join,
    "heartbeats": _Suite.heartbeats,
    "memory": _Suite.memory,
}


def run(setting: Setting, names: Sequence[str]) -> Outcome:
    """Measures the rows of these names."""
    suite = _Suite(setting)
    suite.outcome.versions = servers.versions(setting.build, {"etcd": ["etcd", "--version"]})
    suite.run(names)
    return suite.outcome
