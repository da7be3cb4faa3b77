"""One question over UDP and what the answer holds, by no server's own code (RFC 1035)."""

import random
import socket
import struct
from collections import Counter
from dataclasses import dataclass, field

from failure import Failure

TYPES = {"A": 1, "NS": 2, "SOA": 6, "SRV": 33, "OPT": 41}
RCODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED"}
_TYPE_NAMES = {number: name for name, number in TYPES.items()}
_CLASS_IN = 1
_HEADER = struct.Struct("!6H")
_TC = 0x0200


@dataclass
class Answer:
    """What was answered. The sections count records by type, e.g. {"SRV": 5}."""

    size: int
    rcode: str
    truncated: bool
    answer: Counter[str] = field(default_factory=Counter)
    authority: Counter[str] = field(default_factory=Counter)
    additional: Counter[str] = field(default_factory=Counter)
    addresses: set[str] = field(default_factory=set)
    serial: int | None = None  # of the SOA, where there is one


def encode_query(query_id: int, name: str, type_name: str, edns_bytes: int = 0) -> bytes:
    """A query as dnsperf sends it: with EDNS (RFC 6891) when it has room for `edns_bytes`."""
    labels = name.rstrip(".").split(".")
    question = b"".join(bytes([len(label)]) + label.encode("ascii") for label in labels) + b"\0"
    opt = b"\0" + struct.pack("!2HIH", TYPES["OPT"], edns_bytes, 0, 0) if edns_bytes else b""
    return (
        _HEADER.pack(query_id, 0, 1, 0, 0, 1 if opt else 0)
        + question
        + struct.pack("!2H", TYPES[type_name], _CLASS_IN)
        + opt
    )


def _end_of_name(message: bytes, at: int) -> int:
    while True:
        length = message[at]
        if length >= 0xC0:  # a pointer ends the name (section 4.1.4)
            return at + 2
        at += 1 + length
        if length == 0:
            return at


def decode_answer(message: bytes) -> Answer:
    """Reads the whole message; Failure when it is damaged."""
    try:
        _, flags, questions, *counts = _HEADER.unpack_from(message)
        result = Answer(
            size=len(message),
            rcode=RCODES.get(flags & 0xF, str(flags & 0xF)),
            truncated=bool(flags & _TC),
        )
        at = _HEADER.size
        for _ in range(questions):
            at = _end_of_name(message, at) + 4
        for section, count in zip((result.answer, result.authority, result.additional), counts):
            for _ in range(count):
                at = _end_of_name(message, at)
                number, _, _, length = struct.unpack_from("!2HIH", message, at)
                at += 10
                data_at = at
                at += length
                type_name = _TYPE_NAMES.get(number, f"TYPE{number}")
                section[type_name] += 1
                if type_name == "A":
                    result.addresses.add(socket.inet_ntoa(message[data_at:at]))
                if type_name == "SOA":
                    serial_at = _end_of_name(message, _end_of_name(message, data_at))
                    (result.serial,) = struct.unpack_from("!I", message, serial_at)
    except (struct.error, IndexError, OSError) as error:
        raise Failure(f"a damaged DNS answer of {len(message)} bytes: {error}") from error
    return result


def exchange(
    port: int, name: str, type_name: str, timeout_s: float = 2, edns_bytes: int = 0
) -> bytes:
    """Asks 127.0.0.1:`port` over UDP; the answer's bytes. TimeoutError or OSError without one."""
    query_id = random.getrandbits(16)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.settimeout(timeout_s)
        udp.connect(("127.0.0.1", port))
        udp.send(encode_query(query_id, name, type_name, edns_bytes))
        while True:
            message = udp.recv(65535)
            if message[:2] == query_id.to_bytes(2, "big"):
                return message


def ask(
    port: int, name: str, type_name: str, timeout_s: float = 2, edns_bytes: int = 0
) -> Answer:
    """As exchange(), decoded."""
    return decode_answer(exchange(port, name, type_name, timeout_s, edns_bytes))
