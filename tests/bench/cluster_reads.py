"""The rows "http" and "dns" of the suite "cluster": reads at one of the servers on an etcd, against
one with a store of its own and the same data.
"""

import dns_data
import dns_sides
import etcd
import http_sides
import servers
from cluster_servers import MEMBERS, await_ready, start_server, stop
from dns_data import FIRST_SERVICE
from dns_sides import Expected, Questions
from registering import register_all
from result import SUBJECT, Row, Target
from servers import Place, Server
from suite import Setting

EMBEDDED = "embedded"

_PATH = f"/v1/health/service/{FIRST_SERVICE}?passing"
_INSTANCES_EACH = 5
# "The same" within what can be told apart here.
_RATE_AT_LEAST, _CPU_AT_MOST = 0.95, 1.05


class Reads:
    """Both servers take turns on the server's core; etcd is on the other one."""

    def __init__(self, setting: Setting, place: Place, etcd_place: Place):
        self._setting = setting
        program = setting.build / "rollcall"
        self._members = etcd.start_members(etcd_place, MEMBERS)
        self._sides: dict[str, Server] = {
            SUBJECT: start_server(place, str(program), 0, self._members[0]),
            EMBEDDED: servers.start_rollcall(place, program),
        }
        everything = dns_data.instances()
        self._addresses = dns_data.addresses(everything)
        wanted = [each for each in everything if each.service != dns_data.SERVICE_OF_5000]
        for side, server in self._sides.items():
            await_ready(server)
            setting.say(f"filling {side}")
            register_all(server.http_port, wanted)

    def http(self, name: str) -> Row:
        """Health of a service."""
        row = Row(name, "health of 5 instances", http_sides.MEASURES)
        row.targets = (
            Target(http_sides.RATE.name, EMBEDDED, at_least=_RATE_AT_LEAST),
            Target(http_sides.CPU.name, EMBEDDED, at_most=_CPU_AT_MOST),
            Target(http_sides.ERRORS.name, at_most=0),
        )
        sides = [http_sides.asked_side(side, server, _PATH) for side, server in self._sides.items()]
        for side in sides:
            http_sides.expect_entries(side, _INSTANCES_EACH)
        http_sides.describe(self._setting, row, sides)
        self._describe(row)
        http_sides.measure_alternating(self._setting, row, sides)
        return row

    def dns(self, name: str) -> Row:
        """SRV of the same service."""
        row = Row(name, "SRV, 5 instances", (dns_sides.CPU, dns_sides.RATE, dns_sides.LOST))
        row.targets = (
            Target(dns_sides.RATE.name, EMBEDDED, at_least=_RATE_AT_LEAST),
            Target(dns_sides.CPU.name, EMBEDDED, at_most=_CPU_AT_MOST),
            Target(dns_sides.LOST.name, at_most=0),
        )
        path = self._setting.scratch / f"{name}.questions"
        dns_data.write_questions(path, [FIRST_SERVICE], "SRV")
        questions = Questions(path, [FIRST_SERVICE], "SRV")
        expected = Expected(answer={"SRV": _INSTANCES_EACH}, additional={"A": _INSTANCES_EACH})
        sides = [
            dns_sides.checked_side(side, server, questions, expected, self._addresses)
            for side, server in self._sides.items()
        ]
        dns_sides.describe(self._setting, row, sides)
        self._describe(row)
        dns_sides.measure_alternating(self._setting, row, sides)
        return row

    def stop(self) -> None:
        """Ends all servers."""
        stop([*self._sides.values(), *self._members])

    def _describe(self, row: Row) -> None:
        row.commands |= {side: server.program.command for side, server in self._sides.items()}
