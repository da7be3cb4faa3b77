"""What dsync_writes says is read as it is meant."""

import unittest

import dsync_writes
from failure import Failure


class ParseTest(unittest.TestCase):
    """parse()."""

    def test_reads_the_rate(self) -> None:
        self.assertEqual(dsync_writes.parse("writes 6559 in 2.000 s\nper second 3279.5\n"), 3279.5)

    def test_fails_on_anything_else(self) -> None:
        for output in ("", "writes 6559 in 2.000 s\n", "per second 3279.5\n"):
            with self.subTest(output), self.assertRaises(Failure) as failed:
                dsync_writes.parse(output)
            self.assertIn("dsync_writes", str(failed.exception))


if __name__ == "__main__":
    unittest.main()
