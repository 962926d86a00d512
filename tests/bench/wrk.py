"""wrk, which asks for the same things over and over on 32 connections and counts the answers."""

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.servers import Server

_CONNECTIONS = 32

# Each request is written out once; `done` gives the numbers as JSON on the last line.
_SCRIPT = """
local requests, at = {}, 0
function init()
  for line in io.lines("%s") do
    local method, path, headers = line:match("^(%%S+) (%%S+)(.*)$")
    local sent = {}
    for name, value in headers:gmatch("\\t([^\\t:]+): ([^\\t]*)") do sent[name] = value end
    requests[#requests + 1] = wrk.format(method, path, sent)
  end
end
function request()
  at = at %% #requests + 1
  return requests[at]
end
function done(summary, latency)
  local e = summary.errors
  print(string.format(
    '{"seconds": %%f, "requests": %%d, "bytes": %%d, "p50": %%f, "p99": %%f, "faults": %%d}',
    summary.duration / 1e6, summary.requests, summary.bytes,
    latency:percentile(50) / 1e6, latency:percentile(99) / 1e6,
    e.connect + e.read + e.write + e.status + e.timeout))
end
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: a percent-encoded path and headers."""

    path: str
    headers: Mapping[str, str]
    method: str = "GET"


@dataclass(frozen=True, slots=True)
class Load:
    """What came of a round: answers a second, and what one took, in seconds and bytes.

    `busy` is the processor time of the server, `p50` and `p99` are percentiles of the client's
    wait; `size` counts headers and body.
    """

    per_second: float
    size: float
    busy: float
    p50: float
    p99: float


@contextmanager
def asking(server: Server, asked: Sequence[Asked], folder: Path) -> Iterator[None]:
    """Ask a server for these things in turns all the while, whatever it answers."""
    wrk = subprocess.Popen(_command(server, asked, 3600, folder), stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        wrk.kill()
        wrk.wait()


def answered(server: Server, asked: Sequence[Asked], seconds: float, folder: Path) -> Load:
    """Ask a server for these things in turns, and measure; every answer must be below 400."""
    url, before = server.url, server.busy()
    command = _command(server, asked, seconds, folder)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{url}: {done.stdout}{done.stderr}"
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["faults"] == 0, f"{url}: {done.stdout}"
    return Load(
        per_second=found["requests"] / found["seconds"],
        size=found["bytes"] / found["requests"],
        busy=(server.busy() - before) / found["requests"],
        p50=found["p50"],
        p99=found["p99"],
    )


def _command(server: Server, asked: Sequence[Asked], seconds: float, folder: Path) -> list[str]:
    script = str(_script(asked, folder))
    return ["wrk", "-t1", f"-c{_CONNECTIONS}", f"-d{seconds:g}s", "-s", script, server.url]


def _script(asked: Sequence[Asked], folder: Path) -> Path:
    requests, script = folder / "requests.txt", folder / "requests.lua"
    requests.write_text("".join(map(_line, asked)), "utf-8")
    script.write_text(_SCRIPT % requests, "utf-8")
    return script


def _line(asked: Asked) -> str:
    headers = (f"\t{name}: {value}" for name, value in asked.headers.items())
    return f"{asked.method} {asked.path}{''.join(headers)}\n"
