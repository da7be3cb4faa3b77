"""What the programs of the suite "cluster" and rollcall's metrics say is read as it is meant."""

import unittest
from collections.abc import Callable

import cluster_changes
import cluster_join
import cluster_servers
import cluster_writes
from failure import Failure

_TRANSACTIONS = """registrations 120, transactions 40 in 2.000 s
per second 60.0
latency us: p50 532.6, p99 8499.1
"""
_CHANGES = """changes 40, queries 321
latency us: p50 532.6, p99 8499.1
"""
_RANGE = "keys 200007, bytes 48827505 in 0.8120 s\n"
_METRICS = """# TYPE rollcall_writer_commands_total counter
rollcall_writer_commands_total{result="committed"} 12
rollcall_writer_commands_total{result="refused"} 3
"""


def _of_changes(output: str) -> tuple[float, float]:
    return cluster_changes.parse("cluster_changes", output)


class ParseTest(unittest.TestCase):
    """parse() of each."""

    def test_reads_every_number(self) -> None:
        expected = cluster_writes.Run(120, 40, 2.0, 60.0, 8499.1)
        self.assertEqual(cluster_writes.parse(_TRANSACTIONS), expected)
        self.assertEqual(_of_changes(_CHANGES), (532.6, 8499.1))
        self.assertEqual(_of_changes(_CHANGES.replace(", queries 321", "")), (532.6, 8499.1))
        self.assertEqual(cluster_join.parse(_RANGE), (200007, 48827505, 0.812))

    def test_fails_where_a_line_is_missing(self) -> None:
        parsers: list[tuple[Callable[[str], object], str]] = [
            (cluster_writes.parse, _TRANSACTIONS),
            (_of_changes, _CHANGES),
            (cluster_join.parse, _RANGE),
        ]
        for parse, output in parsers:
            lines = output.splitlines(keepends=True)
            for number, line in enumerate(lines):
                with self.subTest(line), self.assertRaises(Failure):
                    parse("".join(lines[:number] + lines[number + 1 :]))


class MetricTest(unittest.TestCase):
    """metric()."""

    def test_reads_the_line_of_that_name_and_these_labels(self) -> None:
        name = 'rollcall_writer_commands_total{result="committed"}'
        self.assertEqual(cluster_servers.metric(_METRICS, name), 12)

    def test_fails_where_there_is_none(self) -> None:
        with self.assertRaises(Failure):
            cluster_servers.metric(_METRICS, "rollcall_writer_commands_total")


if __name__ == "__main__":
    unittest.main()
