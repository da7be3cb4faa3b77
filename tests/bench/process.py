"""Programs that a benchmark starts: pinned to a core, logged, ended, and their CPU time."""

import os
import shlex
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from failure import Failure

_STOP_PATIENCE_S = 10
_LOG_LINES_SHOWN = 15
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")

# The kernel ends the program when this script is killed without a chance to do it.
DIE_WITH_US = ("setpriv", "--pdeathsig", "TERM", "--")


def pinned(core: int | str, command: Sequence[str]) -> list[str]:
    """The command on that core alone ("0,1": on those cores), with all threads and children that it
    will have.
    """
    return ["taskset", "-c", str(core), *command]


def output_of(name: str, command: Sequence[str], timeout_s: float) -> str:
    """What the command writes to stdout until it ends; Failure unless it ends well, and in time."""
    try:
        done = subprocess.run(
            [*DIE_WITH_US, *command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout_s,
            start_new_session=True,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Failure(f"{name}: {error}") from error
    if done.returncode != 0:
        raise Failure(f"{name} failed ({done.returncode})", done.stdout + done.stderr)
    return done.stdout


class Program:
    """One that runs, in a session of its own: Ctrl-C reaches only the script, which ends it."""

    def __init__(self, name: str, command: Sequence[str], core: int | str, log_dir: Path):
        """Starts it; what it writes goes to `log_dir`/`name`.log."""
        self.name = name
        self._command = pinned(core, command)
        self._log = log_dir / f"{name}.log"
        with self._log.open("wb") as log:
            try:
                self._process = subprocess.Popen(
                    [*DIE_WITH_US, *self._command],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            except OSError as error:
                raise Failure(f"{name} cannot be started: {error}") from error

    @property
    def pid(self) -> int:
        """The program's own: taskset and setpriv become it."""
        return self._process.pid

    @property
    def command(self) -> str:
        """As one would type it."""
        return shlex.join(self._command)

    def expect_alive(self) -> None:
        """Fails, with the end of its log, when the program has ended."""
        code = self._process.poll()
        if code is not None:
            how = f"signal {-code}" if code < 0 else f"exit code {code}"
            raise Failure(f"{self.name} has ended ({how})", self.log_tail())

    def log_tail(self) -> str:
        """The last lines of its log, under a heading; empty when it has written none."""
        lines = self._log.read_text(errors="replace").splitlines()[-_LOG_LINES_SHOWN:]
        return f"-- the last lines of {self._log.name}\n" + "\n".join(lines) if lines else ""

    def cpu_s(self) -> float:
        """CPU time so far, user and system, of all its threads and of its living children.

        From /proc/<pid>/stat. The kernel shares out the exactly counted run time there, so that the
        sum is right to a tick (1/100 s) however short the single bursts are.
        """
        self.expect_alive()
        return sum(_cpu_ticks(f"/proc/{pid}") for pid in _tree(self._process.pid)) / _TICKS_PER_S

    def own_cpu_s(self) -> float:
        """The same of the program itself: nothing of its children, living or ended."""
        self.expect_alive()
        return _cpu_ticks(f"/proc/{self._process.pid}") / _TICKS_PER_S

    def cpu_of_threads_s(self) -> dict[int, float]:
        """The same of each living thread of the program itself, by thread id."""
        self.expect_alive()
        tasks = f"/proc/{self._process.pid}/task"
        return {
            int(thread): _cpu_ticks(f"{tasks}/{thread}") / _TICKS_PER_S
            for thread in os.listdir(tasks)
        }

    def stop(self) -> None:
        """Ends it: asked first, then by force; with its children. May be called again."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(_STOP_PATIENCE_S)
            except subprocess.TimeoutExpired:
                pass
        try:
            os.killpg(self._process.pid, signal.SIGKILL)  # whoever of its session is left
        except ProcessLookupError:
            pass
        self._process.wait()


def _stat_fields(task: str) -> list[str]:
    """The fields of `task`/stat from the third one (state) on; none when it is gone."""
    try:
        text = Path(f"{task}/stat").read_text(errors="replace")
    except OSError:
        return []
    return text[text.rindex(")") + 2 :].split()  # the name before it may hold anything


def _cpu_ticks(task: str) -> int:
    fields = _stat_fields(task)
    return int(fields[11]) + int(fields[12]) if fields else 0  # utime, stime


def _tree(root: int) -> list[int]:
    """The process and all that descend from it (NSD serves in a child)."""
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            fields = _stat_fields(f"/proc/{entry}")
            if fields:
                children.setdefault(int(fields[1]), []).append(int(entry))
    tree = [root]
    for pid in tree:  # grows while it is walked
        tree.extend(children.get(pid, []))
    return tree
