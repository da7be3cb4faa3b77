"""The row "changes" of the suite "cluster": how long a change takes from one server to another's
DNS, in watch round trips of etcd.

Nothing is pinned. Both sides make one change at a time, and pause between two.
"""

import re
from functools import partial

import cluster_servers
import etcd
import rounds
from failure import Failure
from process import output_of
from result import SUBJECT, Measure, Row, Sample, Target
from servers import Place
from suite import Setting

WATCH = "watch"
_MEDIAN = Measure("us, median")
_P99 = Measure("us, 99th of 100")
_OF_TWO = Measure("99th in times of 2 watch round trips", 2, compared=False)
_MEASURES = (_MEDIAN, _P99, _OF_TWO)
_MOST_ROUND_TRIPS = 2
_MOST_OF_TWO = 5
_PATIENCE_S = 60


def parse(program: str, output: str) -> tuple[float, float]:
    """The median and the 99th percentile that cluster_changes or etcd_changes print."""
    found = re.fullmatch(
        r"changes \d+(?:, queries \d+)?\nlatency us: p50 ([\d.]+), p99 ([\d.]+)\n", output
    )
    if found is None:
        raise Failure(f"{program} said something unexpected", output)
    return float(found[1]), float(found[2])


def measure(setting: Setting, place: Place, name: str) -> Row:
    """All rounds, with an etcd and servers of their own."""
    row = Row(name, "a change, until it is in another server's DNS", _MEASURES)
    row.targets = (
        Target(_MEDIAN.name, WATCH, at_most=_MOST_ROUND_TRIPS),
        Target(_OF_TWO.name, at_most=_MOST_OF_TWO),
    )
    row.notes.append(f'"{WATCH}": a put at one member of etcd, until a watcher at another has it')
    members = etcd.start_members(place, cluster_servers.MEMBERS)
    servers = cluster_servers.start_servers(place, str(setting.build / "rollcall"), members)
    http_ports = ",".join(str(server.http_port) for server in servers)
    dns_ports = ",".join(str(server.dns_port) for server in servers)
    endpoints = ",".join(f"127.0.0.1:{member.http_port}" for member in members)
    row.commands[SUBJECT] = f"cluster_changes {http_ports} {dns_ports} {setting.seconds}"
    row.commands[WATCH] = f"etcd_changes {endpoints} {setting.seconds}"
    measuring = {
        side: partial(_sample, setting, row.commands[side].split()) for side in (SUBJECT, WATCH)
    }
    for each in measuring.values():
        each()  # does not count
    rounds.alternate(setting, row, measuring, said_of)
    for samples in row.rounds:
        two = _MOST_ROUND_TRIPS * samples[WATCH][_MEDIAN.name]
        samples[SUBJECT] = {**samples[SUBJECT], _OF_TWO.name: samples[SUBJECT][_P99.name] / two}
    cluster_servers.stop([*servers, *members])
    return row


def said_of(side: str, sample: Sample) -> str:
    """For a line of progress."""
    return f"{side} {sample[_MEDIAN.name]:,.0f} us, 99th of 100 {sample[_P99.name]:,.0f} us"


def _sample(setting: Setting, command: list[str]) -> Sample:
    program = str(setting.build / "bench" / command[0])
    output = output_of(command[0], [program, *command[1:]], setting.seconds + _PATIENCE_S)
    median, p99 = parse(command[0], output)
    return {_MEDIAN.name: median, _P99.name: p99}
