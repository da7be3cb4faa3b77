"""What http_load says is read as it is meant, and its file is as it wants it."""

import tempfile
import unittest
from pathlib import Path

import http_load
from failure import Failure

_OUTPUT = """answered 42591 in 2.001 s
per second 21289.1
latency us: p50 532.6, p99 8499.1
"""


class ParseTest(unittest.TestCase):
    """parse()."""

    def test_reads_every_number(self) -> None:
        expected = http_load.Run(42591, 2.001, 21289.1, 532.6, 8499.1)
        self.assertEqual(http_load.parse(_OUTPUT), expected)

    def test_fails_where_a_line_is_missing(self) -> None:
        lines = _OUTPUT.splitlines(keepends=True)
        for number, line in enumerate(lines):
            with self.subTest(line), self.assertRaises(Failure) as failed:
                http_load.parse("".join(lines[:number] + lines[number + 1 :]))
            self.assertIn("http_load", str(failed.exception))


class RequestsTest(unittest.TestCase):
    """write_requests()."""

    def test_each_request_follows_a_line_with_its_length(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "requests"
            http_load.write_requests(path, [b"GET / HTTP/1.1\r\n\r\n", b"PUT\n"])
            self.assertEqual(path.read_bytes(), b"18\nGET / HTTP/1.1\r\n\r\n4\nPUT\n")


class CommandTest(unittest.TestCase):
    """command()."""

    def test_pins_the_load_to_its_core(self) -> None:
        line = http_load.command(Path("bench/http_load"), 8500, 64, 3, Path("requests"), 1)
        expected = "taskset -c 1 bench/http_load 8500 64 3 requests"
        self.assertEqual(" ".join(line), expected)

    def test_shares_the_connections_among_several_ports(self) -> None:
        line = http_load.command_for([8500, 8501], Path("bench/http_load"), 64, 3, Path("requests"))
        self.assertEqual(" ".join(line), "bench/http_load 8500,8501 64 3 requests")


if __name__ == "__main__":
    unittest.main()
