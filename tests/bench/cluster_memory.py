"""The row "memory" of the suite "cluster": what servers take, with nothing in the catalog and with
100,000 instances; one on an etcd, and one with a store of its own.
"""

import time

import cluster_data
import cluster_servers
import etcd
import memory
import servers
from cluster_large import LargeCluster
from result import SUBJECT, Measure, Row
from servers import Place, Server
from suite import Setting

EMBEDDED = "embedded"

_MOST_ROUNDS = 3
# What a start leaves behind is given back to the kernel meanwhile.
_SETTLE_S = 3
_KIB_OF_MB = 1024
_IDLE, _LOADED = "idle", f"{cluster_data.INSTANCES:,} instances"


def _measures(what: str) -> tuple[Measure, ...]:
    return (Measure(f"MB resident, {what}", 1), Measure(f"MB anonymous, {what}", 1))


def measure(setting: Setting, cluster: LargeCluster, name: str) -> Row:
    """All rounds; three at most."""
    row = Row(name, "a server's memory", (*_measures(_IDLE), *_measures(_LOADED)))
    row.notes.append(f'"{EMBEDDED}": with a store of its own; both after a start')
    program = setting.build / "rollcall"
    place = _place_in(cluster.place, name)
    nothing = etcd.start_members(place, 1)[0]
    filled = servers.start_rollcall(place, program)
    cluster_data.fill(filled)
    filled.program.stop()
    data = place.scratch / "rollcall" / "data"
    for number in range(min(setting.rounds, _MOST_ROUNDS)):
        here = _place_in(place, str(number))
        idle = cluster_servers.start_server(here, str(program), 0, nothing)
        sample = _look_at(idle, _IDLE, "consul")
        sample |= _look_at(cluster.start(here), _LOADED, cluster_data.service_of(0))
        alone = _place_in(here, EMBEDDED)
        other = _look_at(servers.start_rollcall(alone, program), _IDLE, "consul")
        again = servers.start_rollcall(_place_in(here, f"{EMBEDDED}-filled"), program, data)
        other |= _look_at(again, _LOADED, cluster_data.service_of(0))
        row.rounds.append({SUBJECT: sample, EMBEDDED: other})
        for side, values in row.rounds[-1].items():
            said = ", ".join(f"{what} {value:.1f}" for what, value in values.items())
            setting.say(f"{name}, round {number + 1}: {side}: {said}")
    nothing.program.stop()
    return row


def _look_at(server: Server, what: str, service: str) -> dict[str, float]:
    """The server ends with it."""
    cluster_servers.await_ready(server, service)
    time.sleep(_SETTLE_S)
    has = memory.of_program(server.program.pid)
    server.program.stop()
    resident, anonymous = _measures(what)
    return {
        resident.name: has.resident_kib / _KIB_OF_MB,
        anonymous.name: has.anonymous_kib / _KIB_OF_MB,
    }


def _place_in(place: Place, name: str) -> Place:
    return Place(place.folder(name), place.core, place.on_start)
