"""Deliveries under way, and those that wait for their turn.

A slow receiver holds up nobody: each has at most one delivery at a time, each host a few. Retries
and requests take at most half of the threads, and only when nothing else can be sent.
"""

import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from queue import Empty, SimpleQueue

from feeds.push.sending import Outcome
from feeds.store import REQUESTS, Receiver

_MOST = 512
_MOST_DOUBTFUL = _MOST // 2
_MOST_OF_A_HOST = 8
# Deliveries that just began share the processor with publishing; later, they wait for a network.
_MOST_JUST_BEGUN = 16
_SECONDS_OF_BEGINNING = 0.03

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Delivery:
    """A receiver, which is to be sent all up to the position `head`."""

    receiver: Receiver
    head: int

    @cached_property
    def key(self) -> Key:
        """The key of the receiver."""
        return self.receiver.key

    @cached_property
    def host(self) -> str:
        """The host of the receiver, with the port."""
        return self.receiver.host

    @property
    def is_doubtful(self) -> bool:
        """Whether its receiver may well fail: it failed the last time, or is a stranger."""
        return self.receiver.attempts > 0 or self.receiver.kind in REQUESTS


Ended = tuple[Delivery, Outcome]


class Deliveries:
    """Makes deliveries in threads, within the limits. One thread uses it."""

    def __init__(self, send: Callable[[Delivery], Outcome]) -> None:
        self._send = send
        self._ready = {is_doubtful: deque[Delivery]() for is_doubtful in (False, True)}
        self._held: defaultdict[str, deque[Delivery]] = defaultdict(deque)  # by its host
        self._under_way = dict[Key, tuple[Delivery, float]]()
        self._of_hosts = Counter[str]()
        self._doubtful = 0
        self._threads = 0
        self._begun = SimpleQueue[Delivery | None]()
        self._ended = SimpleQueue[Ended]()
        self.waiting = 0

    def of(self, key: Key) -> Delivery | None:
        """Give the delivery to a receiver if it is under way."""
        found = self._under_way.get(key)
        return found and found[0]

    def replace(self, deliveries: Iterable[Delivery]) -> None:
        """Let only these wait, without those to receivers that are being sent something."""
        self._held.clear()
        for ready in self._ready.values():
            ready.clear()
        for each in deliveries:
            if each.key not in self._under_way:
                self._ready[each.is_doubtful].append(each)
        self.waiting = sum(map(len, self._ready.values()))

    def run(self, seconds: float) -> list[Ended]:
        """Make deliveries for some seconds; give those that ended."""
        until, ended = time.monotonic() + seconds, list[Ended]()
        while (left := until - time.monotonic()) > 0:
            self._begin_all()
            ended += self._take_ended(min(left, _SECONDS_OF_BEGINNING) if self.waiting else left)
        return ended

    def finish(self, seconds: float) -> list[Ended]:
        """Begin no more; wait some seconds for those under way, and give those that ended."""
        until, ended = time.monotonic() + seconds, list[Ended]()
        while self._under_way and (left := until - time.monotonic()) > 0:
            ended += self._take_ended(left)
        for _ in range(self._threads):
            self._begun.put(None)
        return ended

    def _begin_all(self) -> None:
        """Begin all deliveries that the limits allow."""
        while self._has_room() and (delivery := self._next()):
            if self._of_hosts[delivery.host] < _MOST_OF_A_HOST:
                self._begin(delivery)
            else:
                self._held[delivery.host].append(delivery)

    def _has_room(self) -> bool:
        latest_first = (began for _, began in reversed(self._under_way.values()))
        before = next(islice(latest_first, _MOST_JUST_BEGUN - 1, None), 0.0)
        is_quiet = time.monotonic() - before > _SECONDS_OF_BEGINNING
        return is_quiet and len(self._under_way) < _MOST

    def _next(self) -> Delivery | None:
        for is_doubtful, ready in self._ready.items():
            if ready and not (is_doubtful and self._doubtful >= _MOST_DOUBTFUL):
                return ready.popleft()
        return None

    def _begin(self, delivery: Delivery) -> None:
        self.waiting -= 1
        self._of_hosts[delivery.host] += 1
        self._doubtful += delivery.is_doubtful
        self._under_way[delivery.key] = delivery, time.monotonic()
        self._begun.put(delivery)
        if len(self._under_way) > self._threads:
            name = f"push {self._threads}"
            threading.Thread(target=self._work, name=name, daemon=True).start()
            self._threads += 1

    def _work(self) -> None:
        while delivery := self._begun.get():
            self._ended.put((delivery, self._send(delivery)))

    def _take_ended(self, seconds: float) -> list[Ended]:
        """Wait for a delivery to end, and let another to the same host follow."""
        try:
            delivery, outcome = self._ended.get(timeout=seconds)
        except Empty:
            return []
        host = delivery.host
        del self._under_way[delivery.key]
        self._doubtful -= delivery.is_doubtful
        self._of_hosts[host] -= 1
        if not self._of_hosts[host]:
            del self._of_hosts[host]
        if self._held[host]:
            follower = self._held[host].popleft()
            self._ready[follower.is_doubtful].appendleft(follower)
        return [(delivery, outcome)]
