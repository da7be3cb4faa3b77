"""How much memory a program has."""

import re
from dataclasses import dataclass
from pathlib import Path

from failure import Failure


@dataclass(frozen=True)
class Memory:
    """Without what the kernel keeps for it, such as sockets."""

    resident_kib: int  # pages that are mapped, its own or of files, whoever has them, too
    proportional_kib: int  # the pages of its own, and its share of those that others have, too
    anonymous_kib: int  # pages that no file stands behind: heap, stacks, what it wrote to its data


def of_program(pid: int) -> Memory:
    """As of now."""
    return parse_rollup(Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii"))


def proportional_kib(pid: int) -> int:
    """Its proportional set."""
    return of_program(pid).proportional_kib


def parse_rollup(text: str) -> Memory:
    """Reads /proc/<pid>/smaps_rollup, which counts page by page; VmRSS is an estimate."""
    sizes = dict(re.findall(r"^(Rss|Pss|Anonymous): +(\d+) kB$", text, re.M))
    try:
        return Memory(int(sizes["Rss"]), int(sizes["Pss"]), int(sizes["Anonymous"]))
    except KeyError as missing:
        raise Failure(f"no {missing} in smaps_rollup", text) from missing
