"""The registry over TLS, for the rows "https" and "handshakes" of the suite "http"."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import dns_servers
from certificates import Certificate
from dns_data import Instance
from servers import Place, Server, free_port


def start_rollcall(
    place: Place, program: Path, instances: Sequence[Instance], certificate: Certificate
) -> Server:
    """It serves both: it is filled over plain HTTP."""
    port = free_port()
    flags = ("--https", f"127.0.0.1:{port}", "--tls-cert-file", str(certificate.file))
    flags += ("--tls-key-file", str(certificate.key))
    server = dns_servers.start_rollcall(
        place, program, list(instances), name="rollcall-tls", flags=flags
    )
    return replace(server, https_port=port)
