"""rollcall-agent as a program that is measured, and what it says about itself."""

import json
import re
import time
from collections.abc import Sequence
from pathlib import Path

import servers
from failure import Failure
from http_answer import answer_to
from http_client import request
from servers import Place, Server, free_port

NODE = "bench-agent"
_ATTEMPTS = re.compile(r'^rollcall_agent_check_attempts_total\{status="(\w+)"\} (\d+)$', re.M)


def start_agent(
    place: Place, program: Path, registry: Server, definitions: object = None
) -> Server:
    """Its HTTP, its DNS and a data directory, as the packaged unit has it. Returns when it takes
    connections.
    """
    folder, dns_port, http_port = place.folder("agent"), free_port(), free_port()
    command = [str(program), "--server", f"http://127.0.0.1:{registry.http_port}"]
    command += ["--node", NODE, "--address", "127.0.0.1", "--data-dir", str(folder / "data")]
    command += ["--http", f"127.0.0.1:{http_port}", "--dns", f"127.0.0.1:{dns_port}"]
    command += ["--log-level", "warn"]
    if definitions is not None:
        file = folder / "definitions.json"
        file.write_text(json.dumps(definitions, indent=1), encoding="ascii")
        command += ["--config", str(file), "--enable-local-script-checks", "true"]
    agent = Server("agent", place.start("agent", command), dns_port, http_port)
    servers.await_port(agent.program, http_port)
    return agent


def await_passing(registry: Server, agent: Server, checks: int, patience_s: float) -> None:
    """Until the registry holds so many checks of the agent's node and each of them passes."""
    deadline = time.monotonic() + patience_s
    while True:
        states = check_states(registry)
        if len(states) == checks and set(states) == {"passing"}:
            return
        agent.program.expect_alive()
        if time.monotonic() > deadline:
            raise Failure(
                f"{states.count('passing')} of {checks} checks pass after {patience_s:.0f} s",
                agent.program.log_tail(),
            )
        time.sleep(0.5)


def check_states(registry: Server) -> Sequence[str]:
    """Of all checks of the agent's node, its own included."""
    checks = json.loads(answer_to(registry, _get(f"/v1/health/node/{NODE}")))
    return [check["Status"] for check in checks]


def attempts(agent: Server) -> dict[str, int]:
    """How many attempts of checks the agent has made, by what they found."""
    return parse_attempts(answer_to(agent, _get("/v1/agent/metrics?format=prometheus")))


def parse_attempts(text: str) -> dict[str, int]:
    """Reads them in the agent's metrics."""
    found = {status: int(count) for status, count in _ATTEMPTS.findall(text)}
    if not found:
        raise Failure("no attempts of checks in the agent's metrics", text)
    return found


def _get(path: str) -> bytes:
    return request("GET", path).replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
