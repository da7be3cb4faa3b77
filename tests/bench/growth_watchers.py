"""The row "watchers" of the suite "growth": how long a change takes to reach 10 to 10,000 of them.

Each number of watchers has a server of its own, so that all can wait while one is measured. The
watchers are programs of their own (watch_load.cc) on the client's core.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import growth_curve
import servers
from dns_data import instances_of
from growth_curve import SMALLEST, Curve, Step
from growth_outcome import Grown
from plot import Figure, Panel
from registering import register_all, write_changes
from result import SUBJECT, Measure, Sample, Target
from servers import Place, Server
from suite import Setting
from watching import Change, Watched, Watchers

_LEAST, _MOST = 10, 10_000
_X_TITLE = "watchers of the service"
_SERVICE = "svc-0000"
_INSTANCES = 5
_PORTS = (10000, 10001)

FIRST = Measure("us to the first watcher")
LAST = Measure("us to the last watcher")
# From the first to the last, which leaves out what all share: flat when each costs the same.
NEXT = Measure("us from one to the next", 1)
PUT = Measure("us to register")
CPU_EACH = Measure("CPU us/watcher", 1)
_MEASURES = (FIRST, LAST, NEXT, PUT, CPU_EACH)
_FLAT = Target(NEXT.name, SMALLEST, at_most=1.11)


@dataclass(frozen=True)
class _Parked:
    """A server, and who waits there."""

    server: Server
    watchers: Watchers
    count: int


def measure(setting: Setting, name: str) -> Grown:
    """All of the row."""
    everything = []
    for count in growth_curve.sizes(_LEAST, _MOST, setting.largest):
        setting.say(f"parking {count:,} watchers")
        everything.append(_park(setting, count))
    short = growth_curve.with_short_runs(setting)
    steps = [
        Step(each.count, f"a change, {each.count:,} watchers", partial(_sample, short, each))
        for each in everything
    ]
    curve = growth_curve.measure_curve(short, name, _MEASURES, steps, (_FLAT,))
    curve.rows[-1].commands["watchers"] = everything[-1].watchers.command
    for each in everything:
        each.watchers.end()
        each.server.program.stop()
    command = everything[-1].server.program.command
    figures = {"fan-out-by-watchers": _figure(curve)}
    return Grown(curve.rows, figures, [f"{SUBJECT}, {name}: {command}"])


def sample_of(changes: Sequence[Change], cpu_s: float, watchers: int) -> Sample:
    """One run's medians, and of the server's CPU time in it the share of each watcher's answer."""
    return {
        FIRST.name: statistics.median(change.first_us for change in changes),
        LAST.name: statistics.median(change.last_us for change in changes),
        NEXT.name: statistics.median(
            (change.last_us - change.first_us) / (watchers - 1) for change in changes
        ),
        PUT.name: statistics.median(change.put_us for change in changes),
        CPU_EACH.name: cpu_s * 1e6 / len(changes) / watchers,
    }


def _park(setting: Setting, count: int) -> _Parked:
    """A new server where so many wait, after a change that does not count."""
    scratch = setting.scratch / f"watchers-{count}"
    scratch.mkdir()
    cleanup = setting.cleanup
    place = Place(scratch, setting.cores.server, lambda each: cleanup.callback(each.stop))
    server = servers.start_rollcall(place, setting.build / "rollcall")
    instances = instances_of({_SERVICE: _INSTANCES})
    register_all(server.http_port, instances)
    services, changes = scratch / "services", scratch / "changes"
    services.write_text(f"{_SERVICE}\n", encoding="ascii")
    write_changes(changes, instances[:1], _PORTS)
    watchers = Watchers(
        setting.build / "bench" / "watch_load",
        server.http_port,
        Watched(count, services, changes),
        setting.cores.client,
    )
    cleanup.callback(watchers.end)
    watchers.park()
    watchers.change(0)
    return _Parked(server, watchers, count)


def _sample(setting: Setting, parked: _Parked) -> Sample:
    before_s = parked.server.program.cpu_s()
    changes = parked.watchers.change(setting.seconds)
    return sample_of(changes, parked.server.program.cpu_s() - before_s, parked.count)


def _figure(curve: Curve) -> Figure:
    return Figure(
        "A change reaching its watchers",
        [
            Panel(
                "time since the change was sent (ms)",
                _X_TITLE,
                [curve.line("last watcher", LAST, 1e-3), curve.line("first", FIRST, 1e-3)],
            ),
            Panel(
                "for each watcher (us)",
                _X_TITLE,
                [
                    curve.line("from one to next", NEXT),
                    curve.line("CPU time", CPU_EACH),
                ],
            ),
        ],
    )
