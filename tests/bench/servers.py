"""Servers to measure, each with one process that answers, on a free port of loopback."""

import os
import pwd
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import psutil
import urllib3

from feeds.model import Bodies
from tests.processes import Running, eventually, free_port, started

_NEEDED = ("wrk", "nginx")
_NGINX = """
worker_processes 1;
daemon off;
user {user};
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.txt;
events {{ worker_connections 512; }}
http {{
  {log}
  sendfile on;
  gzip_static on;
  keepalive_requests 1000000000;
  default_type "text/html; charset=utf-8";
  types {{ application/rss+xml rss; application/atom+xml atom; application/feed+json json; }}
  client_body_temp_path {folder}/t1;
  proxy_temp_path {folder}/t2;
  fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4;
  scgi_temp_path {folder}/t5;
  server {{ listen 127.0.0.1:{port}; {answer} }}
}}
"""


@dataclass(frozen=True)
class Server:
    """A server at a URL; the process answers itself or has children that do."""

    url: str
    process: psutil.Process

    def memory(self) -> int:
        """Resident bytes of its largest process, which is the one that answers."""
        return max(one.memory_info().rss for one in self._family())

    def busy(self) -> float:
        """Seconds of processor time that it has taken so far."""
        return sum(sum(one.cpu_times()[:2]) for one in self._family())

    def _family(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]


def web_process(running: Running) -> Server:
    """Give the process of `feeds serve --workers 1` that answers; a small one waits beside it."""
    return Server(running.url, max(running.web_processes(), key=lambda it: it.memory_info().rss))


def require_programs() -> None:
    """Raise click.ClickException if a program is missing; no Python package installs these."""
    missing = [name for name in _NEEDED if shutil.which(name) is None]
    if missing:
        raise click.ClickException(
            f"this needs {' and '.join(missing)}: apt-get install {' '.join(_NEEDED)}"
        )


@contextmanager
def nginx(folder: Path, files: Mapping[str, Bodies]) -> Iterator[Server]:
    """Run nginx over static files, each beside itself compressed; the keys are decoded paths."""
    for path, bodies in files.items():
        _write(folder / f"static{path}{'index.html' if path.endswith('/') else ''}", bodies)
    with _nginx(folder, log="access_log off;", answer=f"root {folder}/static;") as server:
        yield server


@contextmanager
def nginx_that_logs(folder: Path) -> Iterator[Server]:
    """Run an nginx that answers everything with 204 and writes an access log."""
    log = f"access_log {folder}/access.log combined;"
    with _nginx(folder, log=log, answer="location / { return 204; }") as server:
        yield server


@contextmanager
def nginx_of_callbacks(folder: Path, hosts: Sequence[str]) -> Iterator[tuple[int, Path]]:
    """Run an nginx at many addresses that answers everything with 204; give its port and its log.

    A line of the log has the seconds since 1970 at which a request was there, and its URL.
    """
    port, log = free_port(), folder / "callbacks.log"
    form = f"log_format callbacks '$msec $http_host$uri'; access_log {log} callbacks;"
    listens = " ".join(f"listen {host}:{port} backlog=1024;" for host in hosts)
    with _nginx(folder, log=form, answer=f"{listens} location / {{ return 204; }}"):
        yield port, log


@contextmanager
def _nginx(folder: Path, **parts: str) -> Iterator[Server]:
    port = free_port()
    user = pwd.getpwuid(os.getuid()).pw_name  # another user could not read this folder
    config = folder / "nginx.conf"
    config.write_text(_NGINX.format(folder=folder, port=port, user=user, **parts), "utf-8")
    with _running(["nginx", "-c", str(config), "-e", "stderr"], port) as server:
        yield server


@contextmanager
def site(name: str, **variables: str) -> Iterator[Server]:
    """Run one of `tests.bench.sites` in granian, with the settings of `feeds.service`."""
    port = free_port()
    granian = [sys.executable, "-m", "granian", "--factory", f"tests.bench.sites:{name}"]
    settings = "--interface wsgi --no-ws --blocking-threads 1 --log-level warning --port".split()
    variables["PYTHONPATH"] = str(Path(__file__).parents[2])
    with _running([*granian, *settings, str(port)], port, **variables) as server:
        yield server


def _write(path: Path, bodies: Bodies) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bodies["identity"])
    path.with_name(f"{path.name}.gz").write_bytes(bodies["gzip"])


@contextmanager
def _running(command: list[str], port: int, **variables: str) -> Iterator[Server]:
    with TemporaryDirectory() as folder, started(command, Path(folder), **variables) as process:
        server = Server(f"http://127.0.0.1:{port}", process)
        eventually(lambda: _answers(server))
        yield server


def _answers(server: Server) -> bool:
    try:
        urllib3.request("GET", server.url, retries=False)
    except urllib3.exceptions.HTTPError:
        return False
    return True
