"""What dnsperf says is read as it is meant."""

import unittest
from pathlib import Path

import dnsperf
from failure import Failure

# Of dnsperf 2.10.0.
_OUTPUT = """DNS Performance Testing Tool
Version 2.10.0

[Status] Command line: dnsperf -s 127.0.0.1 -p 8600 -d questions -l 3
[Status] Sending queries (to 127.0.0.1:8600)
[Status] Started at: Wed May  1 12:00:00 2024
[Status] Stopping after 3.000000 seconds
[Timeout] Query timed out: msg id 7
[Status] Testing complete (time limit)

Statistics:

  Queries sent:         404187
  Queries completed:    404184 (100.00%)
  Queries lost:         3 (0.00%)

  Response codes:       NOERROR 404180 (100.00%), SERVFAIL 4 (0.00%)
  Average packet size:  request 40, response 336
  Run time (s):         3.000731
  Queries per second:   134695.179

  Average Latency (s):  0.000604 (min 0.000024, max 0.011001)
  Latency StdDev (s):   0.000212
"""


class ParseTest(unittest.TestCase):
    """dnsperf.parse()."""

    def test_reads_all_that_is_used(self) -> None:
        self.assertEqual(
            dnsperf.parse(_OUTPUT),
            dnsperf.Run(
                completed=404184,
                lost=3,
                rcodes={"NOERROR": 404180, "SERVFAIL": 4},
                response_bytes=336,
                seconds=3.000731,
                per_second=134695.179,
            ),
        )

    def test_no_answer_at_all_has_no_codes(self) -> None:
        output = _OUTPUT.replace("404184 (100.00%)", "0 (0.00%)").replace(
            "NOERROR 404180 (100.00%), SERVFAIL 4 (0.00%)", ""
        )
        run = dnsperf.parse(output)
        self.assertEqual(run.completed, 0)
        self.assertEqual(run.rcodes, {})

    def test_output_of_another_kind_fails_and_is_shown(self) -> None:
        for label in ("Queries lost", "Average packet size", "Run time (s)"):
            output = _OUTPUT.replace(label, "Something else")
            with self.subTest(label), self.assertRaises(Failure) as failed:
                dnsperf.parse(output)
            self.assertEqual(failed.exception.log, output)


class CommandTest(unittest.TestCase):
    """dnsperf.command()."""

    def test_is_pinned_and_runs_for_a_time(self) -> None:
        words = " ".join(dnsperf.command(8600, Path("questions"), 3, 1))
        self.assertTrue(words.startswith("taskset -c 1 dnsperf -s 127.0.0.1 -p 8600 "), words)
        self.assertTrue(words.endswith(" -d questions -l 3"), words)
        self.assertNotIn("-e", words.split())

    def test_asks_with_edns_where_that_is_wanted(self) -> None:
        self.assertIn("-e", dnsperf.command(8600, Path("questions"), 3, 1, edns=True))


if __name__ == "__main__":
    unittest.main()
