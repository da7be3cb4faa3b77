"""The row "register-64" of the suite "cluster": durable registrations at three servers, and what
etcd alone does with the transactions that they are.

Nothing is pinned: three members of etcd, the three servers and the load share both cores, and while
etcd is measured alone no server runs. The servers are started anew for each of their runs.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import cluster_servers
import etcd
import http_load
import rounds
import writes_data
from failure import Failure
from process import output_of
from registering import register_all
from result import SUBJECT, Measure, Row, Sample, Target
from servers import Place, Server
from suite import Setting

CLIENTS = 64
# Each server has so many proposals under way at a time, at most.
_MOST_UNDER_WAY = 4
ETCD, SAME = "etcd", "etcd, as batched"

_RATE = Measure("per second")
_TRANSACTIONS = Measure("transactions/s")
_EACH = Measure("registrations/transaction", 1, compared=False)
_P99 = Measure("p99 us")
_CPU = Measure("CPU us/registration", 1)
_ETCD_CPU = Measure("CPU us/registration, etcd", 1)
_SERVERS_CPU = Measure("CPU us/registration, servers", 1)
_MEASURES = (_RATE, _TRANSACTIONS, _EACH, _P99, _CPU, _ETCD_CPU, _SERVERS_CPU)

_WARM_UP_S = 1
_PATIENCE_S = 60


@dataclass(frozen=True)
class Run:
    """What one run of etcd_transactions came to."""

    registrations: int
    transactions: int
    seconds: float
    per_second: float
    p99_us: float


def parse(output: str) -> Run:
    """Reads the three lines of etcd_transactions."""
    found = re.fullmatch(
        r"registrations (\d+), transactions (\d+) in ([\d.]+) s\n"
        r"per second ([\d.]+)\n"
        r"latency us: p50 [\d.]+, p99 ([\d.]+)\n",
        output,
    )
    if found is None:
        raise Failure("etcd_transactions said something unexpected", output)
    seconds, per_second, p99_us = (float(value) for value in found.groups()[2:])
    return Run(int(found[1]), int(found[2]), seconds, per_second, p99_us)


class Writes:
    """The row, with an etcd of its own."""

    def __init__(self, setting: Setting, place: Place):
        self._setting = setting
        self._place = place
        self._program = str(setting.build / "rollcall")
        self._changes = writes_data.Changes()
        self._requests = setting.scratch / "cluster.requests"
        self._batch = 1  # registrations that shared a transaction in rollcall's last run
        self._members = etcd.start_members(place, cluster_servers.MEMBERS)

    def measure(self, name: str) -> Row:
        """All rounds."""
        row = Row(name, f"durable registration, {CLIENTS} clients, 3 servers", _MEASURES)
        row.targets = (Target(_RATE.name, ETCD, at_least=0.8),)
        row.notes.append(
            f'"{ETCD}": {CLIENTS} clients, each registration a transaction; "{SAME}": as many '
            "registrations in a transaction, and as many of these under way, as rollcall has"
        )
        self._fill(row)
        measuring: dict[str, Callable[[], Sample]] = {
            SUBJECT: self._of_rollcall,
            ETCD: partial(self._of_etcd, row, ETCD),
            SAME: partial(self._of_etcd, row, SAME),
        }
        self._of_rollcall()  # does not count, but gives the size of a batch
        rounds.alternate(self._setting, row, measuring, said_of)
        cluster_servers.stop(self._members)
        return row

    def _fill(self, row: Row) -> None:
        servers = self._start()
        register_all(servers[0].http_port, writes_data.INSTANCES)
        row.commands["etcd"] = self._members[0].program.command
        row.commands[SUBJECT] = servers[0].program.command
        row.commands["load"] = " ".join(self._load([server.http_port for server in servers], 1))
        cluster_servers.stop(servers)

    def _start(self) -> list[Server]:
        return cluster_servers.start_servers(self._place, self._program, self._members)

    def _load(self, ports: list[int], seconds: int) -> list[str]:
        program = self._setting.build / "bench" / "http_load"
        return http_load.command_for(ports, program, CLIENTS, seconds, self._requests)

    def _of_rollcall(self) -> Sample:
        servers = self._start()
        ports = [server.http_port for server in servers]
        self._run(ports, _WARM_UP_S)
        before = cluster_servers.committed(servers)
        etcd_before_s = cluster_servers.cpu_s(self._members)
        servers_before_s = cluster_servers.cpu_s(servers)
        run = self._run(ports, self._setting.seconds)
        etcd_s = cluster_servers.cpu_s(self._members) - etcd_before_s
        servers_s = cluster_servers.cpu_s(servers) - servers_before_s
        after = cluster_servers.committed(servers)
        commands, transactions = after[0] - before[0], after[1] - before[1]
        if commands != run.answered:
            raise Failure(f"rollcall answered {run.answered} requests and wrote {commands}")
        cluster_servers.stop(servers)
        self._batch = round(commands / transactions)
        return {
            _RATE.name: run.per_second,
            _TRANSACTIONS.name: transactions / run.seconds,
            _EACH.name: commands / transactions,
            _P99.name: run.p99_us,
            _CPU.name: (etcd_s + servers_s) / commands * 1e6,
            _ETCD_CPU.name: etcd_s / commands * 1e6,
            _SERVERS_CPU.name: servers_s / commands * 1e6,
        }

    def _run(self, ports: list[int], seconds: int) -> http_load.Run:
        http_load.write_requests(self._requests, self._changes.registrations())
        return http_load.run(self._load(ports, seconds), seconds)

    def _of_etcd(self, row: Row, side: str) -> Sample:
        batch = self._batch if side == SAME else 1
        under_way = cluster_servers.MEMBERS * _MOST_UNDER_WAY if side == SAME else CLIENTS
        self._transact(under_way, batch, _WARM_UP_S)
        before_s = cluster_servers.cpu_s(self._members)
        revision = etcd.revision(self._members[0])
        command, run = self._transact(under_way, batch, self._setting.seconds)
        spent_s = cluster_servers.cpu_s(self._members) - before_s
        row.commands[side] = " ".join(command)
        written = etcd.revision(self._members[0]) - revision
        if written != run.transactions:
            raise Failure(f"etcd answered {run.transactions} transactions and wrote {written}")
        return {
            _RATE.name: run.per_second,
            _TRANSACTIONS.name: run.transactions / run.seconds,
            _EACH.name: batch,
            _P99.name: run.p99_us,
            _CPU.name: spent_s / run.registrations * 1e6,
            _ETCD_CPU.name: spent_s / run.registrations * 1e6,
        }

    def _transact(self, clients: int, batch: int, seconds: int) -> tuple[list[str], Run]:
        program = self._setting.build / "bench" / "etcd_transactions"
        endpoints = ",".join(f"127.0.0.1:{member.http_port}" for member in self._members)
        command = [str(program), endpoints, str(clients), str(batch), str(seconds)]
        return command, parse(output_of("etcd_transactions", command, seconds + _PATIENCE_S))


def said_of(side: str, sample: Sample) -> str:
    """For a line of progress."""
    return (
        f"{side} {sample[_RATE.name]:,.0f} registrations/s, "
        f"{sample[_TRANSACTIONS.name]:,.0f} transactions/s, "
        f"{sample[_CPU.name]:,.0f} us/registration"
    )
