"""The suite "agent": what rollcall-agent takes of its host, and how long a registration takes by
way of it.

The agent is on the server's core; the registry, what the checks are about, and the script are on
the other. In the row `register` the registry is on the server's core, and the agent on the other.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import agent_definitions
import agent_register
import memory
import servers
from agent_definitions import CHECKS, INTERVAL_S, PROBED, SERVICES
from agent_process import attempts, await_passing, start_agent
from agent_register import DIRECT, Registrations
from agent_targets import Targets, TtlKeeper
from failure import Failure
from result import SUBJECT, Measure, Row, Sample, Target
from servers import Place, Server
from suite import Outcome, Setting, measure_rows

_RESIDENT = Measure("MB resident", 1)
_PROPORTIONAL = Measure("MB proportional", 1)
_ANONYMOUS = Measure("MB anonymous", 1)
_CPU = Measure("% of a core", 2)
_ATTEMPTS = Measure("attempts/s", 1)
_LATENCY = Measure("us to the answer")
_MEMORY_AND_CPU = (_RESIDENT, _PROPORTIONAL, _ANONYMOUS, _CPU)

_KIB_OF_MB = 1024
# An agent has nothing to do most of the time: a short look would say how the work happened to fall.
_LEAST_WINDOW_S = 60
_MOST_ROUNDS = 3
# What a start brings is over by then: the first results, their writes, the first comparison.
_SETTLE_S = 2 * INTERVAL_S
_PATIENCE_S = 6 * INTERVAL_S
_OF_NODE = 1  # serfHealth


class _Suite:
    """The rows, each by the name that `scripts/bench agent/NAME` gives."""

    def __init__(self, setting: Setting):
        self._setting = setting
        self.outcome = Outcome()

    def run(self, names: Sequence[str]) -> None:
        measure_rows(self._setting, names, lambda name: ROWS[name](self, name), self.outcome)

    def idle(self, name: str) -> Row:
        row = Row(name, "an agent that has nothing to look after", _MEMORY_AND_CPU)
        row.targets = (Target(_RESIDENT.name, at_most=10),)
        for number in range(self._rounds()):
            place, registry = self._started(f"{name}-{number}")
            agent = start_agent(place, self._program(), registry)
            row.commands[SUBJECT] = agent.program.command
            await_passing(registry, agent, _OF_NODE, _PATIENCE_S)
            time.sleep(_SETTLE_S)
            self._add(row, self._look_at(agent))
            agent.program.stop()
            registry.program.stop()
        return row

    def checks(self, name: str) -> Row:
        work = f"{SERVICES} services, {CHECKS} checks, {INTERVAL_S} s"
        row = Row(name, work, (*_MEMORY_AND_CPU, _ATTEMPTS))
        row.targets = (Target(_RESIDENT.name, at_most=16), Target(_CPU.name, at_most=0.5))
        counts = ", ".join(f"{count} {kind}" for kind, count in agent_definitions.KINDS.items())
        row.notes.append(f"checks: {counts}")
        row.notes.append("the CPU time is the agent's own, without that of the scripts it runs")
        targets = Targets(self._place(f"{name}-targets", self._setting.cores.client))
        self._setting.cleanup.callback(targets.end)
        for number in range(self._rounds()):
            place, registry = self._started(f"{name}-{number}")
            definitions = agent_definitions.definitions(targets.ports)
            agent = start_agent(place, self._program(), registry, definitions)
            row.commands[SUBJECT] = agent.program.command
            keeper = TtlKeeper(agent.http_port, agent_definitions.ttl_check_ids())
            self._setting.cleanup.callback(keeper.end)
            await_passing(registry, agent, CHECKS + _OF_NODE, _PATIENCE_S)
            time.sleep(_SETTLE_S)
            self._add(row, self._look_at_checks(agent))
            keeper.expect_going()
            await_passing(registry, agent, CHECKS + _OF_NODE, 0)
            keeper.end()
            agent.program.stop()
            registry.program.stop()
        return row

    def register(self, name: str) -> Row:
        row = Row(name, "a registration, until it is in DNS", (_LATENCY,))
        row.targets = (Target(_LATENCY.name, DIRECT, at_most=3),)
        row.notes.append(
            f'at the agent, which keeps it on its disk, too; "{DIRECT}": at the registry'
        )
        cores = self._setting.cores
        registry = self._registry(self._place(f"{name}-registry", cores.server))
        agent = start_agent(self._place(name, cores.client), self._program(), registry)
        await_passing(registry, agent, _OF_NODE, _PATIENCE_S)
        row.commands[SUBJECT] = agent.program.command
        registrations = Registrations(agent, registry)
        self._setting.cleanup.callback(registrations.end)
        registrations.measure(1, 0)  # does not count
        for number in range(self._setting.rounds):
            latencies = registrations.measure(self._setting.seconds, number)
            row.rounds.append(agent_register.medians(latencies, _LATENCY.name))
            said = ", ".join(
                f"{side} {row.rounds[-1][side][_LATENCY.name]:,.0f} us ({len(all_us)})"
                for side, all_us in latencies.items()
            )
            self._setting.say(f"{name}, round {number + 1} of {self._setting.rounds}: {said}")
        return row

    def _look_at_checks(self, agent: Server) -> Sample:
        """As _look_at(); Failure unless the checks are run as often as they should be, and pass."""
        before = attempts(agent)
        began = time.monotonic()
        sample = self._look_at(agent)
        passed_s = time.monotonic() - began
        after = attempts(agent)
        made = after["passing"] - before["passing"]
        expected = PROBED * passed_s / INTERVAL_S
        if any(after[status] != before[status] for status in after if status != "passing"):
            raise Failure(f"checks did not pass: {before}, then {after}", agent.program.log_tail())
        if not 0.9 * expected <= made <= 1.1 * expected:
            raise Failure(f"{made} attempts in {passed_s:.0f} s instead of {expected:.0f}")
        return {**sample, _ATTEMPTS.name: made / passed_s}

    def _look_at(self, agent: Server) -> Sample:
        """CPU time over the window, memory at its end."""
        window_s = max(self._setting.seconds, _LEAST_WINDOW_S)
        before_s, began = agent.program.own_cpu_s(), time.monotonic()
        time.sleep(window_s)
        spent_s, passed_s = agent.program.own_cpu_s() - before_s, time.monotonic() - began
        has = memory.of_program(agent.program.pid)
        return {
            _RESIDENT.name: has.resident_kib / _KIB_OF_MB,
            _PROPORTIONAL.name: has.proportional_kib / _KIB_OF_MB,
            _ANONYMOUS.name: has.anonymous_kib / _KIB_OF_MB,
            _CPU.name: spent_s / passed_s * 100,
        }

    def _add(self, row: Row, sample: Sample) -> None:
        row.rounds.append({SUBJECT: sample})
        self._setting.say(
            f"{row.name}, round {len(row.rounds)} of {self._rounds()}: "
            f"{sample[_RESIDENT.name]:.1f} MB resident, {sample[_CPU.name]:.2f} % of a core"
        )

    def _rounds(self) -> int:
        return min(self._setting.rounds, _MOST_ROUNDS)

    def _program(self) -> Path:
        return self._setting.build / "rollcall-agent"

    def _started(self, name: str) -> tuple[Place, Server]:
        """A place for the agent, and a registry of its own."""
        place = self._place(name, self._setting.cores.server)
        registry = self._registry(self._place(f"{name}-registry", self._setting.cores.client))
        return place, registry

    def _registry(self, place: Place) -> Server:
        server = servers.start_rollcall(place, self._setting.build / "rollcall")
        if not self.outcome.commands:
            self.outcome.commands.append(f"registry: {server.program.command}")
        return server

    def _place(self, name: str, core: int) -> Place:
        scratch = self._setting.scratch / name
        scratch.mkdir()
        cleanup = self._setting.cleanup
        return Place(scratch, core, lambda each: cleanup.callback(each.stop))


ROWS: dict[str, Callable[[_Suite, str], Row]] = {
    "idle": _Suite.idle,
    "checks": _Suite.checks,
    "register": _Suite.register,
}


def run(setting: Setting, names: Sequence[str]) -> Outcome:
    """Measures the rows of these names."""
    suite = _Suite(setting)
    suite.run(names)
    agent = str(setting.build / "rollcall-agent")
    suite.outcome.versions = servers.versions(
        setting.build, {"rollcall-agent": [agent, "--version"]}
    )
    return suite.outcome
