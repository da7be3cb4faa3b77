"""What wrk says is read as it is meant."""

import unittest

import wrk
from failure import Failure

# Of wrk 4.1.0.
_OUTPUT = """Running 3s test @ http://127.0.0.1:8500/v1/catalog/services
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   587.07us  271.11us   2.05ms   56.29%
    Req/Sec    50.51k    14.25k   77.38k    60.00%
  50072 requests in 1.50m, 107.25MB read
Requests/sec:  50028.38
Transfer/sec:    107.02MB
"""
_ERRORS = """  Socket errors: connect 1, read 20, write 300, timeout 4000
  Non-2xx or 3xx responses: 50000
"""


class ParseTest(unittest.TestCase):
    """wrk.parse()."""

    def test_reads_all_that_is_used(self) -> None:
        self.assertEqual(
            wrk.parse(_OUTPUT),
            wrk.Run(
                requests=50072,
                errors=0,
                read_bytes=107.25 * 1024 * 1024,
                seconds=90,
                per_second=50028.38,
            ),
        )

    def test_errors_of_all_kinds_are_added_up(self) -> None:
        run = wrk.parse(_OUTPUT.replace("Requests/sec", _ERRORS + "Requests/sec"))
        self.assertEqual(run.errors, 54321)
        self.assertEqual(run.requests, 50072)

    def test_no_answer_at_all_is_no_failure(self) -> None:
        run = wrk.parse(
            _OUTPUT.replace("50072 requests in 1.50m, 107.25MB", "0 requests in 1.00s, 0.00B")
        )
        self.assertEqual((run.requests, run.read_bytes, run.seconds), (0, 0, 1))

    def test_output_of_another_kind_fails_and_is_shown(self) -> None:
        for label in ("requests in", "Requests/sec"):
            output = _OUTPUT.replace(label, "Something else")
            with self.subTest(label), self.assertRaises(Failure) as failed:
                wrk.parse(output)
            self.assertEqual(failed.exception.log, output)


class CommandTest(unittest.TestCase):
    """wrk.command()."""

    def test_is_pinned_and_runs_for_a_time(self) -> None:
        words = " ".join(wrk.command(8500, "/v1/catalog/services", 3, 1))
        self.assertTrue(words.startswith("taskset -c 1 wrk "), words)
        self.assertTrue(words.endswith(" -d3s http://127.0.0.1:8500/v1/catalog/services"), words)

    def test_speaks_tls_when_asked_to(self) -> None:
        words = wrk.command(8501, "/", 3, 1, scheme="https")
        self.assertEqual(words[-1], "https://127.0.0.1:8501/")


if __name__ == "__main__":
    unittest.main()
