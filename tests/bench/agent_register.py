"""From a registration until the registry's DNS answers with it: at an agent, and at the registry.

The two take turns, one registration each, so that whatever slows the machine down meets both alike.
"""

import itertools
import socket
import statistics
import time
from collections.abc import Mapping

from dns_message import decode_answer, encode_query
from failure import Failure
from http_client import HttpClient, put_request
from result import SUBJECT, Sample
from servers import Server

DIRECT = "direct"
SIDES = (SUBJECT, DIRECT)
_PATIENCE_S = 10
# What comes after a registration is done before the next one begins.
_PAUSE_S = 0.005


class Registrations:
    """Makes them, one after the other, each of a service of its own."""

    def __init__(self, agent: Server, registry: Server):
        self._clients = {
            SUBJECT: HttpClient(agent.http_port),
            DIRECT: HttpClient(registry.http_port),
        }
        self._dns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._dns.settimeout(_PATIENCE_S)
        self._dns.connect(("127.0.0.1", registry.dns_port))
        self._numbers = itertools.count()

    def end(self) -> None:
        """Closes the connections."""
        for client in self._clients.values():
            client.__exit__(None, None, None)
        self._dns.close()

    def measure(self, seconds: float, first: int) -> Mapping[str, list[float]]:
        """The microseconds of each, by side. `first`: which of the sides begins."""
        latencies: dict[str, list[float]] = {side: [] for side in SIDES}
        end = time.monotonic() + seconds
        for turn in itertools.count(first):
            side = SIDES[turn % len(SIDES)]
            latencies[side].append(self._register(side) * 1e6)
            if time.monotonic() >= end and all(latencies.values()):
                return latencies
        raise AssertionError  # a count has no end

    def _register(self, side: str) -> float:
        """Seconds until the name is answered with an address; it is taken away again."""
        number = next(self._numbers)
        name = f"new-{number:06}"
        client = self._clients[side]
        query = encode_query(number & 0xFFFF, f"{name}.service.consul", "A")
        began = time.perf_counter()
        client.begin(_registration(side, name))
        while not self._is_answered(query):
            if time.perf_counter() - began > _PATIENCE_S:
                raise Failure(f"{name}, registered at the {side}, is not in DNS")
        passed = time.perf_counter() - began
        client.finish()
        client.send(_deregistration(side, name))
        time.sleep(_PAUSE_S)
        return passed

    def _is_answered(self, query: bytes) -> bool:
        """One query after the other: the next goes out when the last has its answer."""
        self._dns.send(query)
        try:
            while True:
                message = self._dns.recv(65535)
                if message[:2] == query[:2]:
                    return decode_answer(message).answer["A"] > 0
        except TimeoutError as error:
            raise Failure("the registry's DNS does not answer") from error


def medians(latencies: Mapping[str, list[float]], measure: str) -> dict[str, Sample]:
    """Those of a round, as samples."""
    return {side: {measure: statistics.median(all_us)} for side, all_us in latencies.items()}


def _registration(side: str, name: str) -> bytes:
    if side == SUBJECT:
        return put_request("/v1/agent/service/register", {"Name": name, "Port": 8080})
    body = {"Node": "direct", "Address": "127.0.0.1", "Service": {"Service": name, "Port": 8080}}
    return put_request("/v1/catalog/register", body)


def _deregistration(side: str, name: str) -> bytes:
    if side == SUBJECT:
        return put_request(f"/v1/agent/service/deregister/{name}", None)
    return put_request("/v1/catalog/deregister", {"Node": "direct", "ServiceID": name})
