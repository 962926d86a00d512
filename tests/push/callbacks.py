"""Receivers on loopback, at many addresses: what each was sent, and how it answers."""

import asyncio
import re
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

HANG = 0
"""As a status: there is no answer."""

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass
class Callbacks:
    """What came at which URL, in its order; `answers` has the status of a path, 200 otherwise.

    `most` is the most requests that were under way together, by host. An answer may have to wait
    for `may_answer`.
    """

    port: int = 0
    answers: dict[str, int] = field(default_factory=dict)
    headers: str = ""
    received: defaultdict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    at: dict[str, float] = field(default_factory=dict)
    most: Counter[str] = field(default_factory=Counter)
    may_answer: threading.Event = field(default_factory=threading.Event)
    _now: Counter[str] = field(default_factory=Counter)

    def url(self, number: int, path: str) -> str:
        """Give a URL at the address 127.0.0.NUMBER."""
        return f"http://127.0.0.{number}:{self.port}{path}"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of a connection."""
        host = writer.get_extra_info("sockname")[0]
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = _LENGTH.search(head)
                body = await reader.readexactly(int(length[1]) if length else 0)
                self._now[host] += 1
                self.most[host] = max(self.most[host], self._now[host])
                await self._reply(host, head.split()[1].decode(), body, writer)
                self._now[host] -= 1
        except (asyncio.CancelledError, asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _reply(self, host: str, path: str, body: bytes, writer: asyncio.StreamWriter) -> None:
        url = f"http://{host}:{self.port}{path}"
        self.received[url].append(body)
        self.at[url] = time.time()
        status = self.answers.get(path.rpartition("/")[0], 200)
        while status == HANG or not self.may_answer.is_set():
            await asyncio.sleep(0.02)
            status = self.answers.get(path.rpartition("/")[0], 200)
        writer.write(f"HTTP/1.1 {status} x\r\nContent-Length: 0\r\n{self.headers}\r\n".encode())
        await writer.drain()


@contextmanager
def callbacks(hosts: int = 1, **answers: int) -> Iterator[Callbacks]:
    """Listen at 127.0.0.1 and following addresses; `fail=500` is the answer at `/fail/…`."""
    found = Callbacks(answers={f"/{name}": status for name, status in answers.items()})
    found.may_answer.set()
    is_ready = threading.Event()
    loop, end = asyncio.new_event_loop(), asyncio.Event()

    async def listen() -> None:
        async with await asyncio.start_server(found.answer, "127.0.0.1", backlog=1024) as first:
            found.port = first.sockets[0].getsockname()[1]
            more = [f"127.0.0.{number}" for number in range(2, hosts + 1)] or ["127.0.0.2"]
            async with await asyncio.start_server(found.answer, more, found.port, backlog=1024):
                is_ready.set()
                await end.wait()

    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        thread = threading.Thread(target=runner.run, args=(listen(),))
        thread.start()
        is_ready.wait()
        try:
            yield found
        finally:
            loop.call_soon_threadsafe(end.set)
            thread.join()
