"""The DNS servers that are compared, each started on free ports of 127.0.0.1 with the same data."""

import json
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

import dns_data
import dns_message
import servers
from failure import Failure
from registering import register_all
from servers import PATIENCE_S, Place, Server, free_port


def start_rollcall(
    place: Place,
    program: Path,
    instances: list[dns_data.Instance],
    name: str = "rollcall",
    flags: Sequence[str] = (),
) -> Server:
    """rollcall with one worker and a store on disk, filled over HTTP."""
    server = servers.start_rollcall(place, program, name=name, flags=flags)
    _await(server, dns_data.ABSENT_SERVICE, "NXDOMAIN")
    _fill(server, instances)
    return server


def start_knot(place: Place, instances: list[dns_data.Instance]) -> Server:
    """Knot DNS with one thread of each kind."""
    folder, port = place.folder("knot"), free_port()
    _write_zone(folder, instances)
    config = folder / "knot.conf"
    config.write_text(
        f"""server:
    rundir: "{folder}"
    listen: 127.0.0.1@{port}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
log:
  - target: stderr
    any: warning
database:
    storage: "{folder}"
template:
  - id: default
    storage: "{folder}"
    zonefile-sync: -1
    journal-content: none
zone:
  - domain: consul.
    file: consul.zone
"""
    )
    server = Server("Knot", place.start("knot", ["knotd", "-c", str(config)]), port)
    _await(server, dns_data.FIRST_SERVICE, "NOERROR")
    return server


def start_nsd(place: Place, instances: list[dns_data.Instance]) -> Server:
    """NSD with one serving process, and without its limit on answers a second.

    Its minimal responses would leave out the addresses of SRV targets: it gives full ones, with the
    NS record of the zone.
    """
    folder, port = place.folder("nsd"), free_port()
    _write_zone(folder, instances)
    config = folder / "nsd.conf"
    config.write_text(
        f"""server:
    server-count: 1
    ip-address: 127.0.0.1
    port: {port}
    username: ""
    chroot: ""
    zonesdir: "{folder}"
    database: ""
    pidfile: "{folder}/nsd.pid"
    zonelistfile: "{folder}/zone.list"
    xfrdfile: "{folder}/xfrd.state"
    xfrdir: "{folder}"
    rrl-ratelimit: 0
remote-control:
    control-enable: no
zone:
    name: consul
    zonefile: consul.zone
"""
    )
    server = Server("NSD", place.start("nsd", ["nsd", "-d", "-c", str(config)]), port)
    _await(server, dns_data.FIRST_SERVICE, "NOERROR")
    return server


def start_consul(place: Place, instances: list[dns_data.Instance]) -> Server:
    """Consul as a server in memory, filled over HTTP."""
    folder, dns_port, http_port = place.folder("consul"), free_port(), free_port()
    config = folder / "consul.json"
    ports = {"dns": dns_port, "http": http_port, "grpc": -1, "server": free_port()}
    ports |= {"serf_lan": free_port(), "serf_wan": -1}
    limits = {"udp_answer_limit": 1000}  # else three records, however many there is room for
    config.write_text(
        json.dumps({"ports": ports, "dns_config": limits, "disable_update_check": True})
    )
    command = ["consul", "agent", "-dev", "-node", "registry", "-log-level", "warn"]
    command += ["-bind", "127.0.0.1", "-client", "127.0.0.1", "-config-file", str(config)]
    server = Server("Consul", place.start("consul", command), dns_port, http_port)
    _await(server, dns_data.ABSENT_SERVICE, "NXDOMAIN")
    _fill(server, instances)
    return server


def start_echo(place: Place, program: Path, answer_bytes: int) -> Server:
    """The bare echo, whose answers have that many bytes."""
    port = free_port()
    server = Server("echo", place.start("echo", [str(program), str(port), str(answer_bytes)]), port)
    _await(server, dns_data.FIRST_SERVICE, "NOERROR")
    return server


def has_consul() -> bool:
    """Whether there is one to compare with."""
    return shutil.which("consul") is not None


def catalog_index(server: Server) -> int:
    """It counts the changes. A registration of what is there already is none."""
    serial = dns_message.ask(server.dns_port, "consul", "SOA").serial
    if serial is None:
        raise Failure(f"{server.name} gives no SOA")
    return serial


def _write_zone(folder: Path, instances: list[dns_data.Instance]) -> None:
    with (folder / "consul.zone").open("w", encoding="ascii") as file:
        file.writelines(dns_data.zone(instances))


def _fill(server: Server, instances: list[dns_data.Instance]) -> None:
    try:
        register_all(server.http_port, instances)
    except Failure as failure:
        raise Failure(f"{server.name}: {failure}", server.program.log_tail()) from failure


def _await(server: Server, service: str, rcode: str) -> None:
    """Until it answers a question for the service with that code."""
    deadline = time.monotonic() + PATIENCE_S
    said = "nothing"
    while time.monotonic() < deadline:
        server.program.expect_alive()
        try:
            answer = dns_message.ask(server.dns_port, dns_data.domain_name(service), "SRV", 1)
        except OSError:  # not yet bound, or a timeout
            time.sleep(0.05)
            continue
        if answer.rcode == rcode:
            return
        said = answer.rcode
        time.sleep(0.05)
    raise Failure(
        f"{server.name} does not answer {rcode} within {PATIENCE_S} s, but {said}",
        server.program.log_tail(),
    )
