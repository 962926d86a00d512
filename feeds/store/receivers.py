"""Who is told of changes: subscribers, hubs, search engines and webhooks, and what each has got.

Nothing queues. A receiver has a position, and lacks all that is newer: so no change is lost,
whichever process dies, and the newest version supersedes those that were not delivered. `positions`
says what a position is. The hub's clients are receivers, too: those whose request to `subscribe` or
`unsubscribe` waits for verification, and those that will be told that they are `denied`.
"""

import math
import re
import threading
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa

from feeds.store.database import Database, Part, upsert
from feeds.store.metadata import save_metadata
from feeds.store.positions import (
    HEADS,
    LATEST_REQUEST,
    OF_TOPICS,
    REQUESTS,
    newest,
    present,
    present_since,
)
from feeds.store.schema import documents, receivers

CONFIGURED = ("hub", "indexnow", "hook", "most-read")
"""The kinds that the config names; all others come by themselves."""
SUSPENDED_AFTER = 6
"""Failures in a row after which a receiver is tried only about once an hour."""

State = Literal["waiting", "ok", "failing", "suspended"]

_STATE = ("position", "due", "attempts", "failing", "delivered", "reason")
_KEYS = ("kind", "url", "topic")
_MOST_OVERDUE = 100  # receivers among which the one that has waited longest is looked for


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody to tell. Times are in seconds since 1970.

    `topic` is the path of a document below `/feeds/`; empty if the receiver is told of all. All
    `attempts` since `failing` failed, the last for a `reason`; the next is at `due`. The last
    delivery that arrived was `delivered` then. A subscription of `lease` seconds ends when it
    `expires`. `secret` is encrypted.
    """

    kind: str
    url: str
    topic: str = ""
    position: int = 0
    due: int = 0
    attempts: int = 0
    failing: int | None = None
    delivered: int | None = None
    lease: int | None = None
    expires: int | None = None
    reason: str | None = None
    secret: str | None = None

    @property
    def host(self) -> str:
        """The host of its URL, with the port, in lower case."""
        place = re.split("[/?#]", self.url.partition("//")[2], maxsplit=1)[0]
        return place.rpartition("@")[2].lower()

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it from all others."""
        return self.kind, self.url, self.topic

    @property
    def state(self) -> State:
        """How it goes: a request waits for its verification, all others work or fail."""
        if self.kind in REQUESTS:
            return "waiting"
        if self.attempts >= SUSPENDED_AFTER:
            return "suspended"
        return "failing" if self.attempts else "ok"


class Subscriptions(NamedTuple):
    """The subscriptions of a host: how many, how many of them fail, and the last delivery."""

    host: str
    number: int
    failing: int
    delivered: int | None


_COLUMNS = [receivers.c[each.name] for each in fields(Receiver)]
_SAVED: dict[str, Any] = {name: sa.bindparam(f"its_{name}") for name in (*_KEYS, *_STATE)}
_SAVING = (
    sa.update(receivers)
    .where(*(receivers.c[name] == _SAVED[name] for name in _KEYS))
    .where(receivers.c.position <= _SAVED["position"])
    .values({name: _SAVED[name] for name in _STATE})
)


class Crowd(NamedTuple):
    """How many others are at a callback's host: for the same topic, in all, not yet verified.

    `known` is 1 if the client is subscribed already, else 0.
    """

    of_topic: int
    of_host: int
    waiting: int
    known: int


