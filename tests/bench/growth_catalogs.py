"""Catalogs of several sizes for the suite "growth": each a store that catalog_scale fills once.

An instance is on a node of its own and has a TTL check, three tags and three pairs of metadata (see
catalog_scale.cc); a service has five.
"""

import shutil
from pathlib import Path

import scale
import servers
from process import output_of, pinned
from servers import Place, Server
from suite import Setting

INSTANCES_EACH = 5
_PATIENCE_S = 1800


class Catalogs:
    """The stores, each made when it is needed first."""

    def __init__(self, setting: Setting):
        self._setting = setting
        self._filled: dict[int, dict[str, float]] = {}

    def filled(self, services: int) -> dict[str, float]:
        """What catalog_scale measured as it filled the one of so many services."""
        if services not in self._filled:
            self._setting.say(f"registering {services * INSTANCES_EACH:,} instances")
            self._filled[services] = self._run(services)
        return self._filled[services]

    def opened(self, services: int) -> dict[str, float]:
        """What it measures when it opens that store."""
        self.filled(services)
        return self._run(services)

    def start_server(self, services: int) -> Server:
        """rollcall on a copy of that store, to which it adds itself; to be stopped by the row."""
        self.filled(services)
        scratch = self._setting.scratch / f"server-{services}"
        scratch.mkdir()
        cleanup = self._setting.cleanup
        place = Place(scratch, self._setting.cores.server, lambda each: cleanup.callback(each.stop))
        data = shutil.copytree(self._store(services), scratch / "data")
        return servers.start_rollcall(place, self._setting.build / "rollcall", data)

    def _store(self, services: int) -> Path:
        return self._setting.scratch / f"catalog-{services}"

    def _run(self, services: int) -> dict[str, float]:
        program = self._setting.build / "bench" / "catalog_scale"
        store, instances = self._store(services), services * INSTANCES_EACH
        command = [str(program), str(store), str(instances), str(services)]
        core = self._setting.cores.server
        return scale.parse_figures(output_of("catalog_scale", pinned(core, command), _PATIENCE_S))


def service_name(number: int) -> str:
    """As catalog_scale names it. All names of up to 100,000 services have one length."""
    return f"service-{number:05}"


def addresses_of(number: int, services: int) -> set[str]:
    """Those that catalog_scale gives the service's instances."""
    nodes = (number + services * turn for turn in range(INSTANCES_EACH))
    return {f"10.{node >> 16 & 255}.{node >> 8 & 255}.{node & 255}" for node in nodes}
