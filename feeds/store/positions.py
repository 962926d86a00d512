"""Positions: how much a receiver has got, and how much there is.

A position is

- of a `subscriber`, and of a `most-read` webhook, the Last-Modified of its topic;
- of a `hub`, the version of a document;
- of a `hook`, and of an `indexnow` endpoint, the stamp of an announcement;
- of a request of the hub's clients, the time of the request, in microseconds since 1970.
"""

import time

import sqlalchemy as sa

from feeds.store.news import latest_stamp
from feeds.store.schema import IS_OF_FEED, announced, documents, notes, receivers

REQUESTS = ("subscribe", "unsubscribe", "denied")
"""The kinds that do not depend on what is published."""
OF_TOPICS = ("subscriber", "most-read")
"""The kinds that are told of one document."""
LATEST_REQUEST = "latest request"
"""The key of the metadata with the position of the latest request."""

_MICROSECONDS_TO_GATHER = 1_000_000
_LATEST_FEED = (
    sa.select(documents.c.version)
    .where(IS_OF_FEED, documents.c.version.isnot(None))
    .order_by(documents.c.version.desc())
    .limit(1)
)
# Made once: it is asked for five times a second.
HEADS = sa.select(
    _LATEST_FEED.scalar_subquery(),
    sa.select(sa.func.max(announced.c.stamp)).scalar_subquery(),
    sa.select(notes.c.value).where(notes.c.key == LATEST_REQUEST).scalar_subquery(),
)
"""Values of which one changes whenever a receiver may lack something new."""


def newest(connection: sa.Connection) -> sa.ColumnElement[int]:
    """Give the newest position for a receiver, in a query that joins the document of its topic.

    A hub is told once a change is a second old, and then of all that changed since, so that the
    feeds of an article are told together. Changes from before the clock was set back are old, too.
    """
    latest, now = _latest_feed(connection), time.time_ns() // 1000
    is_ahead = latest > now
    gathered = latest if is_ahead else _latest_feed(connection, now - _MICROSECONDS_TO_GATHER)
    of_hub = sa.case((receivers.c.position < gathered, latest), else_=0)
    return sa.case(
        (receivers.c.kind.in_(REQUESTS), receivers.c.position + 1),
        (receivers.c.kind.in_(OF_TOPICS), sa.func.coalesce(documents.c.last_modified, 0)),
        (receivers.c.kind == "hub", of_hub),
        else_=latest_stamp(connection),
    )


def present(connection: sa.Connection, kind: str, topic: str) -> int:
    """Give the position of a receiver that has got everything."""
    if kind in OF_TOPICS:
        query = sa.select(documents.c.last_modified).where(documents.c.path == topic)
        return connection.scalar(query) or 0
    return _latest_feed(connection) if kind == "hub" else latest_stamp(connection)


def present_since(connection: sa.Connection, topic: str, asked: int) -> int:
    """Give the position of a subscriber that has got what its topic was when it asked."""
    is_newer = sa.case((documents.c.version > asked, 1), else_=0)
    query = sa.select(documents.c.last_modified - is_newer)
    return connection.scalar(query.where(documents.c.path == topic)) or 0


def _latest_feed(connection: sa.Connection, until: int | None = None) -> int:
    """Give the version of the latest publication of a feed, 0 before the first."""
    query = _LATEST_FEED if until is None else _LATEST_FEED.where(documents.c.version <= until)
    return connection.scalar(query) or 0
