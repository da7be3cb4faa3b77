"""The row "access" of the suite "http": a read with a token that may see it, where access is
controlled, against the same read where it is not.
"""

import http.client
import json
from collections.abc import Sequence

import dns_servers
import http_sides
from dns_data import Instance
from failure import Failure
from http_sides import CPU, ERRORS, RATE
from result import SUBJECT, Row, Target
from servers import Place, Server
from suite import Setting

OPEN = "open"

# As many rules as a token of a team may have; those that decide are among them.
_RULES = (
    "".join(f'service "team-{number}" {{ policy = "write" }}\n' for number in range(100))
    + 'service_prefix "" { policy = "read" }\nnode_prefix "" { policy = "read" }\n'
)
_TIMEOUT_S = 30


def start_closed(
    place: Place, setting: Setting, instances: Sequence[Instance]
) -> tuple[Server, str]:
    """A server that asks for tokens, filled, and the secret of a token that may read everything."""
    program = setting.build / "rollcall"
    flags = ["--acl", "--acl-default-policy", "allow"]
    server = dns_servers.start_rollcall(
        place, program, list(instances), name="rollcall-closed", flags=flags
    )
    management = str(_put(server, "/v1/acl/bootstrap", None, "")["SecretID"])
    _put(server, "/v1/acl/policy", {"Name": "reader", "Rules": _RULES}, management)
    token = _put(server, "/v1/acl/token", {"Policies": [{"Name": "reader"}]}, management)
    return server, str(token["SecretID"])


def measure(
    setting: Setting,
    row: Row,
    path: str,
    entries: int,
    open_server: Server,
    closed: tuple[Server, str],
) -> None:
    """Fills the row."""
    server, secret = closed
    row.targets = (
        Target(RATE.name, OPEN, at_least=0.97),
        Target(CPU.name, OPEN, at_most=1.03),
        Target(ERRORS.name, at_most=0),
    )
    sides = [
        http_sides.asked_side(SUBJECT, server, path, {"X-Consul-Token": secret}),
        http_sides.asked_side(OPEN, open_server, path, {"X-Other-Header": secret}),
    ]
    for side in sides:
        http_sides.expect_entries(side, entries)
    row.notes.append("102 rules; both sides are sent a header of that length")
    http_sides.describe(setting, row, sides)
    http_sides.measure_alternating(setting, row, sides)


def _put(server: Server, path: str, body: object, secret: str) -> dict[str, object]:
    connection = http.client.HTTPConnection("127.0.0.1", server.http_port, timeout=_TIMEOUT_S)
    try:
        payload = "" if body is None else json.dumps(body)
        connection.request("PUT", path, payload, {"X-Consul-Token": secret})
        answer = connection.getresponse()
        text = answer.read().decode()
    finally:
        connection.close()
    if answer.status != 200:
        raise Failure(f"{server.name} answers PUT {path} with {answer.status}: {text}")
    made = json.loads(text)
    assert isinstance(made, dict)
    return made
