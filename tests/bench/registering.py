"""Registrations over HTTP: all at once to fill a registry, or so many a second all the while.

The second is a program of its own, on the client's core, so that it never waits for the script:
    python3 registering.py HTTP_PORT PER_SECOND FILE
FILE holds one registration a line, which are sent in turn, over and over. Commands come on stdin,
one a line: "start", "stop", "count". Each is answered with the number of registrations so far. A
registration that fails ends the program with an error.
"""

import json
import os
import shlex
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from dns_data import Instance
from failure import Failure
from http_client import HttpClient, put_request
from process import DIE_WITH_US, pinned

# Enough that the rate is kept when each registration waits for the disk, and 100 ms for its turn
# on a core that DNS keeps busy.
_CONNECTIONS = 64
_PATH = "/v1/catalog/register"


def register_all(http_port: int, instances: Sequence[Instance]) -> None:
    """Registers them, over several connections so that the server can commit them together."""
    failures: list[Exception] = []

    def register(part: Sequence[Instance]) -> None:
        try:
            with HttpClient(http_port) as client:
                for instance in part:
                    client.send(put_request(_PATH, instance.registration()))
        except (Failure, OSError) as error:
            failures.append(error)

    threads = [
        threading.Thread(target=register, args=(instances[first::_CONNECTIONS],), daemon=True)
        for first in range(_CONNECTIONS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise Failure(f"filling the registry: {failures[0]}")


def write_changes(path: Path, instances: Sequence[Instance], ports: tuple[int, int]) -> None:
    """A file for the program: each instance at one port, then each at the other.

    So every registration changes something, however often the file is gone through. The size of an
    answer stays the same.
    """
    with path.open("w", encoding="ascii") as file:
        for port in ports:
            for instance in instances:
                file.write(json.dumps(instance.registration(port)) + "\n")


class Registrar:
    """The running program."""

    def __init__(self, http_port: int, per_second: int, changes: Path, core: int):
        program = [sys.executable, "-B", __file__, str(http_port), str(per_second), str(changes)]
        self._command_line = pinned(core, program)
        self._process = subprocess.Popen(
            [*DIE_WITH_US, *self._command_line],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            text=True,
            bufsize=1,
        )

    @property
    def command(self) -> str:
        """As one would type it."""
        return shlex.join(self._command_line)

    def start(self) -> None:
        """Returns when the first registrations are under way."""
        self._tell("start")

    def stop(self) -> None:
        """Returns when none is under way any more."""
        self._tell("stop")

    def count(self) -> int:
        """The number of registrations that have been answered."""
        return self._tell("count")

    def end(self) -> None:
        """Ends the program."""
        self._process.kill()
        self._process.communicate()

    def _tell(self, word: str) -> int:
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            self._process.stdin.write(word + "\n")
        except BrokenPipeError:
            pass  # then there is no answer either
        answer = self._process.stdout.readline()
        if not answer:
            raise Failure("the registrations beside the measurement have failed (see above)")
        return int(answer)


class _PacedSender:
    """Sends the requests in turn at a steady rate, over several connections."""

    def __init__(self, http_port: int, per_second: int, requests: list[bytes]):
        self._http_port = http_port
        self._interval_s = _CONNECTIONS / per_second
        self._requests = requests
        self._lock = threading.Lock()
        self._next = 0  # guarded by _lock, as is done
        self.done = 0
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        self._stopping.clear()
        began = time.monotonic()
        for number in range(_CONNECTIONS):
            first_at = began + self._interval_s * number / _CONNECTIONS
            thread = threading.Thread(target=self._send_from, args=(first_at,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        self._threads.clear()

    def _send_from(self, due: float) -> None:
        try:
            with HttpClient(self._http_port) as client:
                while not self._stopping.wait(max(0.0, due - time.monotonic())):
                    client.send(self._take())
                    with self._lock:
                        self.done += 1
                    due += self._interval_s  # a late one is made up for
        except (Failure, OSError) as error:
            print(f"registering: {error}", file=sys.stderr, flush=True)
            os._exit(1)  # from a thread: the whole program, at once

    def _take(self) -> bytes:
        with self._lock:
            request = self._requests[self._next]
            self._next = (self._next + 1) % len(self._requests)
            return request


def main(http_port: str, per_second: str, path: str) -> None:
    """The program."""
    lines = Path(path).read_text(encoding="ascii").splitlines()
    sender = _PacedSender(
        int(http_port), int(per_second), [put_request(_PATH, json.loads(line)) for line in lines]
    )
    commands: dict[str, Callable[[], None]] = {
        "start": sender.start,
        "stop": sender.stop,
        "count": lambda: None,
    }
    for line in sys.stdin:
        commands[line.strip()]()
        print(sender.done, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
