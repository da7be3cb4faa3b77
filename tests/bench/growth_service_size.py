"""The row "service-size" of the suite "growth": answers about services of 10 to 10,000 instances.

All of them are in one registry. The server is on one core, the load on the other.
"""

from functools import partial
from pathlib import Path

import dns_data
import dns_message
import dns_servers
import dns_sides
import dnsperf
import growth_curve
import growth_http
import http_load
from dns_sides import LOST, Questions, Side
from failure import Failure
from growth_curve import SMALLEST, Curve, Step
from growth_outcome import Grown
from plot import Figure, Panel
from result import SUBJECT, Measure, Sample, Target
from servers import Place, Server
from suite import Setting

_LEAST, _MOST = 10, 10_000
_X_TITLE = "instances of the service"

_DNS_MEASURES = (dns_sides.CPU, dns_sides.RATE, LOST)
_EACH = Measure("CPU us/instance", 3)
_HTTP_MEASURES = (growth_http.CPU, _EACH, growth_http.RATE)

# As many answers for the same time as 0.9 of the smallest's.
_FLAT = Target(dns_sides.CPU.name, SMALLEST, at_most=1.11)
_NOT_ABOVE = Target(_EACH.name, SMALLEST, at_most=1.0)


def measure(setting: Setting, name: str) -> Grown:
    """All of the row."""
    sizes = growth_curve.sizes(_LEAST, _MOST, setting.largest)
    instances = dns_data.instances_of({_service(size): size for size in sizes})
    place = Place(
        setting.scratch, setting.cores.server, lambda each: setting.cleanup.callback(each.stop)
    )
    setting.say(f"starting {SUBJECT} with {len(instances):,} instances")
    server = dns_servers.start_rollcall(place, setting.build / "rollcall", instances)
    addresses = dns_data.addresses(instances)
    short = growth_curve.with_short_runs(setting)
    plain = _over_dns(short, f"{name}/dns", server, sizes, addresses, edns=False)
    edns = _over_dns(short, f"{name}/dns-edns", server, sizes, addresses, edns=True)
    http = _over_http(short, f"{name}/http", server, sizes)
    command = server.program.command
    server.program.stop()
    return Grown(
        [*plain.rows, *edns.rows, *http.rows],
        {
            "dns-by-service-size": _dns_figure(plain, edns),
            "http-by-service-size": _http_figure(http),
        },
        [f"{SUBJECT}, {name}: {command}"],
    )


def expect_fair_share(answer: dns_message.Answer, size: int, known: set[str]) -> None:
    """Fails unless the answer to SRV has as many of the `size` instances as it has room for.

    Each with its address, which is one of the `known`; and TC says whether some are left out.
    """
    count = answer.answer["SRV"]
    complete = count == size
    if (
        answer.rcode != "NOERROR"
        or count == 0
        or answer.additional["A"] != count
        or len(answer.addresses) != count
        or not answer.addresses <= known
        or answer.truncated == complete
    ):
        raise Failure(f"a service of {size} instances is answered with\n  {answer}")


def _service(size: int) -> str:
    """Names of one length, so that an answer's size depends only on what is in it."""
    return f"size-{size:05}"


def _over_dns(
    setting: Setting,
    name: str,
    server: Server,
    sizes: list[int],
    addresses: dict[str, set[str]],
    edns: bool,
) -> Curve:
    steps, notes = [], []
    for size in sizes:
        service = _service(size)
        questions = Questions(setting.scratch / f"{service}.questions", [service], "SRV", edns)
        dns_data.write_questions(questions.path, [service], "SRV")
        answer = dns_message.ask(
            server.dns_port,
            dns_data.domain_name(service),
            "SRV",
            edns_bytes=dnsperf.EDNS_BYTES if edns else 0,
        )
        expect_fair_share(answer, size, addresses[service])
        side = Side(SUBJECT, server, questions, answer.rcode, answer.size)
        dns_sides.warm_up(setting, side)
        count, room = answer.answer["SRV"], f"EDNS {dnsperf.EDNS_BYTES:,}" if edns else "512 bytes"
        notes.append(f"{size:,}: {answer.size} bytes, {count} instances")
        steps.append(
            Step(size, f"SRV, {room}, service of {size:,}", partial(_dns_sample, setting, side))
        )
    targets = () if edns else (_FLAT,)
    curve = growth_curve.measure_curve(setting, name, _DNS_MEASURES, steps, targets)
    curve.rows[0].notes.append(f"answers by size of the service: {'; '.join(notes)}")
    curve.rows[0].commands["load"] = " ".join(dns_sides.command_of(setting, side))
    return curve


def _dns_sample(setting: Setting, side: Side) -> Sample:
    return dns_sides.sample_of(*dns_sides.measure(setting, side))


def _over_http(setting: Setting, name: str, server: Server, sizes: list[int]) -> Curve:
    steps, notes = [], []
    for size in sizes:
        requests = growth_http.health_requests([_service(size)])
        body_bytes = growth_http.checked_body_bytes(server, requests, size)
        path = setting.scratch / f"{_service(size)}.requests"
        http_load.write_requests(path, requests)
        measure_once = partial(_http_sample, setting, server, path, size)
        measure_once()
        notes.append(f"{size:,}: {body_bytes:,} bytes")
        steps.append(Step(size, f"health, service of {size:,}", measure_once))
    curve = growth_curve.measure_curve(setting, name, _HTTP_MEASURES, steps, (_NOT_ABOVE,))
    curve.rows[0].notes.append(f"bodies by size of the service: {'; '.join(notes)}")
    curve.rows[0].commands["load"] = " ".join(growth_http.command(setting, server, path))
    return curve


def _http_sample(setting: Setting, server: Server, requests: Path, size: int) -> Sample:
    sample = growth_http.measure(setting, server, requests)
    return {**sample, _EACH.name: sample[growth_http.CPU.name] / size}


def _dns_figure(plain: Curve, edns: Curve) -> Figure:
    lines = (("512 bytes", plain), (f"EDNS {dnsperf.EDNS_BYTES:,}", edns))
    return Figure(
        "DNS (SRV over UDP) by the size of the service",
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


def _http_figure(http: Curve) -> Figure:
    return Figure(
        "HTTP (/v1/health/service) by the size of the service",
        [
            Panel(
                "CPU time of an answer, for each instance in it (us)",
                _X_TITLE,
                [http.line("health", _EACH)],
            ),
            Panel("answers a second", _X_TITLE, [http.line("health", growth_http.RATE)]),
        ],
    )
