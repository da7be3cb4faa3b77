"""The services that the registry of the suite "http" holds."""

from collections.abc import Sequence

import dns_data
from dns_data import FIRST_SERVICE, Instance

LARGE_SERVICE = "big-1000"
LARGE_SIZE = 1000
SERVICES = 10_000
INSTANCES_EACH = 5


def instances() -> list[Instance]:
    """All of them: of 9,999 services 5 each, FIRST_SERVICE being one of these; and a service of
    1,000."""
    sizes = {f"svc-{number:04}": INSTANCES_EACH for number in range(SERVICES - 1)}
    sizes[LARGE_SERVICE] = LARGE_SIZE
    return dns_data.instances_of(sizes)


def of_others(everything: Sequence[Instance]) -> list[Instance]:
    """Those of services that no row asks for by name."""
    asked_for = (FIRST_SERVICE, LARGE_SERVICE)
    return [instance for instance in everything if instance.service not in asked_for]
