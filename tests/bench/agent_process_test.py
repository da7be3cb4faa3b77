"""What the agent says about itself is read as it is meant."""

import unittest

import agent_process
from failure import Failure

_METRICS = """# HELP rollcall_agent_check_attempts_total Attempts of the checks.
# TYPE rollcall_agent_check_attempts_total counter
rollcall_agent_check_attempts_total{status="passing"} 1320
rollcall_agent_check_attempts_total{status="warning"} 0
rollcall_agent_check_attempts_total{status="critical"} 3
# TYPE rollcall_agent_checks gauge
rollcall_agent_checks{status="passing"} 300
"""


class AttemptsTest(unittest.TestCase):
    """agent_process.parse_attempts()."""

    def test_counts_attempts_by_status_and_nothing_else(self) -> None:
        self.assertEqual(
            agent_process.parse_attempts(_METRICS), {"passing": 1320, "warning": 0, "critical": 3}
        )

    def test_metrics_without_them_fail_and_are_shown(self) -> None:
        with self.assertRaises(Failure) as failed:
            agent_process.parse_attempts("nothing\n")
        self.assertEqual(failed.exception.log, "nothing\n")


if __name__ == "__main__":
    unittest.main()
