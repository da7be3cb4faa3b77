"""The services that every DNS server of the benchmark answers for: registrations, zone, questions.

All names of services have the same length, and so do all names of nodes: an answer's size depends
only on how many records are in it.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

DATACENTER = "dc1"
PORT = 8080
FIRST_SERVICE = "svc-0000"
SERVICE_OF_10 = "cut-0010"
SERVICE_OF_5000 = "cut-5000"
ABSENT_SERVICE = "nix-0000"

_SERVICES = 1000
_INSTANCES_EACH = 5
# The order of the questions is random, and the same in each run.
_SEED = 20240501
_SHUFFLES = 20


@dataclass(frozen=True)
class Instance:
    """One instance of a service, at the address of a node of its own."""

    service: str
    node: str
    address: str

    def registration(self, port: int = PORT) -> dict[str, object]:
        """The body for PUT /v1/catalog/register."""
        return {
            "Node": self.node,
            "Address": self.address,
            "Service": {"ID": self.service, "Service": self.service, "Port": port},
        }


def domain_name(service: str) -> str:
    """What DNS is asked for."""
    return f"{service}.service.consul"


def ordinary_services() -> list[str]:
    """The thousand that have five instances each; FIRST_SERVICE is one of them."""
    return [f"svc-{number:04}" for number in range(_SERVICES)]


def instances() -> list[Instance]:
    """All of them: 1,000 services of 5, one of 10, one of 5,000."""
    sizes = {service: _INSTANCES_EACH for service in ordinary_services()}
    sizes |= {SERVICE_OF_10: 10, SERVICE_OF_5000: 5000}
    return instances_of(sizes)


def instances_of(sizes: Mapping[str, int]) -> list[Instance]:
    """So many of each service, each on a node of its own."""
    services = [service for service, size in sizes.items() for _ in range(size)]
    return [
        Instance(service, f"n-{number:05}", f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
        for number, service in enumerate(services)
    ]


def addresses(everything: list[Instance]) -> dict[str, set[str]]:
    """Those of each service's instances; ABSENT_SERVICE has none."""
    known: dict[str, set[str]] = {ABSENT_SERVICE: set()}
    for instance in everything:
        known.setdefault(instance.service, set()).add(instance.address)
    return known


def zone(everything: list[Instance]) -> Iterator[str]:
    """The same as lines of a zone file, with the TTLs and the SOA that rollcall gives.

    The zone's own name server is outside: no answer has its address as a further record.
    """
    yield "$ORIGIN consul.\n$TTL 0\n"
    yield "@ SOA ns.consul. hostmaster.consul. 1 3600 600 86400 0\n"
    yield "@ NS ns.invalid.\n"
    for instance in everything:
        target = f"{instance.node}.node.{DATACENTER}"
        yield f"{instance.service}.service SRV 1 1 {PORT} {target}\n"
        yield f"{instance.service}.service A {instance.address}\n"
        yield f"{target} A {instance.address}\n"


def write_questions(path: Path, services: Sequence[str], type_name: str) -> None:
    """A file for dnsperf, which asks its lines over and over: each service equally often."""
    lines = [f"{domain_name(service)} {type_name}\n" for service in services]
    if len(lines) > 1:
        shuffled = lines * _SHUFFLES
        random.Random(_SEED).shuffle(shuffled)
        lines = shuffled
    path.write_text("".join(lines), encoding="ascii")
