"""The row "services" of the suite "growth": answers of catalogs of 100 to 100,000 services.

Each catalog has a server of its own; all of these are on one core, and whoever asks one of them on
the other. They are asked for all services at random, and for one service all the while.
"""

import json
import random
from functools import partial
from pathlib import Path

import dns_data
import dns_sides
import growth_catalogs
import growth_curve
import http_load
from dns_sides import Expected, Questions
from failure import Failure
from growth_catalogs import INSTANCES_EACH, Catalogs, service_name
from growth_curve import SMALLEST, Curve, Step
from growth_outcome import Grown
from http_answer import answer_to
from http_client import request
from plot import Figure, Panel
from result import SUBJECT, Measure, Sample, Target
from servers import Server
from suite import Setting

_LEAST, _MOST = 100, 100_000
_X_TITLE = "services in the catalog"

_HTTP_CPU = Measure("CPU us/answer", 2)
_HTTP_RATE = Measure("answers/s")
_DNS_MEASURES = (dns_sides.CPU, dns_sides.RATE, dns_sides.LOST)
_HTTP_MEASURES = (_HTTP_CPU, _HTTP_RATE)
_FLAT = Target(dns_sides.CPU.name, SMALLEST, at_most=1.11)

_EXPECTED = Expected(answer={"SRV": INSTANCES_EACH}, additional={"A": INSTANCES_EACH})
_CONNECTIONS = 32
# So many requests are made beforehand, or one for each service where there are more.
_REQUESTS = 20_000
# Of the answers at random so many are looked at before.
_CHECKED = 100
# The order is random, and the same in each run.
_SEED = 20240501
# The first answer about a service is made from its records, the next ones from what was made then.
# So with all services the warm-up has twice the time of a run, to come as far as one does.
_WARM_UP_RUNS = {True: 2, False: 1}


def measure(setting: Setting, name: str, catalogs: Catalogs) -> Grown:
    """All of the row."""
    counts = growth_curve.sizes(_LEAST, _MOST, setting.largest)
    servers: dict[int, Server] = {}
    for count in counts:
        setting.say(f"starting {SUBJECT} with {count:,} services")
        servers[count] = catalogs.start_server(count)
    short = growth_curve.with_short_runs(setting)
    curves = {
        (kind, wide): over(short, f"{name}/{kind}-{'all' if wide else 'one'}", servers, wide)
        for kind, over in (("dns", _over_dns), ("http", _over_http))
        for wide in (True, False)
    }
    commands = [
        f"{SUBJECT}, {name}, {count:,}: {server.program.command}"
        for count, server in servers.items()
    ]
    for server in servers.values():
        server.program.stop()
    return Grown(
        [row for curve in curves.values() for row in curve.rows],
        {
            "dns-by-services": _figure(
                "DNS (SRV over UDP) by the number of services",
                curves["dns", True],
                curves["dns", False],
            ),
            "http-by-services": _figure(
                "HTTP (/v1/health/service) by the number of services",
                curves["http", True],
                curves["http", False],
            ),
        },
        commands,
    )


def asked_for(count: int, wide: bool) -> list[int]:
    """The numbers of the services in the order of the requests: all at random, or the first."""
    if not wide:
        return [0]
    numbers = list(range(count)) * max(1, _REQUESTS // count)
    random.Random(_SEED).shuffle(numbers)
    return numbers


def _over_dns(setting: Setting, name: str, servers: dict[int, Server], wide: bool) -> Curve:
    steps = []
    for count, server in servers.items():
        numbers = asked_for(count, wide)
        path = setting.scratch / f"{name.replace('/', '-')}-{count}.questions"
        names = (dns_data.domain_name(service_name(number)) for number in numbers)
        path.write_text("".join(f"{each} SRV\n" for each in names), encoding="ascii")
        checked = {
            service_name(number): growth_catalogs.addresses_of(number, count)
            for number in numbers[:_CHECKED]
        }
        questions = Questions(path, list(checked), "SRV")
        side = dns_sides.checked_side(SUBJECT, server, questions, _EXPECTED, checked)
        measure_once = partial(_dns_sample, setting, side)
        for _ in range(_WARM_UP_RUNS[wide]):
            measure_once()
        steps.append(Step(count, _work("SRV", count, wide), measure_once))
    curve = growth_curve.measure_curve(setting, name, _DNS_MEASURES, steps, (_FLAT,))
    curve.rows[0].notes.append(f"bytes of an answer: {side.answer_bytes}")
    curve.rows[-1].commands["load"] = " ".join(dns_sides.command_of(setting, side))
    return curve


def _dns_sample(setting: Setting, side: dns_sides.Side) -> Sample:
    return dns_sides.sample_of(*dns_sides.measure(setting, side))


def _over_http(setting: Setting, name: str, servers: dict[int, Server], wide: bool) -> Curve:
    steps = []
    for count, server in servers.items():
        requests = [
            request("GET", f"/v1/health/service/{service_name(number)}?passing")
            for number in asked_for(count, wide)
        ]
        for each in requests[:_CHECKED]:
            body = answer_to(server, each)
            if len(json.loads(body)) != INSTANCES_EACH:
                raise Failure(f"an answer has not {INSTANCES_EACH} instances: {body}")
        path = setting.scratch / f"{name.replace('/', '-')}-{count}.requests"
        http_load.write_requests(path, requests)
        measure_once = partial(_http_sample, setting, server, path)
        for _ in range(_WARM_UP_RUNS[wide]):
            measure_once()
        steps.append(Step(count, _work("health", count, wide), measure_once))
    curve = growth_curve.measure_curve(setting, name, _HTTP_MEASURES, steps, (_FLAT,))
    curve.rows[0].notes.append(f"bytes of the last body that was looked at: {len(body)}")
    curve.rows[-1].commands["load"] = " ".join(_load(setting, server, path))
    return curve


def _http_sample(setting: Setting, server: Server, requests: Path) -> Sample:
    before_s = server.program.cpu_s()
    run = http_load.run(_load(setting, server, requests), setting.seconds)
    spent_s = server.program.cpu_s() - before_s
    return {_HTTP_CPU.name: spent_s / run.answered * 1e6, _HTTP_RATE.name: run.per_second}


def _load(setting: Setting, server: Server, requests: Path) -> list[str]:
    program, core = setting.build / "bench" / "http_load", setting.cores.client
    port = server.http_port
    return http_load.command(program, port, _CONNECTIONS, setting.seconds, requests, core)


def _work(what: str, count: int, wide: bool) -> str:
    return f"{what}, {count:,} services at random" if wide else f"{what}, one of {count:,} services"


def _figure(title: str, everything: Curve, one: Curve) -> Figure:
    lines = (("all, at random", everything), ("one service", one))
    return Figure(
        title,
        [
            Panel(
                "CPU time of an answer (us)",
                _X_TITLE,
                [curve.line(label, _HTTP_CPU) for label, curve in lines],
            ),
            Panel(
                "answers a second",
                _X_TITLE,
                [curve.line(label, _HTTP_RATE) for label, curve in lines],
            ),
        ],
    )
