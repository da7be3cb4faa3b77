"""What the kernel says of a program's memory is read as it is meant."""

import os
import unittest

import memory
from failure import Failure
from memory import Memory

_ROLLUP = """55d0c0a4e000-7ffd1d9f6000 ---p 00000000 00:00 0                    [rollup]
Rss:               91840 kB
Pss:               89412 kB
Pss_Dirty:         70116 kB
Pss_Anon:          70116 kB
Pss_File:          19296 kB
Pss_Shmem:             0 kB
Referenced:        91840 kB
Anonymous:         70120 kB
AnonHugePages:         0 kB
"""


class RollupTest(unittest.TestCase):
    """memory.parse_rollup() and what asks it."""

    def test_reads_whole_sizes_and_not_parts_of_them(self) -> None:
        self.assertEqual(memory.parse_rollup(_ROLLUP), Memory(91840, 89412, 70120))

    def test_text_without_a_size_fails_and_is_shown(self) -> None:
        for size in ("Rss", "Pss", "Anonymous"):
            text = _ROLLUP.replace(f"{size}:", "Uss:")
            with self.subTest(size), self.assertRaises(Failure) as failed:
                memory.parse_rollup(text)
            self.assertEqual(failed.exception.log, text)
            self.assertIn(size, str(failed.exception))

    def test_a_living_program_has_some(self) -> None:
        self.assertGreater(memory.proportional_kib(os.getpid()), 0)
        mine = memory.of_program(os.getpid())
        self.assertGreater(mine.resident_kib, mine.anonymous_kib)


if __name__ == "__main__":
    unittest.main()
