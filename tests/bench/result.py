"""What a benchmark measured: rows of samples, what they should reach, and whether they did.

A row is one piece of work that several sides did in alternating rounds. A round is one sample of
each side, so sides are compared within a round: what slows the machine down for a while slows both.
"""

import statistics
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

# The side that a row is about. A ratio is this one over another.
SUBJECT = "rollcall"

# The values of one side in one round, by the name of the measure.
Sample = Mapping[str, float]


class Over(Enum):
    """How the values of the rounds become one."""

    MEDIAN = "median"
    SUM = "sum"


@dataclass(frozen=True)
class Measure:
    """One thing that is measured, and how it is shown."""

    name: str
    decimals: int = 0
    over_rounds: Over = Over.MEDIAN
    compared: bool = True  # whether ratios of it say anything


@dataclass(frozen=True)
class Spread:
    """The one value of all rounds, and between which values the rounds were."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Target:
    """What the ratio to another side is to be, or, with no side, the value itself."""

    measure: str
    side: str = ""
    at_most: float | None = None
    at_least: float | None = None

    def text(self) -> str:
        """As in "at most 1.15 of echo"."""
        bound = self.at_most if self.at_most is not None else self.at_least
        words = f"{'at most' if self.at_most is not None else 'at least'} {bound:g}"
        return f"{words} of {self.side}" if self.side else words

    def holds(self, value: float) -> bool:
        """Whether the value, or ratio, is within the bound."""
        if self.at_most is not None and value > self.at_most:
            return False
        return self.at_least is None or value >= self.at_least


@dataclass
class Row:
    """One piece of work. `rounds` holds for each round the samples by side."""

    name: str
    work: str
    measures: tuple[Measure, ...]
    targets: tuple[Target, ...] = ()
    notes: list[str] = field(default_factory=list)
    commands: dict[str, str] = field(default_factory=dict)
    rounds: list[dict[str, Sample]] = field(default_factory=list)

    def sides(self) -> list[str]:
        """Those that were measured, SUBJECT first."""
        known = dict.fromkeys(side for samples in self.rounds for side in samples)
        return sorted(known, key=lambda side: side != SUBJECT)

    def spread(self, measure: Measure, side: str) -> Spread | None:
        """Over the rounds; None when this was not measured of this side."""
        return _spread(
            [
                samples[side][measure.name]
                for samples in self.rounds
                if self._has(samples, measure, side)
            ],
            measure.over_rounds,
        )

    def ratio(self, measure: Measure, side: str) -> Spread | None:
        """Of SUBJECT to the side, round by round; None where that cannot be told."""
        if not measure.compared or side == SUBJECT:
            return None
        return _spread(
            [
                samples[SUBJECT][measure.name] / samples[side][measure.name]
                for samples in self.rounds
                if self._has(samples, measure, SUBJECT)
                and self._has(samples, measure, side)
                and samples[side][measure.name] > 0
            ],
            Over.MEDIAN,
        )

    def reached(self, target: Target) -> bool | None:
        """None when it was not measured."""
        measure = next(each for each in self.measures if each.name == target.measure)
        spread = self.ratio(measure, target.side) if target.side else self.spread(measure, SUBJECT)
        return None if spread is None else target.holds(spread.value)

    @staticmethod
    def _has(samples: Mapping[str, Sample], measure: Measure, side: str) -> bool:
        return side in samples and measure.name in samples[side]


def _spread(values: list[float], over: Over) -> Spread | None:
    if not values:
        return None
    value = statistics.median(values) if over is Over.MEDIAN else sum(values)
    return Spread(value, min(values), max(values))
