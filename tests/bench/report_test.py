"""The table and the JSON show what was measured."""

import json
import unittest

import report
from result import SUBJECT, Measure, Over, Row, Target

_CPU = Measure("CPU us/answer", 2)
_LOST = Measure("lost queries", over_rounds=Over.SUM, compared=False)


def _rows() -> list[Row]:
    """One row against a peer, one against itself."""
    peers = Row("srv", "SRV", (_CPU, _LOST), (Target(_CPU.name, "Knot", at_most=1),))
    peers.rounds.append(
        {
            SUBJECT: {_CPU.name: 4.5, _LOST.name: 0},
            "Knot": {_CPU.name: 6, _LOST.name: 0},
        }
    )
    itself = Row("large", "SRV, cut", (_CPU,), (Target(_CPU.name, "itself", at_most=1.1),))
    itself.rounds.append({SUBJECT: {_CPU.name: 1234.5}, "itself": {_CPU.name: 1000}})
    return [peers, itself]


class TableTest(unittest.TestCase):
    """report.table()."""

    def test_has_a_line_for_each_measure_and_a_column_for_each_side(self) -> None:
        self.assertEqual(
            report.table(_rows()).splitlines(),
            [
                "work      measured       rollcall  Knot    itself  /Knot  /itself  to reach",
                "SRV       CPU us/answer      4.50  6.00         -   0.75        -"
                "  at most 1 of Knot: reached",
                "          lost queries          0     0         -      -        -",
                "SRV, cut  CPU us/answer  1,234.50     -  1,000.00      -     1.23"
                "  at most 1.1 of itself: NOT REACHED",
            ],
        )

    def test_says_when_there_was_nothing_to_compare_with(self) -> None:
        row = _rows()[0]
        del row.rounds[0]["Knot"]
        self.assertIn("at most 1 of Knot: not measured", report.table([row]))


class DetailsTest(unittest.TestCase):
    """report.details()."""

    def test_name_the_notes_and_the_commands(self) -> None:
        row = _rows()[0]
        row.notes.append("a note")
        row.commands["load on Knot"] = "dnsperf -l 3"
        self.assertEqual(report.details([row]), "srv: SRV\n  a note\n  load on Knot: dnsperf -l 3")


class JsonTest(unittest.TestCase):
    """report.row_as_json()."""

    def test_holds_spreads_ratios_targets_and_rounds(self) -> None:
        row = json.loads(json.dumps(report.row_as_json(_rows()[0])))
        self.assertEqual(row["measures"][_CPU.name]["Knot"], {"value": 6, "min": 6, "max": 6})
        self.assertEqual(row["ratios"][_CPU.name]["Knot"]["value"], 0.75)
        self.assertNotIn(_LOST.name, row["ratios"])
        self.assertEqual(
            row["targets"],
            [{"measure": _CPU.name, "text": "at most 1 of Knot", "reached": True}],
        )
        self.assertEqual(row["rounds"][0][SUBJECT], {_CPU.name: 4.5, _LOST.name: 0})


if __name__ == "__main__":
    unittest.main()
