"""The row "heartbeats" of the suite "cluster": what a heartbeat costs the server that takes it and
the one that owns expiry, to which it is passed on.

Paced: 20,000 a second for 100,000 checks in turn, so that each is passed on by itself. Nothing is
pinned.
"""

from functools import partial

import cluster_data
import cluster_servers
import http_load
import rounds
import servers
from cluster_large import LargeCluster
from failure import Failure
from process import output_of
from result import SUBJECT, Measure, Row, Sample
from servers import Server
from suite import Setting

AT_OWNER, EMBEDDED = "at the owner", "embedded"

_PER_SECOND = 20_000
_CONNECTIONS = 32
_RATE = Measure("per second")
_TAKER = Measure("CPU us/heartbeat, who takes it", 1)
_OWNER = Measure("CPU us/heartbeat, the owner", 1)
_MEASURES = (_RATE, _TAKER, _OWNER)
_WARM_UP_S = 1
_PATIENCE_S = 60


class _Side:
    """Who is sent the heartbeats, and who owns expiry where that is another one."""

    def __init__(self, setting: Setting, taker: Server, owner: Server | None):
        self._setting = setting
        self._taker = taker
        self._owner = owner

    def measure(self) -> Sample:
        """One run."""
        self._run(_WARM_UP_S)
        everyone = [self._taker] if self._owner is None else [self._taker, self._owner]
        before = [server.program.cpu_s() for server in everyone]
        run = self._run(self._setting.seconds)
        spent = [server.program.cpu_s() - was for server, was in zip(everyone, before)]
        costs = [each / run.answered * 1e6 for each in spent]
        return {_RATE.name: run.per_second} | dict(zip((_TAKER.name, _OWNER.name), costs))

    def _run(self, seconds: int) -> http_load.Run:
        command = _command(self._setting, self._taker, seconds)
        return http_load.parse(output_of("http_load", command, seconds + _PATIENCE_S))


def measure(setting: Setting, cluster: LargeCluster, name: str) -> Row:
    """All rounds."""
    row = Row(name, f"{_PER_SECOND:,} heartbeats a second", _MEASURES)
    row.notes.append(
        f'rollcall: at a server that does not own expiry; "{AT_OWNER}": at the one that does; '
        f'"{EMBEDDED}": at one with a store of its own'
    )
    _write_heartbeats(setting)
    taker = cluster.start(cluster.place)
    cluster_servers.await_ready(taker, cluster_data.service_of(0))
    alone = servers.start_rollcall(cluster.place, setting.build / "rollcall")
    cluster_data.fill(alone)
    row.commands[SUBJECT] = " ".join(_command(setting, taker, setting.seconds))
    sides = {
        SUBJECT: _Side(setting, taker, cluster.first),
        AT_OWNER: _Side(setting, cluster.first, None),
        EMBEDDED: _Side(setting, alone, None),
    }
    before = cluster_servers.committed([cluster.first, taker])
    rounds.alternate(
        setting, row, {side: partial(_Side.measure, each) for side, each in sides.items()}, said_of
    )
    if cluster_servers.committed([cluster.first, taker]) != before:
        raise Failure("heartbeats were written to etcd")
    cluster_servers.stop([taker, alone])
    return row


def said_of(side: str, sample: Sample) -> str:
    """For a line of progress."""
    owner = f", the owner {sample[_OWNER.name]:.1f} us" if _OWNER.name in sample else ""
    return f"{side} {sample[_RATE.name]:,.0f}/s, who takes it {sample[_TAKER.name]:.1f} us{owner}"


def _write_heartbeats(setting: Setting) -> None:
    beats = cluster_data.heartbeats(range(cluster_data.INSTANCES))
    http_load.write_requests(setting.scratch / "heartbeats", beats)


def _command(setting: Setting, taker: Server, seconds: int) -> list[str]:
    program = setting.build / "bench" / "http_load"
    requests = setting.scratch / "heartbeats"
    command = http_load.command_for([taker.http_port], program, _CONNECTIONS, seconds, requests)
    return [*command, str(_PER_SECOND)]
