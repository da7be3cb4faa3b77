"""The services and checks of the agent that is measured, as its file of definitions has them."""

from collections.abc import Mapping
from dataclasses import dataclass

SERVICES = 100
INTERVAL_S = 10
# How often each kind is among the checks; each service has three. The first hundred, one for each
# service, are what most services have.
KINDS: Mapping[str, int] = {
    "http": 100,
    "tcp": 60,
    "ttl": 50,
    "alias": 30,
    "script": 20,
    "udp": 20,
    "grpc": 10,
    "h2ping": 10,
}
CHECKS = sum(KINDS.values())
_TOLD = ("ttl", "alias")
PROBED = sum(count for kind, count in KINDS.items() if kind not in _TOLD)
# An alias stands for a service that is so many after its own, and has no alias itself.
_ALIAS_STEP = 50
_TTL_S = 30


@dataclass(frozen=True)
class Ports:
    """Of 127.0.0.1, where the checks' targets are."""

    http: int
    http2: int
    udp: int


def definitions(ports: Ports) -> dict[str, object]:
    """100 services, each with three checks that pass; 300 in all."""
    checks: list[list[dict[str, object]]] = [[] for _ in range(SERVICES)]
    kinds = [kind for kind, count in KINDS.items() for _ in range(count)]
    for number, kind in enumerate(kinds):
        service = number % SERVICES
        check = _check(kind, service, ports)
        checks[service].append({**check, "check_id": f"{kind}-{number}", "name": kind})
    return {
        "services": [
            {
                "name": _service(service),
                "port": 20000 + service,
                "tags": ["v1", "bench"],
                "meta": {"version": "1.0"},
                "checks": checks[service],
            }
            for service in range(SERVICES)
        ]
    }


def ttl_check_ids() -> list[str]:
    """Those of the checks that a program has to keep passing."""
    first = KINDS["http"] + KINDS["tcp"]
    return [f"ttl-{number}" for number in range(first, first + KINDS["ttl"])]


def _service(number: int) -> str:
    return f"svc-{number:03}"


def _check(kind: str, service: int, ports: Ports) -> dict[str, object]:
    probes: dict[str, dict[str, object]] = {
        "http": {"http": f"http://127.0.0.1:{ports.http}/health"},
        "tcp": {"tcp": f"127.0.0.1:{ports.http}"},
        "script": {"args": ["/bin/true"]},
        "udp": {"udp": f"127.0.0.1:{ports.udp}"},
        "grpc": {"grpc": f"127.0.0.1:{ports.http2}"},
        "h2ping": {"h2ping": f"127.0.0.1:{ports.http2}", "h2ping_use_tls": False},
    }
    if kind == "ttl":
        return {"ttl": f"{_TTL_S}s"}
    if kind == "alias":
        return {"alias_service": _service((service + _ALIAS_STEP) % SERVICES)}
    return {**probes[kind], "interval": f"{INTERVAL_S}s", "timeout": "5s"}
