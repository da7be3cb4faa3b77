"""A curve of the suite "growth": the same work at several sizes, which take turns in rounds."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import rounds
from plot import Line, Point
from result import SUBJECT, Measure, Row, Sample, Target
from suite import Setting

# The other side of each row but the first: what ratios are taken to.
SMALLEST = "smallest"

# There are many points, so that each of their runs is a third of a run elsewhere.
_RUNS_IN_ONE = 3


@dataclass(frozen=True)
class Step:
    """One size: what the work is there, and what measures it once."""

    size: int
    work: str
    measure: Callable[[], Sample]


@dataclass(frozen=True)
class Curve:
    """What was measured: a row for each size, the smallest first."""

    sizes: list[int]
    rows: list[Row]

    def line(self, label: str, measure: Measure, times: float = 1) -> Line:
        """The medians of the measure, with bars that hold the middle half of the rounds.

        All values are multiplied by `times`, for another unit.
        """
        points = []
        for size, row in zip(self.sizes, self.rows, strict=True):
            values = [samples[SUBJECT][measure.name] * times for samples in row.rounds]
            low, median, high = _quartiles(values)
            points.append(Point(size, median, low, high))
        return Line(label, points)


def sizes(low: int, high: int, largest: int | None) -> list[int]:
    """1, 2 and 5 times the powers of ten from `low`, which is one, to `high`.

    Those above `largest` are left out, but never the first.
    """
    found = [low]
    decade = low
    while decade <= high:
        found += [decade * multiple for multiple in (1, 2, 5) if decade * multiple > low]
        decade *= 10
    most = high if largest is None else min(high, largest)
    return [size for size in found if size == low or size <= most]


def with_short_runs(setting: Setting) -> Setting:
    """The same, with runs of a third of the time, but of a second at least."""
    return replace(setting, seconds=max(1, setting.seconds // _RUNS_IN_ONE))


def measure_curve(
    setting: Setting,
    name: str,
    measures: tuple[Measure, ...],
    steps: Sequence[Step],
    targets: tuple[Target, ...] = (),
) -> Curve:
    """Measures the steps in rounds. The targets are for each size but the smallest."""
    return curve_of(measure_together(setting, name, measures, steps), steps, targets)


def measure_together(
    setting: Setting, name: str, measures: tuple[Measure, ...], steps: Sequence[Step]
) -> Row:
    """The same as one row, whose sides are the sizes."""

    def said_of(side: str, sample: Sample) -> str:
        values = [f"{sample[each.name]:,.{each.decimals}f} {each.name}" for each in measures]
        return f"at {side} {', '.join(values)}"

    together = Row(name, "", measures)
    measuring = {_side(step): step.measure for step in steps}
    rounds.alternate(setting, together, measuring, said_of)
    return together


def curve_of(together: Row, steps: Sequence[Step], targets: tuple[Target, ...]) -> Curve:
    """The row, whose sides are the sizes, as a row for each size beside the smallest."""
    first = _side(steps[0])
    rows = []
    for step in steps:
        side = _side(step)
        row = Row(f"{together.name}/{step.size}", step.work, together.measures)
        for samples in together.rounds:
            if side == first:
                row.rounds.append({SUBJECT: samples[side]})
            else:
                row.rounds.append({SUBJECT: samples[side], SMALLEST: samples[first]})
        if side != first:
            row.targets = targets
        rows.append(row)
    return Curve([step.size for step in steps], rows)


def _side(step: Step) -> str:
    return f"{step.size:,}"


def _quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    if len(values) == 1:
        return values[0], values[0], values[0]
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, median, high
