"""The data is what the rows of the suite "http" say it is."""

import unittest
from collections import Counter

import http_data
from dns_data import FIRST_SERVICE


class DataTest(unittest.TestCase):
    """http_data."""

    def setUp(self) -> None:
        self.instances = http_data.instances()

    def test_services_have_the_sizes_that_the_rows_name(self) -> None:
        sizes = Counter(instance.service for instance in self.instances)
        self.assertEqual(len(sizes), 10_000)
        self.assertEqual(sizes[FIRST_SERVICE], 5)
        self.assertEqual(sizes.pop(http_data.LARGE_SERVICE), 1000)
        self.assertEqual(set(sizes.values()), {5})

    def test_nodes_and_addresses_are_unique(self) -> None:
        self.assertEqual(len({each.node for each in self.instances}), len(self.instances))
        self.assertEqual(len({each.address for each in self.instances}), len(self.instances))

    def test_the_others_are_all_that_no_row_asks_for_by_name(self) -> None:
        others = {instance.service for instance in http_data.of_others(self.instances)}
        self.assertEqual(len(others), 9998)
        self.assertFalse(others & {FIRST_SERVICE, http_data.LARGE_SERVICE})


if __name__ == "__main__":
    unittest.main()
