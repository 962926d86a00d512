"""Headlines: articles as a list shows them, found by their words or by their dates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from feeds.model import LATEST, Status
from feeds.store.database import Part
from feeds.store.schema import articles, has_term, listings
from feeds.store.visits import SECONDS

_COLUMNS = (articles.c.id, articles.c.title, articles.c.published, articles.c.status)


@dataclass(frozen=True, slots=True)
class Headline:
    """What a list shows of an article."""

    id: str
    title: str
    published: datetime
    status: Status


class Headlines(Part):
    """Lists of articles, for staff: also of those that no reader may see."""

    def search(self, text: str, limit: int) -> Sequence[Headline]:
        """Find the article with this id; if there is none, those with all these words in the title.

        The latest come first. Small and capital letters are alike; on SQLite only those of ASCII.
        Each title is looked at: of a million articles that takes a second, or several on SQLite.
        """
        words = (articles.c.title.icontains(word, autoescape=True) for word in text.split())
        query, latest = sa.select(*_COLUMNS), articles.c.published.desc()
        return self._listed(query.where(articles.c.id == text), latest, limit) or self._listed(
            query.where(*words), latest, limit
        )

    def embargoed(self, now: datetime, limit: int) -> Sequence[Headline]:
        """List the articles that come out after `now`, the next first."""
        query = (
            sa.select(*_COLUMNS)
            .join(listings, listings.c.article_id == articles.c.id)
            .where(has_term(listings, LATEST), listings.c.published > int(now.timestamp()))
        )
        return self._listed(query, listings.c.published, limit)

    def by_hour(self, since: int, now: datetime) -> Mapping[int, int]:
        """Count the articles that came out in each hour since 1970, from `since` until `now`."""
        hour = (listings.c.published // SECONDS).label("hour")
        query = sa.select(hour, sa.func.count()).where(
            has_term(listings, LATEST),
            listings.c.published >= since * SECONDS,
            listings.c.published <= int(now.timestamp()),
        )
        return dict(self._database.rows(query.group_by("hour")))

    def _listed(self, query: sa.Select[Any], order: Any, limit: int) -> Sequence[Headline]:
        rows = self._database.rows(query.order_by(order, articles.c.id).limit(limit))
        return [
            Headline(row.id, row.title, datetime.fromtimestamp(row.published, UTC), row.status)
            for row in rows
        ]
