"""Servers that are compared: where they are put, on which ports, and rollcall itself."""

import re
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from failure import Failure
from process import Program

PATIENCE_S = 60


@dataclass
class Server:
    """One that runs and answers. A port is 0 where it has none."""

    name: str
    program: Program
    dns_port: int = 0
    http_port: int = 0
    https_port: int = 0


@dataclass(frozen=True)
class Place:
    """Where servers are put: their files (each in a folder of its own), logs and core."""

    scratch: Path
    core: int | str  # as of pinned()
    on_start: Callable[[Program], object]  # told of each one, so that it is ended whatever happens

    def folder(self, name: str) -> Path:
        """A new folder for one server."""
        folder = self.scratch / name
        folder.mkdir()
        return folder

    def start(self, name: str, command: Sequence[str]) -> Program:
        """Starts the program here."""
        program = Program(name, command, self.core, self.scratch)
        self.on_start(program)
        return program


def free_port() -> int:
    """A port of 127.0.0.1 that is free for TCP and UDP."""
    for _ in range(100):
        with (
            socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        ):
            tcp.bind(("127.0.0.1", 0))
            port = tcp.getsockname()[1]
            try:
                udp.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(port)
    raise Failure("no port of 127.0.0.1 is free for both TCP and UDP")


def start_rollcall(
    place: Place,
    program: Path,
    data: Path | None = None,
    name: str = "rollcall",
    flags: Sequence[str] = (),
) -> Server:
    """rollcall with one worker and a store on disk: that in `data`, or else a new one.

    Returns when it takes connections.
    """
    folder, dns_port, http_port = place.folder(name), free_port(), free_port()
    data = data or folder / "data"
    command = [str(program), "server", "--data-dir", str(data), "--node", "registry"]
    command += ["--http", f"127.0.0.1:{http_port}", "--dns", f"127.0.0.1:{dns_port}"]
    command += ["--workers", "1", "--log-level", "warn", *flags]
    server = Server(name, place.start(name, command), dns_port, http_port)
    await_port(server.program, http_port)
    return server


def await_port(program: Program, port: int) -> None:
    """Until somebody listens on 127.0.0.1:`port`; Failure when the program ends or takes long."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        program.expect_alive()
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise Failure(f"{program.name} does not listen within {PATIENCE_S} s", program.log_tail())


def versions(build: Path, others: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Those of rollcall and of others, by their names; a command makes each of those say it."""
    own = {"rollcall": version_of([str(build / "rollcall"), "--version"])}
    return own | {name: version_of(command) for name, command in others.items()}


def version_of(command: Sequence[str]) -> str:
    """The first line that holds a version, of what the program says."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Failure(f"{error} (scripts/bench installs and builds what it runs)") from error
    lines = [
        line
        for line in done.stdout.splitlines()
        if re.search(
            r"\b(version|rollcall(?:-agent)?|consul|nginx|wrk|wrk debian):?[ /]v?\d", line, re.I
        )
    ]
    return lines[0].strip() if lines else "unknown"
