"""One run of dsync_writes: its command line and what it says at the end."""

import re
from pathlib import Path

from failure import Failure
from process import output_of, pinned

# Beyond the time of the run itself: a write may take a while.
_PATIENCE_S = 30


def command(program: Path, folder: Path, seconds: int, core: int) -> list[str]:
    """dsync_writes on `core`, to the disk that `folder` is on."""
    return pinned(core, [str(program), str(folder), str(seconds)])


def run(command_line: list[str], seconds: int) -> float:
    """Runs it to its end. The writes per second."""
    return parse(output_of("dsync_writes", command_line, seconds + _PATIENCE_S))


def parse(output: str) -> float:
    """The writes per second."""
    found = re.fullmatch(r"writes \d+ in [\d.]+ s\nper second ([\d.]+)\n", output)
    if found is None:
        raise Failure("dsync_writes said something unexpected", output)
    return float(found[1])
