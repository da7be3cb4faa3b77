"""The watchers of a benchmark: the running watch_load, which watch_load.cc describes."""

import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from failure import Failure
from process import DIE_WITH_US, pinned


@dataclass(frozen=True)
class Change:
    """How long after a change was sent its watchers had heard of it, in microseconds."""

    first_us: float
    median_us: float
    last_us: float
    put_us: float  # until the change itself was answered
    answer_bytes: int  # of what one watcher was sent


def parse_change(line: str) -> Change:
    """Reads one of watch_load's lines."""
    words = line.split()
    try:
        name, first, median, last, put, size = words
        if name != "change":
            raise ValueError(name)
        return Change(float(first), float(median), float(last), float(put), int(size))
    except ValueError as error:
        raise Failure(f'watch_load said something unexpected: "{line.strip()}"') from error


@dataclass(frozen=True)
class Watched:
    """What the watchers wait for. The changes are of the first service, and each changes it."""

    watchers: int
    services: Path  # a name a line
    changes: Path  # a registration a line


class Watchers:
    """The running program. What it says on stderr stands in the report of progress."""

    def __init__(self, program: Path, port: int, watched: Watched, core: int):
        """Returns when it has asked once for each service."""
        command = [str(program), str(port), str(watched.watchers)]
        self._command_line = pinned(core, [*command, str(watched.services), str(watched.changes)])
        try:
            self._process = subprocess.Popen(
                [*DIE_WITH_US, *self._command_line],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,
                text=True,
                bufsize=1,
            )
        except OSError as error:
            raise Failure(f"watch_load cannot be started: {error}") from error
        self._until("ready")

    @property
    def command(self) -> str:
        """As one would type it."""
        return shlex.join(self._command_line)

    def park(self) -> None:
        """Returns when the server has all watchers waiting."""
        self._tell("park")
        self._until("parked")

    def change(self, seconds: int) -> list[Change]:
        """Makes changes for so long, one after the other; at least one."""
        self._tell(f"change {seconds}")
        return [parse_change(line) for line in self._until("done")]

    def end(self) -> None:
        """Ends the program: the server sees all watchers leave. May be called again."""
        self._process.kill()
        self._process.communicate()

    def _tell(self, command: str) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(command + "\n")
        except BrokenPipeError:
            pass  # then it says nothing either

    def _until(self, word: str) -> Sequence[str]:
        """The lines before the one that is `word`."""
        assert self._process.stdout is not None
        lines: list[str] = []
        for line in self._process.stdout:
            if line == word + "\n":
                return lines
            lines.append(line)
        raise Failure("the watchers have failed (see above)")
