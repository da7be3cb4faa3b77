"""What the programs of the suite "scale" say."""

import unittest

import scale
from failure import Failure


class ScaleTest(unittest.TestCase):
    """parse_figures(), parse_expiry() and parse_micro()."""

    def test_figures_are_read_by_name(self) -> None:
        self.assertEqual(
            scale.parse_figures("scan_s 0.039\nregister_us 164.410\n"),
            {"scan_s": 0.039, "register_us": 164.41},
        )

    def test_anything_else_is_a_failure(self) -> None:
        for output in ("scan_s\n", "killed\n", "scan_s fast\n"):
            with self.subTest(output), self.assertRaises(Failure):
                scale.parse_figures(output)

    def test_an_expiry_is_read_by_measure(self) -> None:
        output = (
            "writer_percent 1.250\nlate_p50_ms 9.100\nlate_p99_ms 20.500\nlate_max_ms 31.000\n"
            "expired 600.000\nheartbeats 99999.100\n"
        )
        self.assertEqual(
            scale.parse_expiry(output),
            {
                "% of a core": 1.25,
                "ms late, median": 9.1,
                "ms late, 99th of 100": 20.5,
                "ms late, at most": 31.0,
                "heartbeats/s": 99999.1,
            },
        )

    def test_an_expiry_without_its_lateness_is_a_failure(self) -> None:
        for output in ("", "writer_percent 1.250\nheartbeats 99999.100\n"):
            with self.subTest(output), self.assertRaises(Failure):
                scale.parse_expiry(output)

    def test_benchmarks_are_read_by_name(self) -> None:
        output = '{"context": {}, "benchmarks": [{"name": "BM_A/10", "cpu_time": 65.1}]}'
        self.assertEqual(scale.parse_micro(output), {"BM_A/10": 65.1})

    def test_other_json_is_a_failure(self) -> None:
        for output in ("", "[]", "{}", '{"benchmarks": [{"name": "BM_A"}]}'):
            with self.subTest(output), self.assertRaises(Failure):
                scale.parse_micro(output)


if __name__ == "__main__":
    unittest.main()
