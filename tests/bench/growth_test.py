"""What the suite "growth" asks for, and what it makes sure of before it measures."""

import unittest
from collections import Counter

import growth_catalogs
import growth_service_size
import growth_services
import growth_watchers
from dns_message import Answer
from failure import Failure
from watching import Change

_KNOWN = {f"10.0.0.{number}" for number in range(20)}


def _answer(instances: int, truncated: bool) -> Answer:
    return Answer(
        size=100,
        rcode="NOERROR",
        truncated=truncated,
        answer=Counter(SRV=instances),
        additional=Counter(A=instances),
        addresses={f"10.0.0.{number}" for number in range(instances)},
    )


class FairShareTest(unittest.TestCase):
    """expect_fair_share()."""

    def test_all_instances_or_a_part_and_tc_are_right(self) -> None:
        growth_service_size.expect_fair_share(_answer(10, truncated=False), 10, _KNOWN)
        growth_service_size.expect_fair_share(_answer(7, truncated=True), 10, _KNOWN)

    def test_anything_else_is_a_failure(self) -> None:
        no_address, foreign, refused = (_answer(10, truncated=False) for _ in range(3))
        no_address.additional = Counter(A=9)
        foreign.addresses = {*list(foreign.addresses)[:9], "10.9.9.9"}
        refused.rcode = "REFUSED"
        wrong = {
            "a part without TC": _answer(7, truncated=False),
            "all with TC": _answer(10, truncated=True),
            "none": _answer(0, truncated=True),
            "an address is missing": no_address,
            "another service's address": foreign,
            "a code": refused,
        }
        for what, answer in wrong.items():
            with self.subTest(what), self.assertRaises(Failure):
                growth_service_size.expect_fair_share(answer, 10, _KNOWN)


class AskedForTest(unittest.TestCase):
    """asked_for()."""

    def test_all_services_come_equally_often_and_in_the_same_order_each_time(self) -> None:
        numbers = growth_services.asked_for(100, wide=True)
        self.assertEqual(set(Counter(numbers).values()), {200})
        self.assertNotEqual(numbers[:100], list(range(100)))
        self.assertEqual(numbers, growth_services.asked_for(100, wide=True))

    def test_of_many_services_a_part_comes_once(self) -> None:
        numbers = growth_services.asked_for(50_000, wide=True)
        self.assertEqual(len(set(numbers)), 20_000)
        self.assertEqual(len(numbers), 20_000)
        self.assertGreater(max(numbers), 49_000)

    def test_one_service_is_the_first(self) -> None:
        self.assertEqual(growth_services.asked_for(50_000, wide=False), [0])


class CatalogTest(unittest.TestCase):
    """Names and addresses, as catalog_scale gives them."""

    def test_services_have_names_of_one_length(self) -> None:
        self.assertEqual(growth_catalogs.service_name(0), "service-00000")
        self.assertEqual(growth_catalogs.service_name(99_999), "service-99999")

    def test_instances_go_round_the_services(self) -> None:
        self.assertEqual(
            growth_catalogs.addresses_of(3, 100_000),
            {"10.0.0.3", "10.1.134.163", "10.3.13.67", "10.4.147.227", "10.6.26.131"},
        )


class WatchersTest(unittest.TestCase):
    """growth_watchers.sample_of()."""

    def test_has_medians_and_shares(self) -> None:
        changes = [
            Change(500, 600, 700, 690, 2000),
            Change(100, 900, 1000, 700, 2000),
            Change(550, 600, 650, 680, 2000),
        ]
        self.assertEqual(
            growth_watchers.sample_of(changes, 0.003, 11),
            {
                growth_watchers.FIRST.name: 500,
                growth_watchers.LAST.name: 700,
                growth_watchers.NEXT.name: 20,  # of 20, 90 and 10
                growth_watchers.PUT.name: 690,
                growth_watchers.CPU_EACH.name: 1000 / 11,
            },
        )


if __name__ == "__main__":
    unittest.main()
