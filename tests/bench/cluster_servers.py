"""Several rollcalls on one etcd of three members."""

import http.client
import re
import time
from collections.abc import Sequence

import dns_message
import etcd
from dns_data import domain_name
from failure import Failure
from http_answer import answer_to
from http_client import request
from servers import PATIENCE_S, Place, Server, free_port

MEMBERS = 3
_READY_PAUSE_S = 0.002


def start_server(place: Place, program: str, number: int, member: Server) -> Server:
    """rollcall with one worker, which follows that member of etcd. Returns at once."""
    name, dns_port, http_port = f"rollcall-{number}", free_port(), free_port()
    command = [program, "server", "--store", f"etcd://127.0.0.1:{member.http_port}"]
    command += ["--node", f"registry-{number}", "--workers", "1", "--log-level", "warn"]
    command += ["--http", f"127.0.0.1:{http_port}", "--dns", f"127.0.0.1:{dns_port}"]
    return Server(name, place.start(name, command), dns_port, http_port)


def start_servers(place: Place, program: str, members: Sequence[Server]) -> list[Server]:
    """One for each member of etcd; all take writes."""
    servers = [
        start_server(place, program, number, member) for number, member in enumerate(members)
    ]
    for server in servers:
        await_ready(server)
    return servers


def await_ready(server: Server, service: str = "consul") -> None:
    """Until it names a leader over HTTP and its DNS answers with that service's addresses."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        server.program.expect_alive()
        if _names_leader(server) and _resolves(server, service):
            return
        time.sleep(_READY_PAUSE_S)
    raise Failure(f"{server.name} is not ready within {PATIENCE_S} s", server.program.log_tail())


def await_owner(member: Server) -> None:
    """Until one of the servers owns expiry."""
    deadline = time.monotonic() + PATIENCE_S
    while etcd.value_of(member, "rollcall/owner") is None:
        if time.monotonic() > deadline:
            raise Failure(f"nobody owns expiry within {PATIENCE_S} s")
        time.sleep(0.05)


def stop(servers: Sequence[Server]) -> None:
    """All of them."""
    for server in servers:
        server.program.stop()


def cpu_s(servers: Sequence[Server]) -> float:
    """Of all of them together, so far."""
    return sum(server.program.cpu_s() for server in servers)


def committed(servers: Sequence[Server]) -> tuple[int, int]:
    """How many commands all of them have written so far, and in how many transactions."""
    commands = transactions = 0
    for server in servers:
        text = answer_to(server, request("GET", "/v1/agent/metrics?format=prometheus"))
        commands += metric(text, 'rollcall_writer_commands_total{result="committed"}')
        transactions += metric(text, "rollcall_writer_commit_duration_seconds_count")
    return commands, transactions


def metric(text: str, name: str) -> int:
    """The value of that line of what is made for Prometheus."""
    found = re.search(rf"^{re.escape(name)} (\d+)$", text, re.M)
    if found is None:
        raise Failure(f"no {name} in the metrics", text)
    return int(found[1])


def _names_leader(server: Server) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", server.http_port, timeout=5)
    try:
        connection.request("GET", "/v1/status/leader")
        answer = connection.getresponse()
        return answer.status == 200 and len(answer.read()) > len('""\n')
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _resolves(server: Server, service: str) -> bool:
    try:
        answer = dns_message.ask(server.dns_port, domain_name(service), "A", 1)
    except OSError:
        return False
    return answer.answer["A"] > 0
