"""What the agent's checks are about: nginx for HTTP and TCP, nghttpd for HTTP/2, an echo for UDP,
and a program that keeps TTL checks passing. All of it on the client's core.
"""

import socket
import threading
from collections.abc import Sequence

import nginx
import servers
from agent_definitions import INTERVAL_S, Ports
from failure import Failure
from http_client import HttpClient, request
from servers import Place, free_port

# A grpc.health.v1.HealthCheckResponse that says SERVING, uncompressed, as gRPC puts it over HTTP/2.
_SERVING = b"\0" + (2).to_bytes(4, "big") + b"\x08\x01"
_GRPC_PATH = "grpc.health.v1.Health/Check"
_JOIN_S = 10


class Targets:
    """Started when made. What they are made of ends with the place's programs and with end()."""

    def __init__(self, place: Place):
        files = place.folder("nginx-files")
        nginx.put_file(files, "/health", b"fine\n")
        http = nginx.start_nginx("nginx", place, files, sendfile=False)
        http2_port = free_port()
        grpc = place.folder("nghttpd-files")
        nginx.put_file(grpc, f"/{_GRPC_PATH}", _SERVING)
        # nghttpd answers a POST, too, with the file of that path; the trailer makes it gRPC.
        command = ["nghttpd", "--no-tls", "-a", "127.0.0.1", "-d", str(grpc)]
        command += ["--trailer", "grpc-status: 0", str(http2_port)]
        http2 = place.start("nghttpd", command)
        servers.await_port(http2, http2_port)
        self._ending = False
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", 0))
        threading.Thread(target=self._echo, daemon=True).start()
        self.ports = Ports(http.http_port, http2_port, self._udp.getsockname()[1])

    def end(self) -> None:
        """Of the echo alone, which is a thread of this script: a datagram wakes it."""
        self._ending = True
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wake:
            wake.sendto(b"", self._udp.getsockname())

    def _echo(self) -> None:
        while True:
            message, sender = self._udp.recvfrom(2048)
            if self._ending:
                self._udp.close()
                return
            self._udp.sendto(message or b"\0", sender)


class TtlKeeper:
    """Tells an agent in turn that each of these checks passes, all of them once in ten seconds."""

    def __init__(self, agent_http_port: int, check_ids: Sequence[str]):
        self._port = agent_http_port
        self._requests = [request("PUT", f"/v1/agent/check/pass/{id}") for id in check_ids]
        self._stopping = threading.Event()
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def expect_going(self) -> None:
        """Fails when a check could not be passed."""
        if self._failure is not None:
            raise Failure(f"the agent's TTL checks cannot be passed: {self._failure}")

    def end(self) -> None:
        """Returns when nothing is sent any more."""
        self._stopping.set()
        self._thread.join(_JOIN_S)

    def _run(self) -> None:
        pause_s = 0.0  # the first turn at once
        try:
            with HttpClient(self._port) as client:
                while True:
                    for each in self._requests:
                        client.send(each)
                        if self._stopping.wait(pause_s):
                            return
                    pause_s = INTERVAL_S / len(self._requests)
        except (Failure, OSError) as error:
            self._failure = error
