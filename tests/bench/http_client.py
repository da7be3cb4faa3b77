"""Requests made beforehand, on a kept-alive connection, as cheap for the client as they can be.

The client shares its core with dnsperf, so that http.client's 150 us for a request would be seen.
"""

import json
import socket
from types import TracebackType

from failure import Failure

_TIMEOUT_S = 30


def request(method: str, path: str, payload: bytes = b"") -> bytes:
    """The bytes of a request. One that may have a body says how long it is, if only 0."""
    length = "" if method == "GET" else f"Content-Length: {len(payload)}\r\n"
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{length}\r\n"
    return head.encode("ascii") + payload


def put_request(path: str, body: object) -> bytes:
    """The request with `body` as JSON, ready for HttpClient.send()."""
    return request("PUT", path, json.dumps(body).encode())


class HttpClient:
    """One connection to 127.0.0.1:`port`, for one thread."""

    def __init__(self, port: int):
        self._port = port
        self._socket = socket.create_connection(("127.0.0.1", port), _TIMEOUT_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> "HttpClient":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.close()

    def send(self, prepared: bytes) -> None:
        """Sends what put_request() made and waits for the answer; Failure unless it is a 200."""
        self.begin(prepared)
        self.finish()

    def begin(self, prepared: bytes) -> None:
        """Sends a request alone; finish() is next."""
        self._socket.sendall(prepared)

    def finish(self) -> None:
        """Waits for the answer, as send() does."""
        head, body = self._read_head()
        lines = head.split(b"\r\n")
        length = _content_length(lines)
        while len(body) < length:
            body += self._read_some()
        if lines[0].split(b" ")[1] != b"200":
            raise Failure(f"HTTP: {lines[0].decode()}: {body.decode(errors='replace')}")

    def _read_head(self) -> tuple[bytes, bytes]:
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._read_some()
        head, _, body = received.partition(b"\r\n\r\n")
        return head, body

    def _read_some(self) -> bytes:
        some = self._socket.recv(65536)
        if not some:
            raise Failure(f"HTTP: 127.0.0.1:{self._port} closed the connection")
        return some


def _content_length(head_lines: list[bytes]) -> int:
    for line in head_lines[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise Failure("HTTP: an answer without Content-Length")
