"""The row "join" of the suite "cluster": a server that joins where there are 100,000 instances,
against bare reads of the same keys. Nothing is pinned.
"""

import re
import time
from functools import partial

import cluster_data
import cluster_servers
import rounds
from cluster_large import LargeCluster
from failure import Failure
from process import output_of
from result import SUBJECT, Measure, Row, Sample, Target
from suite import Setting

READ, PAGES, FASTER = "read", "pages", "faster"

_SECONDS = Measure("seconds", 3)
_FIRST_PAGE = 256  # as rollcall's own
_PATIENCE_S = 60


def parse(output: str) -> tuple[int, int, float]:
    """The keys, bytes and seconds that etcd_range prints."""
    found = re.fullmatch(r"keys (\d+), bytes (\d+) in ([\d.]+) s\n", output)
    if found is None:
        raise Failure("etcd_range said something unexpected", output)
    return int(found[1]), int(found[2]), float(found[3])


def measure(setting: Setting, cluster: LargeCluster, name: str) -> Row:
    """All rounds."""
    count = cluster_data.INSTANCES
    row = Row(name, f"a server joins, {count:,} instances", (_SECONDS,))
    row.targets = (Target(_SECONDS.name, FASTER, at_most=3),)
    row.commands["etcd"] = cluster.members[0].program.command
    commands = {READ: _command(setting, cluster, 0), PAGES: _command(setting, cluster, _FIRST_PAGE)}
    row.commands |= {side: " ".join(command) for side, command in commands.items()}
    keys, size, _ = _read(commands[READ])
    row.notes.append(
        f"{keys:,} keys, {size:,} bytes of an answer; a member's file has "
        f"{cluster.bytes_in_use / count:,.0f} bytes for each instance"
    )
    row.notes.append(f'"{FASTER}": the faster one of "{READ}" and "{PAGES}" in each round')
    measuring = {SUBJECT: partial(_of_join, row, cluster)} | {
        side: partial(_of_read, command) for side, command in commands.items()
    }
    rounds.alternate(setting, row, measuring, said_of)
    for samples in row.rounds:
        samples[FASTER] = min(
            (samples[side] for side in commands), key=lambda sample: sample[_SECONDS.name]
        )
    return row


def said_of(side: str, sample: Sample) -> str:
    """For a line of progress."""
    return f"{side} {sample[_SECONDS.name]:.3f} s"


def _of_join(row: Row, cluster: LargeCluster) -> Sample:
    """From the start of the program until it is ready, which is looked for all 2 ms."""
    began = time.monotonic()
    server = cluster.start(cluster.place)
    cluster_servers.await_ready(server, cluster_data.service_of(cluster_data.INSTANCES - 1))
    passed_s = time.monotonic() - began
    row.commands[SUBJECT] = server.program.command
    server.program.stop()
    return {_SECONDS.name: passed_s}


def _of_read(command: list[str]) -> Sample:
    return {_SECONDS.name: _read(command)[2]}


def _read(command: list[str]) -> tuple[int, int, float]:
    return parse(output_of("etcd_range", command, _PATIENCE_S))


def _command(setting: Setting, cluster: LargeCluster, page: int) -> list[str]:
    program = str(setting.build / "bench" / "etcd_range")
    return [program, f"127.0.0.1:{cluster.members[0].http_port}", str(page)]
