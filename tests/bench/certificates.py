"""Certificates of servers, made with `rollcall tls`: keys on P-256."""

from dataclasses import dataclass
from pathlib import Path

from process import output_of

_PATIENCE_S = 30


@dataclass(frozen=True)
class Certificate:
    """Its files, in PEM."""

    file: Path
    key: Path


def make(program: Path, folder: Path) -> Certificate:
    """That of a server, by an authority of its own, in a new folder. `program` is rollcall."""
    folder.mkdir()
    for what in (["ca", "create"], ["cert", "create", "--server"]):
        # They write into the current directory.
        output_of("rollcall tls", ["env", "-C", str(folder), str(program), "tls", *what], _PATIENCE_S)
    return Certificate(
        folder / "dc1-server-consul-0.pem", folder / "dc1-server-consul-0-key.pem"
    )
