"""What the large catalogs of the suite "cluster" hold: an instance as in the suite "scale", which
registrations.h has for programs in C++, on a node of its own.
"""

import json
from collections.abc import Iterator, Sequence

from http_answer import answer_to
from http_client import put_request, request
from failure import Failure
from servers import Server

INSTANCES = 100_000
_SERVICES = 5_000
_BATCH = 480  # of 512 that a request may have
# So long that no check runs out while another side has its turn.
_TTL = "12h"


def service_of(number: int) -> str:
    """Twenty instances share one."""
    return f"service-{number % _SERVICES:05}"


def node_of(number: int) -> str:
    """Its own."""
    return f"node-{number:07}"


def check_of(number: int) -> str:
    """The ID of its TTL check."""
    return f"service:{service_of(number)}-{number:07}"


def registration(number: int) -> dict[str, object]:
    """With a TTL check, three tags and three pairs of metadata."""
    service = service_of(number)
    return {
        "Node": node_of(number),
        "Address": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
        "Service": {
            "ID": f"{service}-{number:07}",
            "Service": service,
            "Port": 8080,
            "Tags": ["primary", "v1.14.2", f"rack-{number % 40}"],
            "Meta": {"owner": f"team-{number % 100}", "version": "1.14.2", "zone": "eu-west-1b"},
        },
        "Check": {
            "CheckID": check_of(number),
            "Name": f"Service '{service}' check",
            "Status": "passing",
            "ServiceID": f"{service}-{number:07}",
            "Definition": {"TTL": _TTL},
        },
    }


def fill(server: Server, count: int = INSTANCES) -> None:
    """Registers the first `count` of them."""
    for first in range(0, count, _BATCH):
        numbers = range(first, min(first + _BATCH, count))
        batch = [{"Register": registration(number)} for number in numbers]
        for each in json.loads(answer_to(server, put_request("/v1/catalog/batch", batch))):
            if each["Status"] != 200:
                raise Failure(f"{server.name}: {each}")


def heartbeats(numbers: Sequence[int]) -> Iterator[bytes]:
    """One for each of these instances' checks."""
    for number in numbers:
        body = json.dumps({"Node": node_of(number), "CheckIDs": [check_of(number)]})
        yield request("PUT", "/v1/catalog/heartbeat", body.encode())
