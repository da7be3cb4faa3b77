"""What the kernel says of a program's memory is read as it is meant."""

import os
import unittest

import memory
from failure import Failure

_ROLLUP = """55d0c0a4e000-7ffd1d9f6000 ---p 00000000 00:00 0                    [rollup]
Rss:               91840 kB
Pss:               89412 kB
Pss_Dirty:         70116 kB
Pss_Anon:          70116 kB
Pss_File:          19296 kB
Pss_Shmem:             0 kB
"""


class ProportionalTest(unittest.TestCase):
    """memory.parse_rollup() and memory.proportional_kib()."""

    def test_reads_the_whole_set_and_not_a_part_of_it(self) -> None:
        self.assertEqual(memory.parse_rollup(_ROLLUP), 89412)

    def test_text_of_another_kind_fails_and_is_shown(self) -> None:
        text = _ROLLUP.replace("Pss:", "Uss:")
        with self.assertRaises(Failure) as failed:
            memory.parse_rollup(text)
        self.assertEqual(failed.exception.log, text)

    def test_a_living_program_has_some(self) -> None:
        self.assertGreater(memory.proportional_kib(os.getpid()), 0)


if __name__ == "__main__":
    unittest.main()
