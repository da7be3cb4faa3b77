"""Which rows the names on the command line stand for."""

import contextlib
import io
import tempfile
import unittest
from pathlib import Path

import dns
import run
import watches
from plot import Figure, Line, Panel, Point
from suite import Outcome


class NamesTest(unittest.TestCase):
    """parse_arguments() and wanted_rows()."""

    def _rows(self, *names: str, suite: str = "dns") -> list[str]:
        return run.wanted_rows(suite, run.parse_arguments(["--build", "build", *names]).names)

    def test_no_name_stands_for_all_suites(self) -> None:
        self.assertEqual(self._rows(), list(dns.ROWS))
        self.assertEqual(self._rows(suite="watches"), list(watches.ROWS))

    def test_a_suite_stands_for_its_rows(self) -> None:
        self.assertEqual(self._rows("dns"), list(dns.ROWS))

    def test_a_row_of_one_suite_is_none_of_another(self) -> None:
        self.assertEqual(self._rows("dns/srv", "watches/others", suite="watches"), ["others"])

    def test_rows_keep_the_order_of_the_suite(self) -> None:
        self.assertEqual(self._rows("dns/large", "dns/srv"), ["srv", "large"])

    def test_an_unknown_name_is_wrong_usage_and_names_what_there_is(self) -> None:
        for name in ("dns/nope", "nope"):
            said = io.StringIO()
            with self.subTest(name), contextlib.redirect_stderr(said):
                with self.assertRaises(SystemExit) as ended:
                    self._rows(name)
            self.assertEqual(ended.exception.code, 2)
            self.assertIn("dns/srv", said.getvalue())


class PlotsTest(unittest.TestCase):
    """write_plots(), and the options about curves."""

    def test_each_figure_is_a_file(self) -> None:
        panel = Panel("bytes", "instances", [Line("", [Point(10, 1, 1, 1)])])
        outcome = Outcome(figures={"memory": Figure("Memory", [panel])})
        with tempfile.TemporaryDirectory() as folder:
            run.write_plots(Path(folder), {"growth": outcome, "dns": Outcome()})
            files = list(Path(folder).iterdir())
            self.assertEqual([file.name for file in files], ["memory.svg"])
            self.assertIn("<title", files[0].read_text(encoding="utf-8"))

    def test_nothing_is_drawn_or_left_out_unless_that_is_asked_for(self) -> None:
        options = run.parse_arguments(["--build", "build"])
        self.assertEqual((options.plots, options.largest), (None, None))
        options = run.parse_arguments(["--build", "build", "--plots", "p", "--largest", "9"])
        self.assertEqual((options.plots, options.largest), (Path("p"), 9))


if __name__ == "__main__":
    unittest.main()
