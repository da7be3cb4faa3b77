"""The row of the suite "http" that compares rollcall while other services change with itself while
nothing does.

The registrations are served by the same process and core, so they take their share of the rate and
of the CPU time, and the client that sends them shares its core with wrk.
"""

import time
from collections.abc import Sequence

import http_sides
import rounds
from dns_data import Instance
from dns_servers import catalog_index
from http_sides import ERRORS, RATE, Side
from registering import Registrar, write_changes
from result import SUBJECT, Measure, Row, Sample, Target
from suite import Setting

REFERENCE = "itself"
CHANGES = Measure("changes/s", compared=False)
MEASURES = (*http_sides.MEASURES, CHANGES)

_PER_SECOND = 500
# A row of fewer changes than it says would be too easy.
_ENOUGH_PER_SECOND = 0.95 * _PER_SECOND
_PORTS = (8081, 8082)
_SETTLE_S = 0.2

TARGETS = (
    Target(RATE.name, REFERENCE, at_least=0.9),
    Target(ERRORS.name, at_most=0),
    Target(CHANGES.name, at_least=_ENOUGH_PER_SECOND),
)


def measure_with_changes(
    setting: Setting, row: Row, side: Side, changing: Sequence[Instance]
) -> None:
    """Fills the row's rounds: `side`, while these instances change and while none does."""
    path = setting.scratch / f"{row.name}.changes"
    write_changes(path, changing, _PORTS)
    registrar = Registrar(side.server.http_port, _PER_SECOND, path, setting.cores.client)
    setting.cleanup.callback(registrar.end)
    row.commands["registrations"] = registrar.command

    http_sides.warm_up(setting, side)
    measuring = {
        SUBJECT: lambda: _with_changes(setting, side, registrar),
        REFERENCE: lambda: http_sides.measure(setting, side),
    }
    rounds.alternate(setting, row, measuring, http_sides.said_of)
    registrar.end()


def _with_changes(setting: Setting, side: Side, registrar: Registrar) -> Sample:
    registrar.start()
    time.sleep(_SETTLE_S)
    began, index_before = time.monotonic(), catalog_index(side.server)
    sample = http_sides.measure(setting, side)
    took_s, changes = time.monotonic() - began, catalog_index(side.server) - index_before
    registrar.stop()
    return {**sample, CHANGES.name: changes / took_s}
