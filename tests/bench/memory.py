"""How much memory a program has."""

import re
from pathlib import Path

from failure import Failure


def proportional_kib(pid: int) -> int:
    """Its proportional set: the pages of its own, and its share of those that others have, too.

    Not in it is what the kernel keeps for it, such as sockets.
    """
    return parse_rollup(Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii"))


def parse_rollup(text: str) -> int:
    """Reads the set's size in /proc/<pid>/smaps_rollup."""
    found = re.search(r"^Pss: +(\d+) kB$", text, re.M)
    if found is None:
        raise Failure("no proportional set size in smaps_rollup", text)
    return int(found[1])
