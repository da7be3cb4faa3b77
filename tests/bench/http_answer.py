"""One request by itself, to look at its answer before many of the same are counted."""

import http.client
import socket

from failure import Failure
from servers import Server

_TIMEOUT_S = 30


def answer_to(server: Server, request: bytes) -> str:
    """The body of the answer to these very bytes; Failure unless it is a 200."""
    what = request.split(b"\r\n", 1)[0].decode("ascii")
    try:
        with socket.create_connection(("127.0.0.1", server.http_port), _TIMEOUT_S) as connection:
            connection.sendall(request)
            answer = http.client.HTTPResponse(connection)
            answer.begin()
            body = answer.read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        raise Failure(f"{server.name}: {what}: {error}", server.program.log_tail()) from error
    if answer.status != http.HTTPStatus.OK:
        raise Failure(f"{server.name}: {what}: {answer.status}: {body}")
    return body
