"""The row "access" of the suite "http": a read with a token that may see it, where access is
controlled, against the same read where it is not.
"""

import http.client
import json
from collections.abc import Sequence
from dataclasses import replace

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
_CLOSED = ("--acl", "--acl-default-policy", "allow")
# Pairs of the same two programs have differed from each other by more than what is looked for here
# (ratios of 0.97 to 1.10). So they are started anew time and again, and measured in many short
# rounds.
_PAIRS = 8
_ROUND_S = 1


def measure(
    setting: Setting, row: Row, place: Place, instances: Sequence[Instance], path: str, entries: int
) -> None:
    """Fills the row."""
    row.targets = (
        Target(RATE.name, OPEN, at_least=0.97),
        Target(CPU.name, OPEN, at_most=1.03),
        Target(ERRORS.name, at_most=0),
    )
    row.notes.append(f"102 rules; both sides are sent a header of that length; {_PAIRS} pairs")
    short = replace(setting, seconds=_ROUND_S)
    for pair in range(1, _PAIRS + 1):
        setting.say(f"starting pair {pair} of {_PAIRS}, one without access control, one with it")
        open_server = _start(place, setting, f"open-{pair}", instances)
        server = _start(place, setting, f"closed-{pair}", instances, _CLOSED)
        secret = _secret_of_reader(server)
        sides = [
            http_sides.asked_side(SUBJECT, server, path, {"X-Consul-Token": secret}),
            http_sides.asked_side(OPEN, open_server, path, {"X-Other-Header": secret}),
        ]
        for side in sides:
            http_sides.expect_entries(side, entries)
        if pair == 1:
            http_sides.describe(short, row, sides)
        http_sides.measure_alternating(short, row, sides)
        for each in (open_server, server):
            each.program.stop()


def _start(
    place: Place,
    setting: Setting,
    name: str,
    instances: Sequence[Instance],
    flags: Sequence[str] = (),
) -> Server:
    program = setting.build / "rollcall"
    return dns_servers.start_rollcall(place, program, list(instances), name=name, flags=flags)


def _secret_of_reader(server: Server) -> str:
    """The secret of a new token that may read everything."""
    management = str(_put(server, "/v1/acl/bootstrap", None, "")["SecretID"])
    _put(server, "/v1/acl/policy", {"Name": "reader", "Rules": _RULES}, management)
    token = _put(server, "/v1/acl/token", {"Policies": [{"Name": "reader"}]}, management)
    return str(token["SecretID"])


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
