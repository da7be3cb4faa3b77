"""One run over HTTP of the suite "growth".

The load is http_load, not wrk: it waits for the answers that are under way at the end, which are
many of all where answers are large and runs short.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import http_load
from dns_sides import CPU, RATE
from failure import Failure
from http_answer import answer_to
from http_client import HttpClient, request
from result import Sample
from servers import Server
from suite import Setting

# What is measured is named as over DNS.
MEASURES = (CPU, RATE)

_CONNECTIONS = 32
# So many answers are looked at before.
_CHECKED = 100


def health_requests(services: Sequence[str]) -> list[bytes]:
    """A request for each."""
    return [request("GET", f"/v1/health/service/{service}?passing") for service in services]


def checked_body_bytes(server: Server, requests: Sequence[bytes], instances: int) -> int:
    """The size of an answer's body; Failure unless those looked at have so many instances."""
    for each in requests[:_CHECKED]:
        body = answer_to(server, each)
        entries = len(json.loads(body))
        if entries != instances:
            raise Failure(f"an answer has {entries} instances, not {instances}: {each!r}")
    return len(body)


def send_each(server: Server, requests: Sequence[bytes]) -> None:
    """Once, so that every answer has been made from records and the next ones are as it was."""
    with HttpClient(server.http_port) as client:
        for each in dict.fromkeys(requests):
            client.send(each)


def command(setting: Setting, server: Server, requests: Path) -> list[str]:
    """The load that sends the requests of the file."""
    program, core = setting.build / "bench" / "http_load", setting.cores.client
    port = server.http_port
    return http_load.command(program, port, _CONNECTIONS, setting.seconds, requests, core)


def measure(setting: Setting, server: Server, requests: Path) -> Sample:
    """One run."""
    before_s = server.program.cpu_s()
    run = http_load.run(command(setting, server, requests), setting.seconds)
    spent_s = server.program.cpu_s() - before_s
    return {CPU.name: spent_s / run.answered * 1e6, RATE.name: run.per_second}
