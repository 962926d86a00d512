"""wrk, which sends the same requests over and over on 32 connections and counts the answers."""

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.measure import Contestant, Numbers
from tests.bench.servers import Server

_CONNECTIONS = 32
_SECONDS = 2.0

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
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    e.connect + e.read + e.write + e.status + e.timeout))
end
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: a percent-encoded path and headers."""

    path: str
    headers: Mapping[str, str]
    method: str = "GET"


def asking(server: Server, asked: Sequence[Asked], folder: Path) -> Contestant[object]:
    """Send a server these requests in turns for two seconds; every status must be below 400.

    "cpu" is the server's processor time per answer, "p50" and "p99" are percentiles of the
    client's wait; "bytes" are those of an answer with its headers, "MB" is resident memory.
    """

    def turn(_: object) -> Numbers:
        url, before = server.url, server.busy()
        command = _command(server, asked, _SECONDS, folder)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{url}: {done.stdout}{done.stderr}"
        found = json.loads(done.stdout.splitlines()[-1])
        assert found["faults"] == 0, f"{url}: {done.stdout}"
        return {
            "answers/s": found["requests"] / found["seconds"],
            "cpu µs": 1e6 * (server.busy() - before) / found["requests"],
            "p50 ms": found["p50"],
            "p99 ms": found["p99"],
            "bytes": found["bytes"] / found["requests"],
            "MB": server.memory() / 1e6,
        }

    return turn


@contextmanager
def disturbed(server: Server, asked: Sequence[Asked], folder: Path) -> Iterator[None]:
    """Keep sending a server these requests meanwhile, whatever it answers."""
    wrk = subprocess.Popen(_command(server, asked, 3600, folder), stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        wrk.kill()
        wrk.wait()


def _command(server: Server, asked: Sequence[Asked], seconds: float, folder: Path) -> list[str]:
    requests, script = folder / "requests.txt", folder / "requests.lua"
    requests.write_text("".join(map(_line, asked)), "utf-8")
    script.write_text(_SCRIPT % requests, "utf-8")
    wrk = ["wrk", "-t1", f"-c{_CONNECTIONS}", f"-d{seconds:g}s"]
    return [*wrk, "-s", str(script), server.url]


def _line(asked: Asked) -> str:
    headers = (f"\t{name}: {value}" for name, value in asked.headers.items())
    return f"{asked.method} {asked.path}{''.join(headers)}\n"
