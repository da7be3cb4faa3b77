"""nginx as a server of files: the yardstick for a server that has its answers ready."""

import os
from pathlib import Path

import servers
from certificates import Certificate
from servers import Place, Server, free_port


# From here on nginx uses sendfile. For 2 KB it took a third more CPU time with it than without, and
# for bodies of hundreds of KB clearly less; where between them the two are alike was not measured.
SENDFILE_BYTES = 64 * 1024


def start_nginx(
    name: str, place: Place, files: Path, sendfile: bool, certificate: Certificate | None = None
) -> Server:
    """nginx with one serving process, tuned for few files that do not change.

    It answers a path with the file of that path in `files`. Which those are may be told later, see
    put_file(). With a certificate it serves HTTPS, and HTTP not at all.
    """
    folder, port = place.folder(name), free_port()
    config = folder / "nginx.conf"
    # As root nginx would serve as another user, whom the folder is closed to.
    user = "user root;" if os.geteuid() == 0 else ""
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "\n".join(f'    {kind}_temp_path "{folder}/{kind}";' for kind in kinds)
    tls = certificate and f"""
        ssl_certificate "{certificate.file}";
        ssl_certificate_key "{certificate.key}";
        ssl_protocols TLSv1.2 TLSv1.3;"""
    config.write_text(
        f"""{user}
worker_processes 1;
daemon off;
pid "{folder}/nginx.pid";
lock_file "{folder}/nginx.lock";
error_log stderr warn;
events {{
    worker_connections 1024;
}}
http {{
{temporary}
    access_log off;
    sendfile {'on' if sendfile else 'off'};
    tcp_nopush on;
    keepalive_requests 1000000000;
    open_file_cache max=100 inactive=1h;
    open_file_cache_valid 1h;
    types {{}}
    default_type application/json;
    server {{
        listen 127.0.0.1:{port}{' ssl' if certificate else ''};{tls or ''}
        root "{files}";
    }}
}}
"""
    )
    command = ["nginx", "-p", str(folder), "-e", "stderr", "-c", str(config)]
    ports = {"https_port" if certificate else "http_port": port}
    server = Server("nginx", place.start(name, command), **ports)
    servers.await_port(server.program, port)
    return server


def put_file(files: Path, url_path: str, body: bytes) -> None:
    """What nginx is to answer that path with; a query in it is left out of account."""
    file = files / url_path.partition("?")[0].lstrip("/")
    file.parent.mkdir(parents=True, exist_ok=True)
    # In one step, so that nginx never keeps a file open that is not whole.
    fresh = file.with_name(file.name + ".new")
    fresh.write_bytes(body)
    fresh.rename(file)
