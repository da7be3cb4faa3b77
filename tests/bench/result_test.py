"""Rounds become medians, ratios and verdicts."""

import unittest

from result import SUBJECT, Measure, Over, Row, Spread, Target

_CPU = Measure("CPU", 2)
_LOST = Measure("lost", over_rounds=Over.SUM, compared=False)


def _row(*rounds: tuple[float, float], targets: tuple[Target, ...] = ()) -> Row:
    """Each round is the CPU of the subject and of a peer."""
    row = Row("row", "work", (_CPU, _LOST), targets)
    for subject, peer in rounds:
        row.rounds.append({SUBJECT: {"CPU": subject, "lost": 1}, "peer": {"CPU": peer, "lost": 0}})
    return row


class RowTest(unittest.TestCase):
    """Row."""

    def test_a_value_is_the_median_of_the_rounds(self) -> None:
        row = _row((5, 4), (9, 4), (6, 4))
        self.assertEqual(row.spread(_CPU, SUBJECT), Spread(6, 5, 9))

    def test_of_an_even_number_of_rounds_it_is_the_mean_of_the_middle_two(self) -> None:
        self.assertEqual(_row((5, 4), (6, 4)).spread(_CPU, SUBJECT), Spread(5.5, 5, 6))

    def test_what_is_counted_is_added_up(self) -> None:
        self.assertEqual(_row((5, 4), (6, 4)).spread(_LOST, SUBJECT), Spread(2, 1, 1))

    def test_sides_are_compared_within_a_round(self) -> None:
        # Ratios of 4, 2 and 1.5. The ratio of the two medians would be 1.5.
        self.assertEqual(_row((4, 1), (20, 10), (9, 6)).ratio(_CPU, "peer"), Spread(2, 1.5, 4))

    def test_there_is_no_ratio_of_what_is_not_compared(self) -> None:
        row = _row((5, 4))
        self.assertIsNone(row.ratio(_LOST, "peer"))
        self.assertIsNone(row.ratio(_CPU, SUBJECT))
        self.assertIsNone(row.ratio(_CPU, "nobody"))

    def test_the_subject_comes_first(self) -> None:
        row = Row("row", "work", (_CPU,))
        row.rounds.append({"peer": {"CPU": 1}, SUBJECT: {"CPU": 1}})
        self.assertEqual(row.sides(), [SUBJECT, "peer"])


class TargetTest(unittest.TestCase):
    """Target, and what Row says of it."""

    def test_bounds_are_reached_by_their_own_value(self) -> None:
        self.assertTrue(Target("CPU", at_most=1.15).holds(1.15))
        self.assertFalse(Target("CPU", at_most=1.15).holds(1.16))
        self.assertTrue(Target("CPU", at_least=0.9).holds(0.9))
        self.assertFalse(Target("CPU", at_least=0.9).holds(0.89))

    def test_is_of_the_ratio_when_it_names_a_side(self) -> None:
        row = _row((5, 4))
        self.assertTrue(row.reached(Target("CPU", "peer", at_most=1.25)))
        self.assertFalse(row.reached(Target("CPU", "peer", at_most=1.2)))

    def test_is_of_the_value_when_it_names_none(self) -> None:
        row = _row((5, 4), (5, 4))
        self.assertTrue(row.reached(Target("lost", at_most=2)))
        self.assertFalse(row.reached(Target("lost", at_most=0)))

    def test_of_a_side_that_was_not_there_nothing_is_known(self) -> None:
        self.assertIsNone(_row((5, 4)).reached(Target("CPU", "Consul", at_most=1)))

    def test_reads_as_a_sentence(self) -> None:
        self.assertEqual(Target("CPU", "echo", at_most=1.15).text(), "at most 1.15 of echo")
        self.assertEqual(Target("rate", at_least=475).text(), "at least 475")


if __name__ == "__main__":
    unittest.main()
