"""One run of http_load: the file of its requests, its command line, and what it says at the end."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from failure import Failure
from process import output_of, pinned

# Beyond the time of the run itself: http_load waits for the last answers, 30 s for each.
_PATIENCE_S = 60


@dataclass(frozen=True)
class Run:
    """What one run came to. Every answer was a 200, or there would be none."""

    answered: int
    seconds: float
    per_second: float
    p50_us: float
    p99_us: float


def write_requests(path: Path, requests: Iterable[bytes]) -> None:
    """The file: each request after a line with its length."""
    path.write_bytes(b"".join(b"%d\n%b" % (len(request), request) for request in requests))


def command(
    program: Path, port: int, connections: int, seconds: int, requests: Path, core: int
) -> list[str]:
    """http_load on `core`, against 127.0.0.1:`port`, with the requests of the file in turn."""
    return pinned(core, command_for([port], program, connections, seconds, requests))


def command_for(
    ports: Sequence[int], program: Path, connections: int, seconds: int, requests: Path
) -> list[str]:
    """The same on any core, the connections taking turns over the ports."""
    every = ",".join(map(str, ports))
    return [str(program), every, str(connections), str(seconds), str(requests)]


def run(command_line: list[str], seconds: int) -> Run:
    """Runs it to its end."""
    return parse(output_of("http_load", command_line, seconds + _PATIENCE_S))


def parse(output: str) -> Run:
    """Reads the three lines of http_load."""
    found = re.fullmatch(
        r"answered (\d+) in ([\d.]+) s\n"
        r"per second ([\d.]+)\n"
        r"latency us: p50 ([\d.]+), p99 ([\d.]+)\n",
        output,
    )
    if found is None:
        raise Failure("http_load said something unexpected", output)
    return Run(int(found[1]), *(float(value) for value in found.groups()[1:]))
