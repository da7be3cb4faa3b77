"""The data is what the rows of the suite "dns" say it is, and the same for all servers."""

import tempfile
import unittest
from collections import Counter
from pathlib import Path

import dns_data


class DataTest(unittest.TestCase):
    """dns_data."""

    def setUp(self) -> None:
        self.instances = dns_data.instances()

    def test_services_have_the_sizes_that_the_rows_name(self) -> None:
        sizes = Counter(instance.service for instance in self.instances)
        self.assertEqual(sizes.pop(dns_data.SERVICE_OF_10), 10)
        self.assertEqual(sizes.pop(dns_data.SERVICE_OF_5000), 5000)
        self.assertEqual(sizes, {service: 5 for service in dns_data.ordinary_services()})
        self.assertEqual(len(sizes), 1000)
        self.assertIn(dns_data.FIRST_SERVICE, sizes)
        self.assertNotIn(dns_data.ABSENT_SERVICE, sizes)

    def test_names_are_of_one_length_and_addresses_unique(self) -> None:
        services = {dns_data.ABSENT_SERVICE, *(each.service for each in self.instances)}
        self.assertEqual(len({len(service) for service in services}), 1)
        self.assertEqual(len({len(each.node) for each in self.instances}), 1)
        self.assertEqual(len({each.node for each in self.instances}), len(self.instances))
        self.assertEqual(len({each.address for each in self.instances}), len(self.instances))

    def test_the_zone_holds_each_instance(self) -> None:
        lines = set(dns_data.zone(self.instances))
        for each in self.instances:
            self.assertIn(f"{each.service}.service SRV 1 1 8080 {each.node}.node.dc1\n", lines)
            self.assertIn(f"{each.service}.service A {each.address}\n", lines)
            self.assertIn(f"{each.node}.node.dc1 A {each.address}\n", lines)

    def test_questions_ask_for_each_service_equally_often_in_the_same_random_order(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            first, second = Path(folder) / "first", Path(folder) / "second"
            for path in (first, second):
                dns_data.write_questions(path, dns_data.ordinary_services(), "SRV")
            lines = first.read_text(encoding="ascii").splitlines()
            self.assertEqual(first.read_bytes(), second.read_bytes())
        self.assertEqual(len(set(Counter(lines).values())), 1)
        self.assertEqual(len(set(lines)), 1000)
        self.assertNotEqual(lines[:1000], sorted(lines[:1000]))


if __name__ == "__main__":
    unittest.main()
