"""How often clients may do something, and from which network a request comes."""

import threading
from collections import deque
from collections.abc import Hashable

from flask import request

from feeds.config import Config
from feeds.views import client_address, read_origin


class Limit:
    """Lets each client act at most `most` times in any span of `seconds`."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most, self._seconds = most, seconds
        self._times = dict[Hashable, deque[float]]()  # who acted last comes last
        self._taking = threading.Lock()

    def take(self, client: Hashable, now: float) -> float:
        """Let a client act and give 0, or give the seconds until it may; `now` is in seconds."""
        with self._taking:
            wait = self.wait(client, now)
            if not wait:
                self.add(client, now)
            return wait

    def wait(self, client: Hashable, now: float) -> float:
        """Give the seconds until a client may act, 0 if it may now; the caller has a lock."""
        times = self._times.get(client)
        if times is None or len(times) < self._most:
            return 0.0
        return max(0.0, times[0] + self._seconds - now)

    def add(self, client: Hashable, now: float) -> None:
        """Remember that a client acts; the caller has a lock."""
        times = self._times.pop(client, None) or deque(maxlen=self._most)
        times.append(now)
        self._times[client] = times
        while next(iter(self._times.values()))[-1] <= now - self._seconds:
            del self._times[next(iter(self._times))]


def client_network(config: Config) -> bytes:
    """Give the client's network; the web process in front is one more proxy."""
    forwarded, proxies = request.headers.get("X-Forwarded-For", ""), config.views.proxies + 1
    return read_origin(client_address(request.remote_addr or "", forwarded, proxies)).network
