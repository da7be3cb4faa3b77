"""The definitions are what the suite says that they are."""

import unittest
from collections import Counter

from agent_definitions import CHECKS, KINDS, PROBED, Ports, definitions, ttl_check_ids


class DefinitionsTest(unittest.TestCase):
    """definitions() and ttl_check_ids()."""

    def setUp(self) -> None:
        services = definitions(Ports(http=1, http2=2, udp=3))["services"]
        assert isinstance(services, list)
        self.services = services
        self.checks = [check for service in services for check in service["checks"]]

    def test_a_hundred_services_have_three_checks_each(self) -> None:
        self.assertEqual([len(service["checks"]) for service in self.services], [3] * 100)
        self.assertEqual(len({service["name"] for service in self.services}), 100)
        self.assertEqual(len({check["check_id"] for check in self.checks}), 300)
        self.assertEqual(CHECKS, 300)

    def test_each_kind_is_there_as_often_as_it_says(self) -> None:
        self.assertEqual(Counter(check["name"] for check in self.checks), Counter(KINDS))

    def test_what_is_probed_has_an_interval_of_10_s(self) -> None:
        probed = [check for check in self.checks if "interval" in check]
        self.assertEqual(len(probed), PROBED)
        self.assertEqual({check["interval"] for check in probed}, {"10s"})

    def test_no_alias_stands_for_a_service_with_an_alias(self) -> None:
        with_alias = {
            service["name"]
            for service in self.services
            if any("alias_service" in check for check in service["checks"])
        }
        aliased = {check["alias_service"] for check in self.checks if "alias_service" in check}
        self.assertEqual(len(aliased), KINDS["alias"])
        self.assertEqual(with_alias & aliased, set())

    def test_the_ttl_checks_are_found_by_their_ids(self) -> None:
        ids = {check["check_id"] for check in self.checks if "ttl" in check}
        self.assertEqual(set(ttl_check_ids()), ids)


if __name__ == "__main__":
    unittest.main()
