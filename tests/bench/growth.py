"""The suite "growth": how the cost of answers, registrations, memory and changes grows with sizes.

A row is a curve or two. The table has a line for each size, beside the smallest of the same round;
the figures show the same.
"""

from collections.abc import Callable, Sequence

import growth_service_size
import growth_services
import growth_watchers
import servers
from growth_catalogs import Catalogs
from growth_outcome import Grown
from growth_registry import Registry
from suite import Outcome, Setting


class _Suite:
    """The rows, each by the name that `scripts/bench growth/NAME` gives."""

    def __init__(self, setting: Setting):
        self._setting = setting
        self._catalogs = Catalogs(setting)
        self._registry = Registry(setting, self._catalogs)
        self.outcome = Outcome()

    def run(self, names: Sequence[str]) -> None:
        for name in names:
            self._setting.say(f"row {name}")
            grown = ROWS[name](self, name)
            self.outcome.rows += grown.rows
            self.outcome.figures |= grown.figures
            self.outcome.commands += grown.commands

    def service_size(self, name: str) -> Grown:
        return growth_service_size.measure(self._setting, name)

    def services(self, name: str) -> Grown:
        return growth_services.measure(self._setting, name, self._catalogs)

    def registrations(self, name: str) -> Grown:
        return self._registry.registrations(name)

    def memory(self, name: str) -> Grown:
        return self._registry.memory(name)

    def watchers(self, name: str) -> Grown:
        return growth_watchers.measure(self._setting, name)


ROWS: dict[str, Callable[[_Suite, str], Grown]] = {
    "service-size": _Suite.service_size,
    "services": _Suite.services,
    "registrations": _Suite.registrations,
    "memory": _Suite.memory,
    "watchers": _Suite.watchers,
}


def run(setting: Setting, names: Sequence[str]) -> Outcome:
    """Measures the rows of these names."""
    versions = servers.versions(setting.build, {"dnsperf": ["dnsperf", "-h"]})
    suite = _Suite(setting)
    suite.run(names)
    suite.outcome.versions = versions
    return suite.outcome
