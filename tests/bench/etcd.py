"""etcd as a single node or as three members, and its gateway from JSON over HTTP."""

import base64
import json
from collections.abc import Mapping, Sequence

from failure import Failure
from http_answer import answer_to
from http_client import request
from servers import Place, Server, await_port, free_port


def start(place: Place) -> Server:
    """One node with an empty store on disk. Returns when it takes writes."""
    peer = f"http://127.0.0.1:{free_port()}"
    server = _start_member(place, "etcd", peer, {"etcd": peer})
    await_port(server.program, server.http_port)
    return server


def start_members(place: Place, count: int) -> list[Server]:
    """Members of one etcd with an empty store on disk. Returns when each of them takes writes."""
    peers = {f"etcd-{number}": f"http://127.0.0.1:{free_port()}" for number in range(count)}
    members = [_start_member(place, name, peer, peers) for name, peer in peers.items()]
    for member in members:
        await_port(member.program, member.http_port)
        revision(member)  # answered when there is a leader
    return members


def _start_member(place: Place, name: str, peer: str, peers: Mapping[str, str]) -> Server:
    folder, client_port = place.folder(name), free_port()
    client = f"http://127.0.0.1:{client_port}"
    command = ["etcd", "--name", name, "--data-dir", str(folder / "data")]
    command += ["--listen-client-urls", client, "--advertise-client-urls", client]
    command += ["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer]
    command += ["--initial-cluster", ",".join(f"{each}={url}" for each, url in peers.items())]
    command += ["--logger", "zap", "--log-level", "warn", "--log-outputs", "stderr"]
    return Server(name, place.start(name, command), http_port=client_port)


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


def value_of(server: Server, key: str) -> str | None:
    """Of that key; None where there is no such key."""
    found = json.loads(answer_to(server, _post("/v3/kv/range", {"key": _base64(key.encode())})))
    for each in found.get("kvs", []):
        return base64.b64decode(each.get("value", "")).decode()
    return None


def bytes_in_use(members: Sequence[Server]) -> int:
    """What the newest version of all keys takes of a member's file.

    All older versions are forgotten, and the room that they took is given back.
    """
    wanted = {"revision": str(revision(members[0])), "physical": True}
    answer_to(members[0], _post("/v3/kv/compaction", wanted))
    for member in members:
        answer_to(member, _post("/v3/maintenance/defragment", {}))
    return int(json.loads(answer_to(members[0], _post("/v3/maintenance/status", {})))["dbSize"])


def _post(path: str, body: Mapping[str, object]) -> bytes:
    return request("POST", path, json.dumps(body).encode())


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")
