"""What the suite "writes" sends: registrations that all change something, and heartbeats."""

import itertools
import json
from collections.abc import Iterator

import dns_data
import etcd
from http_client import HttpClient, put_request, request

# The registry is filled with these, and they change.
INSTANCES = [each for each in dns_data.instances() if each.service != dns_data.SERVICE_OF_5000]

_FIRST_PORT, _LAST_PORT = 10000, 65535  # of one length, and so are all bodies of an instance

_CHECKED = [f"beat-{number:04}" for number in range(1000)]
_TTL = "1h"  # so long that no check runs out while another side has its turn


class Changes:
    """The requests of one run after another. Each of them changes something.

    A run moves every instance to one port, and then to another, over and over. The next run has
    two other ports, so that it does not matter where the one before it ended.
    """

    def __init__(self) -> None:
        self._ports = itertools.cycle(range(_FIRST_PORT, _LAST_PORT + 1))

    def registrations(self) -> list[bytes]:
        """As rollcall is told of them."""
        return [put_request("/v1/catalog/register", body) for _, body in self._keys_and_bodies()]

    def etcd_puts(self) -> list[bytes]:
        """The same bodies as values, each instance under a key of its own."""
        return [etcd.put(key, json.dumps(body).encode()) for key, body in self._keys_and_bodies()]

    def _keys_and_bodies(self) -> Iterator[tuple[str, dict[str, object]]]:
        for port in (next(self._ports), next(self._ports)):
            for instance in INSTANCES:
                yield f"{instance.service}/{instance.node}", instance.registration(port)


def register_checks(http_port: int) -> None:
    """A thousand services of the server's own node, each with a TTL check that passes."""
    with HttpClient(http_port) as client:
        for service in _CHECKED:
            check = {"TTL": _TTL, "Status": "passing"}
            client.send(
                put_request("/v1/agent/service/register", {"Name": service, "Check": check})
            )


def heartbeats() -> list[bytes]:
    """One for each check: it goes on passing."""
    return [request("PUT", f"/v1/agent/check/pass/service:{service}") for service in _CHECKED]


def smallest_get() -> list[bytes]:
    """What costs the server least to answer: a few bytes that never change."""
    return [request("GET", "/v1/status/leader")]
