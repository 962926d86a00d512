"""The readers of the last hours by article: kept up with the counts, so that no ranking adds up.

A total of a span holds the readers of the present hour and of `span` hours before it: of all who
came within that time, and of those who came up to an hour earlier.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from feeds.store.database import Database, added
from feeds.store.derived import GIVEN, READER, CountKey
from feeds.store.metadata import get_metadata, save_metadata
from feeds.store.schema import counts, totals

COUNTING = (READER, GIVEN)
"""The kinds of counts that are readers."""


def advance(database: Database, connection: sa.Connection, hour: int, spans: Iterable[int]) -> None:
    """Let the hours leave that are too old at an hour since 1970.

    A span that is new is counted from the start, and so are all after a clock was set back.
    """
    spans = sorted(spans)
    before, known = _state(connection)
    if (hour, spans) == (before, known):
        return
    connection.execute(sa.delete(totals).where(totals.c.span.not_in(spans)))
    for span in spans:
        if span in known and 0 <= hour - before <= span:
            gone = _readers(span, before - span, hour - span, -1)
        else:
            connection.execute(sa.delete(totals).where(totals.c.span == span))
            gone = _readers(span, hour - span, None, 1)
        insert = database.merge(totals, readers=added)
        connection.execute(insert.from_select(["span", "article_id", "readers"], gone))
        _drop_empty(connection, span)
    save_metadata(database, connection, "totals", json.dumps([hour, spans]))


def add(database: Database, connection: sa.Connection, changes: Mapping[CountKey, int]) -> None:
    """Add to the totals what was added to counts."""
    hour, spans = _state(connection)
    for span in spans:
        readers = dict[str, int]()
        for (at, kind, article_id), number in changes.items():
            if kind in COUNTING and at >= hour - span:
                readers[article_id] = readers.get(article_id, 0) + number
        rows = [
            {"span": span, "article_id": article_id, "readers": number}
            for article_id, number in sorted(readers.items())
            if number
        ]
        if rows:
            connection.execute(database.merge(totals, readers=added), rows)
            _drop_empty(connection, span)


def _readers(span: int, since: int, until: int | None, sign: int) -> sa.Select[Any]:
    """Select the readers of the hours from one on, and before another, as rows of totals."""
    readers = sa.func.sum(counts.c.number)
    bounds = [counts.c.hour >= since] + ([counts.c.hour < until] if until is not None else [])
    return (
        sa.select(sa.literal(span), counts.c.article_id, sign * readers)
        .where(*bounds, counts.c.kind.in_(COUNTING))
        .group_by(counts.c.article_id)
        .having(readers != 0)
    )


def _drop_empty(connection: sa.Connection, span: int) -> None:
    connection.execute(sa.delete(totals).where(totals.c.span == span, totals.c.readers <= 0))


def _state(connection: sa.Connection) -> tuple[int, list[int]]:
    """Give the hour that the totals are as of, and their spans."""
    hour, spans = json.loads(get_metadata(connection, "totals") or "[0, []]")
    return hour, spans
