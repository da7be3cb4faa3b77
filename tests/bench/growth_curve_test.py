"""A curve's sizes, its rows and its lines."""

import unittest
from contextlib import ExitStack
from pathlib import Path

import growth_curve
from growth_curve import SMALLEST, Step
from machine import Cores
from plot import Point
from result import SUBJECT, Measure, Row, Target
from suite import Setting

_COST = Measure("CPU us/answer", 1)
_FLAT = Target(_COST.name, SMALLEST, at_most=1.11)


def _setting(rounds: int = 3, seconds: int = 3) -> Setting:
    return Setting(
        Path("build"), Path("scratch"), Cores(0, 1), rounds, seconds, ExitStack(), lambda line: None
    )


class SizesTest(unittest.TestCase):
    """sizes()."""

    def test_go_by_one_two_and_five(self) -> None:
        self.assertEqual(growth_curve.sizes(10, 1000, None), [10, 20, 50, 100, 200, 500, 1000])
        self.assertEqual(growth_curve.sizes(100, 2000, None), [100, 200, 500, 1000, 2000])

    def test_leave_out_what_is_too_large_but_not_the_first(self) -> None:
        self.assertEqual(growth_curve.sizes(10, 1000, 60), [10, 20, 50])
        self.assertEqual(growth_curve.sizes(10, 1000, 1), [10])
        self.assertEqual(growth_curve.sizes(10, 100, 5000), [10, 20, 50, 100])


class RunsTest(unittest.TestCase):
    """with_short_runs()."""

    def test_take_a_third_but_a_second_at_least(self) -> None:
        for seconds, short in ((9, 3), (3, 1), (1, 1)):
            with self.subTest(seconds):
                setting = growth_curve.with_short_runs(_setting(seconds=seconds))
                self.assertEqual((setting.seconds, setting.rounds), (short, 3))


class CurveTest(unittest.TestCase):
    """measure_curve() and Curve."""

    def setUp(self) -> None:
        self._turns: list[int] = []
        # What each size costs, round by round.
        costs = {10: iter((4.0, 5.0, 9.0)), 1000: iter((8.0, 5.0, 10.0))}

        def measuring(size: int) -> Step:
            def measure() -> dict[str, float]:
                self._turns.append(size)
                return {_COST.name: next(costs[size])}

            return Step(size, f"a service of {size}", measure)

        self._curve = growth_curve.measure_curve(
            _setting(), "service-size/dns", (_COST,), [measuring(10), measuring(1000)], (_FLAT,)
        )

    def test_sizes_take_turns(self) -> None:
        self.assertEqual(self._turns, [10, 1000, 1000, 10, 10, 1000])

    def test_has_a_row_for_each_size_beside_the_smallest(self) -> None:
        small, large = self._curve.rows
        self.assertEqual((small.name, small.work), ("service-size/dns/10", "a service of 10"))
        self.assertEqual(small.sides(), [SUBJECT])
        self.assertEqual(small.targets, ())
        self.assertEqual(large.name, "service-size/dns/1000")
        self.assertEqual(large.sides(), [SUBJECT, SMALLEST])
        self.assertFalse(large.reached(_FLAT))

    def test_ratios_are_taken_within_the_rounds(self) -> None:
        ratio = self._curve.rows[1].ratio(_COST, SMALLEST)
        assert ratio is not None
        self.assertAlmostEqual(ratio.value, 10 / 9)  # of 2, 1 and 10/9

    def test_a_line_has_the_medians_and_where_half_of_the_rounds_were(self) -> None:
        line = self._curve.line("UDP", _COST)
        self.assertEqual(line.label, "UDP")
        self.assertEqual(line.points, [Point(10, 5, 4.5, 7), Point(1000, 8, 6.5, 9)])
        in_ns = self._curve.line("UDP", _COST, times=1000)
        self.assertEqual(in_ns.points[0], Point(10, 5000, 4500, 7000))

    def test_one_round_is_a_line_as_well(self) -> None:
        together = Row("memory", "", (_COST,), rounds=[{"10": {_COST.name: 3}}])
        curve = growth_curve.curve_of(together, [Step(10, "", dict)], ())
        self.assertEqual(curve.line("", _COST).points, [Point(10, 3, 3, 3)])


if __name__ == "__main__":
    unittest.main()
