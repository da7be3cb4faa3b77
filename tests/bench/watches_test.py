"""A run's changes become the values of one round."""

import unittest

import watches
from watching import Change


class SampleTest(unittest.TestCase):
    """watches.sample_of()."""

    def test_is_the_median_of_each_time_by_itself(self) -> None:
        changes = [
            Change(first_us=1, median_us=20, last_us=300, put_us=4000, answer_bytes=5),
            Change(first_us=3, median_us=10, last_us=200, put_us=5000, answer_bytes=5),
            Change(first_us=2, median_us=30, last_us=100, put_us=9000, answer_bytes=5),
        ]
        self.assertEqual(
            watches.sample_of(changes),
            {
                "us to the first watcher": 2,
                "us to the median watcher": 20,
                "us to the last watcher": 200,
                "us to register": 5000,
            },
        )


if __name__ == "__main__":
    unittest.main()
