"""What the programs of the suite "scale" say."""

import unittest

import scale
from failure import Failure


class ScaleTest(unittest.TestCase):
    """parse_figures() and parse_micro()."""

    def test_figures_are_read_by_name(self) -> None:
        self.assertEqual(
            scale.parse_figures("scan_s 0.039\nregister_us 164.410\n"),
            {"scan_s": 0.039, "register_us": 164.41},
        )

    def test_anything_else_is_a_failure(self) -> None:
        for output in ("scan_s\n", "killed\n", "scan_s fast\n"):
            with self.subTest(output), self.assertRaises(Failure):
                scale.parse_figures(output)

    def test_benchmarks_are_read_by_name(self) -> None:
        output = '{"context": {}, "benchmarks": [{"name": "BM_A/10", "cpu_time": 65.1}]}'
        self.assertEqual(scale.parse_micro(output), {"BM_A/10": 65.1})

    def test_other_json_is_a_failure(self) -> None:
        for output in ("", "[]", "{}", '{"benchmarks": [{"name": "BM_A"}]}'):
            with self.subTest(output), self.assertRaises(Failure):
                scale.parse_micro(output)


if __name__ == "__main__":
    unittest.main()
