"""Tombstones: which articles were withdrawn from the feeds of a term, and when (RFC 6721).

A reader keeps an article that is gone from a feed; a tombstone tells it to drop the article.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from feeds.model import Term, Tombstone
from feeds.store.database import merge_rows
from feeds.store.listings import Row
from feeds.store.schema import articles, has_term, listings, tombstones

_SECONDS_SHOWN = 30 * 86_400
_MOST_SHOWN = 50


def bury(connection: sa.Connection, rows: Iterable[Row], now: datetime) -> set[Term]:
    """Leave tombstones of withdrawn articles under the terms that list them; drop those of others.

    Gives the terms of the tombstones that it dropped, whose feeds still carry them. Call this
    while the articles are still listed. An article under embargo leaves none: its id would tell of
    an article that no reader has seen.
    """
    ids: dict[str, list[str]] = {"live": [], "withdrawn": []}
    for row in rows:
        ids[row["status"]].append(row["id"])
    of_live = tombstones.c.article_id.in_(ids["live"])
    term = sa.select(tombstones.c.kind, tombstones.c.slug).where(of_live).distinct()
    dropped = {Term(*row) for row in connection.execute(term)} if ids["live"] else set()
    if dropped:
        connection.execute(sa.delete(tombstones).where(of_live))
    if ids["withdrawn"]:
        at, here = int(now.timestamp()), listings.c
        seen = sa.select(here.article_id, here.kind, here.slug, sa.literal(at)).where(
            here.article_id.in_(ids["withdrawn"]), here.published <= at
        )
        merge_rows(connection, tombstones, seen, at="new")
    return dropped


def shown(connection: sa.Connection, term: Term, now: datetime) -> tuple[Tombstone, ...]:
    """Give the tombstones that the feeds of a term carry, the latest first."""
    query = (
        sa.select(articles.c.guid, tombstones.c.at)
        .join(articles, articles.c.id == tombstones.c.article_id)
        .where(has_term(tombstones, term), tombstones.c.at > _oldest(now.timestamp()))
        .order_by(tombstones.c.at.desc(), tombstones.c.article_id)
        .limit(_MOST_SHOWN)
    )
    rows = connection.execute(query)
    return tuple(Tombstone(guid, datetime.fromtimestamp(at, UTC)) for guid, at in rows)


def outdated(since: int, until: int) -> sa.Select[Any]:
    """Select the terms with a tombstone that was shown at one time, and is not at another."""
    at = tombstones.c.at
    return sa.select(tombstones.c.kind, tombstones.c.slug).where(
        at > _oldest(since), at <= _oldest(until)
    )


def _oldest(now: float) -> int:
    return int(now) - _SECONDS_SHOWN
