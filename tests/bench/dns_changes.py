"""Rows of the suite "dns" that compare rollcall while instances change with itself while none does.

The registrations are served by the same process, so its CPU time holds their own cost: HTTP, JSON,
the log on disk. Three values are made of a round:

- all CPU time of the process, over the answers: what an operator sees, registrations included;
- the time of the answering thread alone. It does the HTTP of the registrations, too, but not their
  commits, which are the writer's. Whatever changes do to the thread that answers (memory caches
  gone cold, work that is left for the next answer) is in it, so it is held to the target as well;
- net: all CPU time less what as many registrations cost while nobody asks over DNS. That is too
  little: a server that is busy does a registration more cheaply than one that wakes up for it, and
  commits several at once. So nothing is claimed of it.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import dns_sides
import dnsperf
from dns_data import Instance
from dns_servers import catalog_index
from dns_sides import CPU, LOST, RATE, Side
from registering import Registrar, write_changes
from result import SUBJECT, Measure, Row, Sample, Target
from suite import Setting

REFERENCE = "itself"
THREAD = Measure("CPU us/answer, thread", 2)
NET = Measure("CPU us/answer, net", 2)
CHANGES = Measure("changes/s", compared=False)
MEASURES = (CPU, THREAD, NET, RATE, LOST, CHANGES)

_PER_SECOND = 500
# A row of fewer changes than it says would be too easy.
_ENOUGH_PER_SECOND = 0.95 * _PER_SECOND
_MOST_OF_WITHOUT = 1.1
_SETTLE_S = 0.2

TARGETS = (
    Target(CPU.name, REFERENCE, at_most=_MOST_OF_WITHOUT),
    Target(THREAD.name, REFERENCE, at_most=_MOST_OF_WITHOUT),
    Target(LOST.name, at_most=0),
    Target(CHANGES.name, at_least=_ENOUGH_PER_SECOND),
)


@dataclass(frozen=True)
class Changes:
    """Which instances change, and between which two ports. No other row may use the same ports:
    its first changes would then change nothing."""

    instances: Sequence[Instance]
    ports: tuple[int, int]


def measure_with_changes(setting: Setting, row: Row, side: Side, changes: Changes) -> None:
    """Fills the row's rounds: `side`, with changes and without."""
    path = setting.scratch / f"{row.name}.changes"
    write_changes(path, changes.instances, changes.ports)
    registrar = Registrar(side.server.http_port, _PER_SECOND, path, setting.cores.client)
    setting.cleanup.callback(registrar.end)
    row.commands["registrations"] = registrar.command

    answering_thread = _busiest_thread_of_warm_up(setting, side)
    for number in range(setting.rounds):
        cost_s = _cost_of_registration_s(setting, side, registrar)
        samples: dict[str, Sample] = {}
        for name in (SUBJECT, REFERENCE) if number % 2 == 0 else (REFERENCE, SUBJECT):
            if name == SUBJECT:
                samples[name] = _with_changes(setting, side, answering_thread, registrar, cost_s)
            else:
                samples[name] = _without_changes(setting, side, answering_thread)
            setting.say(
                f"{row.name}, round {number + 1} of {setting.rounds}: "
                + dns_sides.said_of("with" if name == SUBJECT else "without", samples[name])
            )
        row.rounds.append(samples)
    registrar.end()


def _busiest_thread_of_warm_up(setting: Setting, side: Side) -> int:
    """With one worker it is the one that answers."""
    before_s = side.server.program.cpu_of_threads_s()
    dns_sides.warm_up(setting, side)
    after_s = side.server.program.cpu_of_threads_s()
    return max(after_s, key=lambda thread: after_s[thread] - before_s.get(thread, 0))


def _measure(setting: Setting, side: Side, thread: int) -> tuple[dnsperf.Run, float, Sample]:
    """One run: dnsperf's words, all CPU time in seconds, and both as a sample."""
    program = side.server.program
    before_s = program.cpu_of_threads_s()[thread]
    run, spent_s = dns_sides.measure(setting, side)
    thread_s = program.cpu_of_threads_s()[thread] - before_s
    sample = dns_sides.sample_of(run, spent_s)
    return run, spent_s, {**sample, THREAD.name: thread_s / run.completed * 1e6}


def _without_changes(setting: Setting, side: Side, thread: int) -> Sample:
    _, _, sample = _measure(setting, side, thread)
    return {**sample, NET.name: sample[CPU.name]}


def _with_changes(
    setting: Setting, side: Side, thread: int, registrar: Registrar, cost_s: float
) -> Sample:
    registrar.start()
    time.sleep(_SETTLE_S)
    began, made_before, index_before = (
        time.monotonic(),
        registrar.count(),
        catalog_index(side.server),
    )
    run, spent_s, sample = _measure(setting, side, thread)
    took_s, made = time.monotonic() - began, registrar.count() - made_before
    changes = catalog_index(side.server) - index_before
    registrar.stop()
    return {
        **sample,
        NET.name: (spent_s - made * cost_s) / run.completed * 1e6,
        CHANGES.name: changes / took_s,
    }


def _cost_of_registration_s(setting: Setting, side: Side, registrar: Registrar) -> float:
    """The server's CPU time for one registration while nobody asks over DNS."""
    program = side.server.program
    registrar.start()
    time.sleep(_SETTLE_S)
    before, before_s = registrar.count(), program.cpu_s()
    time.sleep(setting.seconds)
    made, spent_s = registrar.count() - before, program.cpu_s() - before_s
    registrar.stop()
    return spent_s / max(made, 1)
