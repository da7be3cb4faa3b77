"""Rows of the suite "scale" in which 100,000 TTL checks expire at the same moment while DNS or HTTP
is asked all the while.

Each check is registered with a TTL that ends at one appointed time. The load runs in windows of a
second before that time and after it, until every expiry is in the catalog.
"""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import dns_data
import dns_servers
import dnsperf
import wrk
from dns_data import FIRST_SERVICE, Instance
from failure import Failure
from http_client import HttpClient, put_request
from result import SUBJECT, Measure, Row, Target
from servers import Place, Server
from suite import Setting

REFERENCE = "before"
RATE = Measure("answers/s")
LAST = Measure("s until the last expiry", 1, compared=False)
EXPIRIES = Measure("expiries", compared=False)
MEASURES = (RATE, LAST, EXPIRIES)

_CHECKS = 100_000
TARGETS = (Target(RATE.name, REFERENCE, at_least=0.8), Target(EXPIRIES.name, at_least=_CHECKS))

_SERVICES = 5_000
_CONNECTIONS = 64
# Registering them all takes half of that on a slow machine.
_TTL_S = 60.0
_WINDOWS_BEFORE = 4
_WINDOW_S = 1
_PATIENCE_S = 120
_PATH = f"/v1/health/service/{FIRST_SERVICE}?passing"


def measure_dns(setting: Setting, row: Row) -> None:
    """One round, with DNS as the load."""
    queries = setting.scratch / "storm.questions"
    dns_data.write_questions(queries, [FIRST_SERVICE], "SRV")

    def rate(server: Server) -> float:
        command = dnsperf.command(server.dns_port, queries, _WINDOW_S, setting.cores.client)
        run = dnsperf.run(command, _WINDOW_S)
        if run.lost:
            raise Failure(f"{run.lost} queries were lost while checks expired")
        return run.per_second

    _measure(setting, row, rate)


def measure_http(setting: Setting, row: Row) -> None:
    """One round, with HTTP as the load."""

    def rate(server: Server) -> float:
        command = wrk.command(server.http_port, _PATH, _WINDOW_S, setting.cores.client)
        run = wrk.run(command, _WINDOW_S)
        if run.errors:
            raise Failure(f"{run.errors} requests failed while checks expired")
        return run.per_second

    _measure(setting, row, rate)


def _measure(setting: Setting, row: Row, rate: Callable[[Server], float]) -> None:
    folder = setting.scratch / f"{row.name}-{len(row.rounds)}"
    folder.mkdir()
    place = Place(
        folder, setting.cores.server, lambda program: setting.cleanup.callback(program.stop)
    )
    program: Path = setting.build / "rollcall"
    asked = [each for each in dns_data.instances() if each.service == FIRST_SERVICE]
    server = dns_servers.start_rollcall(place, program, asked)
    appointed = time.monotonic() + _TTL_S
    _register_checks(server, appointed)
    left_s = appointed - time.monotonic() - _WINDOWS_BEFORE * _WINDOW_S * 1.5
    if left_s < 0:
        raise Failure("registering took so long that checks have expired meanwhile")
    time.sleep(left_s)
    index = dns_servers.catalog_index(server)
    before = [rate(server) for _ in range(_WINDOWS_BEFORE - 1)]
    if dns_servers.catalog_index(server) != index:
        raise Failure("checks expired before their time")
    time.sleep(max(0.0, appointed - time.monotonic()))
    during: list[float] = []
    expired = 0
    while expired < _CHECKS:
        if time.monotonic() > appointed + _PATIENCE_S:
            raise Failure(f"after {_PATIENCE_S} s only {expired} of {_CHECKS} checks have expired")
        during.append(rate(server))
        expired = dns_servers.catalog_index(server) - index
    took_s = time.monotonic() - appointed
    row.rounds.append(
        {
            SUBJECT: {
                RATE.name: sum(during) / len(during),
                LAST.name: took_s,
                EXPIRIES.name: expired,
            },
            REFERENCE: {RATE.name: sum(before) / len(before)},
        }
    )
    setting.say(
        f"{row.name}: {sum(before) / len(before):,.0f} answers/s before, "
        f"{sum(during) / len(during):,.0f} for {took_s:.1f} s while {expired} checks expired"
    )
    server.program.stop()


def _register_checks(server: Server, appointed: float) -> None:
    failures: list[Exception] = []

    def register(first: int) -> None:
        try:
            with HttpClient(server.http_port) as client:
                for number in range(first, _CHECKS, _CONNECTIONS):
                    left_s = appointed - time.monotonic()
                    client.send(put_request("/v1/catalog/register", _registration(number, left_s)))
        except (Failure, OSError) as error:
            failures.append(error)

    threads = [
        threading.Thread(target=register, args=(first,), daemon=True)
        for first in range(_CONNECTIONS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise Failure(f"registering checks: {failures[0]}", server.program.log_tail())


def _registration(number: int, ttl_s: float) -> dict[str, object]:
    instance = Instance(f"ttl-{number % _SERVICES:05}", f"t-{number:06}", "10.7.0.1")
    check = {
        "CheckID": "ttl",
        "Name": "ttl",
        "ServiceID": instance.service,
        "Status": "passing",
        "Definition": {"TTL": f"{max(1, int(ttl_s * 1000))}ms"},
    }
    return {**instance.registration(), "Check": check}
