"""The rows "registrations" and "memory" of the suite "growth": what catalogs of several sizes cost.

A program holds the catalog in its own process, on the server's core and without sockets
(catalog_scale.cc). Both rows come of the same rounds.
"""

from dataclasses import replace
from functools import partial

import growth_curve
from growth_catalogs import INSTANCES_EACH, Catalogs
from growth_curve import SMALLEST, Curve, Step
from growth_outcome import Grown
from plot import Figure, Panel
from result import Measure, Row, Sample, Target
from suite import Setting

# Services; there are five instances of each.
_LEAST, _MOST = 100, 200_000
_X_TITLE = "instances in the catalog"
# Opening them all takes half a minute.
_MOST_ROUNDS = 3

_REGISTER = Measure("CPU us/registration", 1)
_REGISTERED = Measure("bytes/instance, registered")
_LOADED = Measure("bytes/instance, after a start")
_MEASURES = (_REGISTER, _REGISTERED, _LOADED)


class Registry:
    """The two rows. The rounds are made when one of them needs them first."""

    def __init__(self, setting: Setting, catalogs: Catalogs):
        largest = setting.largest // INSTANCES_EACH if setting.largest else None
        self._setting = replace(setting, rounds=min(setting.rounds, _MOST_ROUNDS))
        self._catalogs = catalogs
        self._services = growth_curve.sizes(_LEAST, _MOST, largest)
        self._together: Row | None = None

    def registrations(self, name: str) -> Grown:
        """CPU time of a durable registration that changes an instance."""
        curve = self._curve(
            name, (_REGISTER,), "registration", (Target(_REGISTER.name, SMALLEST, at_most=1.5),)
        )
        curve.rows[0].notes.append("durable, one after the other, without HTTP")
        panel = Panel(
            "CPU time of a registration (us)", _X_TITLE, [curve.line("register", _REGISTER)]
        )
        figure = Figure("Durable registrations by the size of the catalog", [panel])
        return Grown(curve.rows, {"registrations-by-instances": figure}, [])

    def memory(self, name: str) -> Grown:
        """Resident memory for each instance."""
        curve = self._curve(name, (_REGISTERED, _LOADED), "memory", ())
        curve.rows[0].notes.append("growth of the resident memory, over the number of instances")
        lines = [curve.line("registered", _REGISTERED), curve.line("after a start", _LOADED)]
        panel = Panel("memory for each instance (bytes)", _X_TITLE, lines)
        return Grown(
            curve.rows,
            {"memory-by-instances": Figure("Memory by the size of the catalog", [panel])},
            [],
        )

    def _curve(
        self, name: str, measures: tuple[Measure, ...], work: str, targets: tuple[Target, ...]
    ) -> Curve:
        row = replace(self._measured(), name=name, measures=measures)
        steps = self._steps(f"{work}, {{:,}} instances")
        return growth_curve.curve_of(row, steps, targets)

    def _measured(self) -> Row:
        if self._together is None:
            steps = self._steps("{:,} instances")
            self._together = growth_curve.measure_together(
                self._setting, "catalogs", _MEASURES, steps
            )
        return self._together

    def _steps(self, work: str) -> list[Step]:
        return [
            Step(services * INSTANCES_EACH, work.format(services * INSTANCES_EACH), measure_once)
            for services, measure_once in (
                (each, partial(self._sample, each)) for each in self._services
            )
        ]

    def _sample(self, services: int) -> Sample:
        filled = self._catalogs.filled(services)
        opened = self._catalogs.opened(services)
        return {
            _REGISTER.name: opened["register_us"],
            _REGISTERED.name: filled["memory_bytes"],
            _LOADED.name: opened["memory_bytes"],
        }
