"""etcd as a single node, written to through its gateway from JSON over HTTP."""

import base64
import json

from failure import Failure
from http_answer import answer_to
from http_client import request
from servers import Place, Server, await_port, free_port


def start(place: Place) -> Server:
    """One node with an empty store on disk. Returns when it takes writes."""
    folder, client_port = place.folder("etcd"), free_port()
    client, peer = f"http://127.0.0.1:{client_port}", f"http://127.0.0.1:{free_port()}"
    command = ["etcd", "--name", "bench", "--data-dir", str(folder / "data")]
    command += ["--listen-client-urls", client, "--advertise-client-urls", client]
    command += ["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer]
    command += ["--initial-cluster", f"bench={peer}"]
    command += ["--logger", "zap", "--log-level", "warn", "--log-outputs", "stderr"]
    server = Server("etcd", place.start("etcd", command), http_port=client_port)
    await_port(server.program, client_port)
    return server


def put(key: str, value: bytes) -> bytes:
    """The request that stores the value."""
    return _post("/v3/kv/put", {"key": _base64(key.encode()), "value": _base64(value)})


def revision(server: Server) -> int:
    """It grows by one with each write."""
    return revision_in(answer_to(server, _post("/v3/kv/range", {"key": _base64(b"no such key")})))


def revision_in(answer: str) -> int:
    """Of the store, as the head of each answer gives it: a number in quotes."""
    try:
        return int(json.loads(answer)["header"]["revision"])
    except (ValueError, KeyError, TypeError) as error:
        raise Failure(f"etcd gives no revision: {answer}") from error


def _post(path: str, body: dict[str, str]) -> bytes:
    return request("POST", path, json.dumps(body).encode())


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")
