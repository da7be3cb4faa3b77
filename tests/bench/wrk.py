"""One run of wrk: its command line and what it says at the end."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from failure import Failure
from process import output_of, pinned

# One thread, which is all that one core can run; one request under way on each connection.
_OPTIONS = ("-t1", "-c32")
_PATIENCE_S = 30
_SECONDS_OF = {"us": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600}
_BYTES_OF = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


@dataclass(frozen=True)
class Run:
    """What one run came to. `requests` are those answered, well or not; `errors` counts answers of
    a code above 399 and whatever went wrong on the sockets. wrk rounds `read_bytes` to 0.6 %."""

    requests: int
    errors: int
    read_bytes: float
    seconds: float
    per_second: float


def command(
    port: int,
    path: str,
    seconds: int,
    core: int,
    headers: Mapping[str, str] | None = None,
    scheme: str = "http",
) -> list[str]:
    """wrk on `core`, which asks 127.0.0.1:`port` for the path all the while.

    With "https" it verifies no certificate and resumes no session.
    """
    fields = [f"-H{name}: {value}" for name, value in (headers or {}).items()]
    url = f"{scheme}://127.0.0.1:{port}{path}"
    return pinned(core, ["wrk", *_OPTIONS, f"-d{seconds}s", *fields, url])


def run(command_line: list[str], seconds: int) -> Run:
    """Runs it to its end."""
    return parse(output_of("wrk", command_line, seconds + _PATIENCE_S))


def parse(output: str) -> Run:
    """Reads wrk's statistics. Of errors it says something only when there were some."""
    total = re.search(
        r"^ *(\d+) requests in ([\d.]+)(us|ms|s|m|h), ([\d.]+)([KMGT]?)B read$", output, re.M
    )
    rate = re.search(r"^Requests/sec: +([\d.]+)$", output, re.M)
    if total is None or rate is None:
        raise Failure("wrk said something unexpected", output)
    on_sockets = re.search(r"^ *Socket errors: (.*)$", output, re.M)
    bad_answers = re.search(r"^ *Non-2xx or 3xx responses: (\d+)$", output, re.M)
    errors = [int(count) for count in re.findall(r"\d+", on_sockets[1])] if on_sockets else []
    if bad_answers:
        errors.append(int(bad_answers[1]))
    return Run(
        requests=int(total[1]),
        errors=sum(errors),
        read_bytes=float(total[4]) * _BYTES_OF[total[5]],
        seconds=float(total[2]) * _SECONDS_OF[total[3]],
        per_second=float(rate[1]),
    )
