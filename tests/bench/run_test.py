"""Which rows the names on the command line stand for."""

import contextlib
import io
import unittest

import dns
import run
import watches


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


if __name__ == "__main__":
    unittest.main()
