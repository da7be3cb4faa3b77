"""The machine that the numbers are from, and the cores on it that are used."""

import os
import platform
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from failure import Failure

# When others use more of the cores than this before anything is started, they disturb it.
_QUIET_SHARE = 0.05
_LOOK_S = 1


@dataclass(frozen=True)
class Cores:
    """The server is pinned to the one; who asks it, and the script itself, to the other."""

    server: int
    client: int


def choose_cores(wanted: str | None) -> Cores:
    """Those that are wanted, as in "0,1", or else the first two that this process may use."""
    if shutil.which("taskset") is None:
        raise Failure(
            "no taskset here (Debian: util-linux): the programs cannot be pinned to cores"
        )
    usable = sorted(os.sched_getaffinity(0))
    if wanted is None:
        chosen = usable[:2]
    else:
        try:
            chosen = [int(core) for core in wanted.split(",")]
        except ValueError:
            chosen = []
        if len(chosen) != 2 or chosen[0] == chosen[1]:
            raise Failure(f'--cores "{wanted}": expected two different ones, as in 0,1')
    if len(chosen) < 2 or not set(chosen) <= set(usable):
        raise Failure(f"two cores are needed; usable here are: {', '.join(map(str, usable))}")
    return Cores(*chosen)


def describe() -> str:
    """One line."""
    cpus = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    models = [line.partition(":")[2].strip() for line in cpus.splitlines() if "model name" in line]
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    return f"{models[0] if models else 'unknown CPU'}, {os.cpu_count()} cores, {system}"


def revision() -> str:
    """Which sources are measured, as git names them; with "-dirty" when they were changed since."""
    command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    return done.stdout.strip() or "unknown"


def busy_warning() -> str:
    """What to say of numbers from a machine that is busy with other things; empty when it is not.

    Looks for a second. The load average would still hold the build that has just ended.
    """
    before = _cpu_times()
    time.sleep(_LOOK_S)
    passed = [after - earlier for earlier, after in zip(before, _cpu_times())]
    idle = passed[3] + passed[4]  # idle, iowait
    busy = 1 - idle / max(sum(passed), 1)
    if busy <= _QUIET_SHARE:
        return ""
    return f"the machine is busy with other things ({busy:.0%}): do not trust these numbers"


def _cpu_times() -> list[int]:
    """Ticks of all cores together, from user to steal."""
    first = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0]
    return [int(ticks) for ticks in first.split()[1:9]]
