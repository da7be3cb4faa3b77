"""The row "services" of the suite "growth": answers of catalogs of 100 to 100,000 services.

Each catalog has a server of its own; all of these are on one core, and whoever asks one of them on
the other. They are asked for all services at random, and for one service all the while.
"""

import random
from functools import partial

import dns_data
import dns_sides
import growth_catalogs
import growth_curve
import growth_http
import http_load
from dns_sides import Expected, Questions
from growth_catalogs import INSTANCES_EACH, Catalogs, service_name
from growth_curve import SMALLEST, Curve, Step
from growth_outcome import Grown
from plot import Figure, Panel
from result import SUBJECT, Sample, Target
from servers import Server
from suite import Setting

_LEAST, _MOST = 100, 100_000
_X_TITLE = "services in the catalog"

_DNS_MEASURES = (dns_sides.CPU, dns_sides.RATE, dns_sides.LOST)
_FLAT = Target(dns_sides.CPU.name, SMALLEST, at_most=1.11)

_EXPECTED = Expected(answer={"SRV": INSTANCES_EACH}, additional={"A": INSTANCES_EACH})
# So many requests are made beforehand. Where there are more services they are for as many of them,
# whose answers fill every cache already.
_REQUESTS = 20_000
# The order is random, and the same in each run.
_SEED = 20240501


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
    return numbers[:_REQUESTS]


def _over_dns(setting: Setting, name: str, servers: dict[int, Server], wide: bool) -> Curve:
    steps = []
    for count, server in servers.items():
        numbers = asked_for(count, wide)
        path = setting.scratch / f"{name.replace('/', '-')}-{count}.questions"
        names = (dns_data.domain_name(service_name(number)) for number in numbers)
        path.write_text("".join(f"{each} SRV\n" for each in names), encoding="ascii")
        addresses = {
            service_name(number): growth_catalogs.addresses_of(number, count) for number in numbers
        }
        # This asks once for each, so that all answers are prepared.
        questions = Questions(path, list(addresses), "SRV")
        side = dns_sides.checked_side(SUBJECT, server, questions, _EXPECTED, addresses)
        dns_sides.warm_up(setting, side)
        steps.append(
            Step(count, _work("SRV", count, wide), partial(_dns_sample, setting, side))
        )
    curve = growth_curve.measure_curve(setting, name, _DNS_MEASURES, steps, (_FLAT,))
    curve.rows[0].notes.append(f"bytes of an answer: {side.answer_bytes}")
    curve.rows[-1].commands["load"] = " ".join(dns_sides.command_of(setting, side))
    return curve


def _dns_sample(setting: Setting, side: dns_sides.Side) -> Sample:
    return dns_sides.sample_of(*dns_sides.measure(setting, side))


def _over_http(setting: Setting, name: str, servers: dict[int, Server], wide: bool) -> Curve:
    steps = []
    for count, server in servers.items():
        services = [service_name(number) for number in asked_for(count, wide)]
        requests = growth_http.health_requests(services)
        body_bytes = growth_http.checked_body_bytes(server, requests, INSTANCES_EACH)
        path = setting.scratch / f"{name.replace('/', '-')}-{count}.requests"
        http_load.write_requests(path, requests)
        growth_http.send_each(server, requests)
        measure_once = partial(growth_http.measure, setting, server, path)
        measure_once()
        steps.append(Step(count, _work("health", count, wide), measure_once))
    curve = growth_curve.measure_curve(setting, name, growth_http.MEASURES, steps, (_FLAT,))
    curve.rows[0].notes.append(f"bytes of a body: {body_bytes:,}")
    curve.rows[-1].commands["load"] = " ".join(growth_http.command(setting, server, path))
    return curve


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
                [curve.line(label, dns_sides.CPU) for label, curve in lines],
            ),
            Panel(
                "answers a second",
                _X_TITLE,
                [curve.line(label, dns_sides.RATE) for label, curve in lines],
            ),
        ],
    )
