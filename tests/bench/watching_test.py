"""What watch_load says is read as it is meant."""

import unittest

import watching
from failure import Failure
from watching import Change


class ParseChangeTest(unittest.TestCase):
    """watching.parse_change()."""

    def test_reads_all_that_is_said(self) -> None:
        self.assertEqual(
            watching.parse_change("change 212.4 20310.0 40871.9 190.5 3278\n"),
            Change(212.4, 20310.0, 40871.9, 190.5, 3278),
        )

    def test_a_line_of_another_kind_fails_and_is_shown(self) -> None:
        for line in (
            "done",
            "",
            "change 1.0 2.0 3.0 4.0",
            "change 1.0 2.0 x 4.0 5",
            "put 1 2 3 4 5",
        ):
            with self.subTest(line), self.assertRaises(Failure) as failed:
                watching.parse_change(line + "\n")
            self.assertIn(f'"{line}"', str(failed.exception))


if __name__ == "__main__":
    unittest.main()
