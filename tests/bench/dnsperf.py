"""One run of dnsperf: its command line and what it says at the end."""

import re
from dataclasses import dataclass
from pathlib import Path

from failure import Failure
from process import output_of, pinned

# Four sockets, a hundred queries under way: enough to keep a server busy, and few enough to fit
# into the socket buffers, so that a lost query is the server's doing.
_OPTIONS = ("-T", "1", "-c", "4", "-q", "100")
# What it says with _EDNS that it has room for. A quarter of so many answers under way does not fit
# into a socket's buffer of dnsperf's own choice (32 KB): they would be lost when it gets no time.
EDNS_BYTES = 4096
_EDNS = ("-e", "-b", "208")
# Beyond the time of the run itself: dnsperf waits 5 s for the last answers.
_PATIENCE_S = 30


@dataclass(frozen=True)
class Run:
    """What one run came to. `rcodes` counts the answers by code, e.g. {"NOERROR": 404184}."""

    completed: int
    lost: int
    rcodes: dict[str, int]
    response_bytes: int
    seconds: float
    per_second: float


def command(port: int, queries: Path, seconds: int, core: int, edns: bool = False) -> list[str]:
    """dnsperf on `core`, against 127.0.0.1:`port`, with the questions of the file over and over."""
    server = ("-s", "127.0.0.1", "-p", str(port))
    options = (*_OPTIONS, *_EDNS) if edns else _OPTIONS
    return pinned(core, ["dnsperf", *server, *options, "-d", str(queries), "-l", str(seconds)])


def run(command_line: list[str], seconds: int) -> Run:
    """Runs it to its end."""
    return parse(output_of("dnsperf", command_line, seconds + _PATIENCE_S))


def parse(output: str) -> Run:
    """Reads dnsperf's statistics."""
    size = re.search(r"^ *Average packet size: +request \d+, response (\d+)$", output, re.M)
    if size is None:
        raise Failure("dnsperf said something unexpected", output)
    rcodes = re.findall(r"(\w+) (\d+) \(", _value("Response codes", r"(.*)", output))
    return Run(
        completed=int(_value("Queries completed", r"(\d+)", output)),
        lost=int(_value("Queries lost", r"(\d+)", output)),
        rcodes={name: int(count) for name, count in rcodes},
        response_bytes=int(size[1]),
        seconds=float(_value("Run time (s)", r"([\d.]+)", output)),
        per_second=float(_value("Queries per second", r"([\d.]+)", output)),
    )


def _value(label: str, pattern: str, output: str) -> str:
    found = re.search(rf"^ *{re.escape(label)}: *{pattern}", output, re.M)
    if found is None:
        raise Failure(f'dnsperf said something unexpected: no "{label}"', output)
    return found[1]