class Receivers(Part):
    """All receivers. Only the holder of the pushing lock writes their state."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._turn = threading.Lock()  # more threads write than there are connections

    def configure(self, wanted: Iterable[Receiver]) -> None:
        """Make these the receivers of the config; new ones are told of what comes next."""
        new = {each.key: each for each in wanted}
        with self._database.writing() as connection:
            query = sa.select(*_COLUMNS).where(receivers.c.kind.in_(CONFIGURED))
            known = [Receiver(*row) for row in connection.execute(query)]
            for each in known:
                if new.pop(each.key, None) is None:
                    connection.execute(sa.delete(receivers).where(_is(each)))
            for each in new.values():
                position = present(connection, each.kind, each.topic)
                _insert(connection, replace(each, position=position))

    def request(self, request: Receiver) -> None:
        """Let a request of a client wait for its verification; it replaces an earlier one."""
        is_own = receivers.c.url == request.url, receivers.c.topic == request.topic
        with self._turn, self._database.writing() as connection:
            connection.execute(sa.delete(receivers).where(receivers.c.kind.in_(REQUESTS), *is_own))
            stamp = time.time_ns() // 1000
            _insert(connection, replace(request, position=stamp))
            save_metadata(connection, LATEST_REQUEST, str(stamp))

    def subscribe(self, request: Receiver, now: int) -> None:
        """Make a verified request a subscription, or renew the one that there is.

        A new subscriber lacks what changed since it asked.
        """
        made = Receiver("subscriber", request.url, request.topic, lease=request.lease)
        made = replace(made, expires=now + (request.lease or 0), secret=request.secret)
        renewed = ("lease", "expires", "secret", "due", "attempts", "failing", "reason")
        with self._turn, self._database.writing() as connection:
            position = present_since(connection, request.topic, request.position)
            upsert(connection, receivers, [_row(replace(made, position=position))], *renewed)
            connection.execute(sa.delete(receivers).where(_is_same(request)))

    def unsubscribe(self, request: Receiver) -> None:
        """End the subscription of a request or of a subscriber, and remove the request."""
        with self._turn, self._database.writing() as connection:
            connection.execute(sa.delete(receivers).where(_is(replace(request, kind="subscriber"))))
            connection.execute(sa.delete(receivers).where(_is_same(request)))

    def save(self, states: Iterable[Receiver] = (), gone: Iterable[Receiver] = ()) -> None:
        """Save how deliveries went; remove receivers that want, or get, nothing more.

        A receiver that went meanwhile does not come back; one that came anew stays as it is, and no
        position goes back.
        """
        rows = [{f"its_{key}": value for key, value in asdict(each).items()} for each in states]
        with self._database.writing() as connection:
            if rows:
                connection.execute(_SAVING, rows)
            for each in gone:
                connection.execute(sa.delete(receivers).where(_is_same(each)))

    def heads(self) -> tuple[Any, ...]:
        """Give values of which one changes whenever a receiver may lack something new."""
        (row,) = self._database.rows(HEADS)
        return tuple(row)

    def pending(self, limit: int, now: int) -> list[tuple[Receiver, int]]:
        """List receivers that lack something and are due, each with the newest position.

        Those that failed come last. Hosts take turns, so that hosts of few receivers are listed
        even if there are more receivers than the limit.
        """
        with self._database.reading() as connection:
            head = newest(connection)
            is_retry = (receivers.c.attempts > 0).label("is_retry")
            turn = sa.func.row_number().over(
                partition_by=(receivers.c.host, is_retry), order_by=receivers.c.due
            )
            columns = *_COLUMNS, head.label("head"), is_retry, turn.label("turn")
            topics = receivers.outerjoin(documents, documents.c.path == receivers.c.topic)
            is_due = receivers.c.due <= now, head > receivers.c.position, _is_alive(now)
            query = sa.select(*columns).select_from(topics).where(*is_due)
            rows = connection.execute(query.order_by("is_retry", "turn").limit(limit))
            return [(Receiver(*row[: len(_COLUMNS)]), row.head) for row in rows]

    def next_due(self, now: int) -> float:
        """Give the next time at which a receiver that failed is due; infinite if none is."""
        query = sa.select(sa.func.min(receivers.c.due)).where(receivers.c.due > now, _is_alive(now))
        found = self._database.scalar(query)
        return math.inf if found is None else found

    def all(self, *kinds: str) -> list[Receiver]:
        """List the receivers of some kinds, or all, by kind, URL and topic."""
        query = sa.select(*_COLUMNS).order_by(*(receivers.c[key] for key in _KEYS))
        if kinds:
            query = query.where(receivers.c.kind.in_(kinds))
        return [Receiver(*row) for row in self._database.rows(query)]

    def count(self) -> int:
        """Count the subscriptions of the hub."""
        query = sa.select(sa.func.count()).where(receivers.c.kind == "subscriber")
        return int(self._database.scalar(query))

    def crowd(self, request: Receiver) -> Crowd:
        """Count the subscriptions and requests of others of the same callback's host."""
        is_own = (receivers.c.url == request.url) & (receivers.c.topic == request.topic)
        of_host = receivers.c.host == request.host, receivers.c.kind.not_in(CONFIGURED)
        is_of_topic, is_waiting = receivers.c.topic == request.topic, receivers.c.kind.in_(REQUESTS)
        others = (~is_own & is_of_topic, ~is_own, ~is_own & is_waiting)
        counts = [sa.func.count().filter(each) for each in (*others, is_own & ~is_waiting)]
        with self._database.reading() as connection:
            return Crowd._make(connection.execute(sa.select(*counts).where(*of_host)).one())

    def overdue(self, now: int) -> int | None:
        """Say since when something has been due; None if nothing waits. In seconds since 1970."""
        return min(
            (
                max(head if each.kind in OF_TOPICS else head // 1_000_000, each.due)
                for each, head in self.pending(_MOST_OVERDUE, now)
            ),
            default=None,
        )

    def hosts(self, limit: int) -> list[Subscriptions]:
        """Give the subscriptions of each callback's host; hosts with most come first."""
        number = sa.func.count().label("number")
        failing, delivered = sa.func.count(receivers.c.failing), sa.func.max(receivers.c.delivered)
        query = sa.select(receivers.c.host, number, failing, delivered)
        query = query.where(receivers.c.kind == "subscriber").group_by(receivers.c.host)
        rows = self._database.rows(query.order_by(number.desc(), receivers.c.host).limit(limit))
        return [Subscriptions(*row) for row in rows]

    def forget_expired(self, now: int) -> None:
        """Remove the subscriptions whose lease has ended."""
        with self._database.writing() as connection:
            connection.execute(sa.delete(receivers).where(receivers.c.expires <= now))


def _is(one: Receiver) -> sa.ColumnElement[bool]:
    return sa.and_(*(receivers.c[key] == getattr(one, key) for key in _KEYS))


def _is_same(one: Receiver) -> sa.ColumnElement[bool]:
    """Select a request or a subscription, but not a newer one of the same client."""
    version = "position" if one.kind in REQUESTS else "expires"
    return sa.and_(_is(one), receivers.c[version].is_not_distinct_from(getattr(one, version)))


def _is_alive(now: int) -> sa.ColumnElement[bool]:
    return receivers.c.expires.is_(None) | (receivers.c.expires > now)


def _row(receiver: Receiver) -> dict[str, Any]:
    return asdict(receiver) | {"host": receiver.host}


def _insert(connection: sa.Connection, receiver: Receiver) -> None:
    connection.execute(sa.insert(receivers).values(_row(receiver)))
