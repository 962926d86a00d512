"""Headlines: articles as lists and sitemaps show them, without their texts."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple

import sqlalchemy as sa

from feeds.model import LATEST, Status
from feeds.store.bulk import among
from feeds.store.database import Part, Row, pieces
from feeds.store.listings import is_listed, newest
from feeds.store.schema import articles, has_term, listings, moment, seconds
from feeds.store.visits import SECONDS

PART = 50_000
"""The most addresses that search engines take in one file."""

_IS_OF = articles.c.id == listings.c.article_id


class Headline(NamedTuple):
    """What a list shows of an article; `url` is None if this service has its page.

    A tuple, since a large paper has a million.
    """

    id: str
    title: str
    status: Status
    url: str | None
    published: datetime
    updated: datetime


_COLUMNS = [articles.c[name] for name in Headline._fields]


class Headlines(Part):
    """Lists for staff, also of hidden articles, and for sitemaps, of those that readers see.

    Sitemaps are in parts of 50,000 articles. Parts are numbered from 1, the oldest articles first,
    so that news only changes the last part. An article whose address begins with none of some
    `origins` has a place in its part, and is left out there.
    """

    def of(self, ids: Collection[str]) -> dict[str, Headline]:
        """Give, by id, the headlines of those ids that belong to an article."""
        found = self._found(sa.select(*_COLUMNS).where(among(articles.c.id, ids)))
        return {each.id: each for each in found}

    def search(self, text: str, limit: int) -> Sequence[Headline]:
        """Find the article with this id; if there is none, those with all these words in the title.

        The latest come first. Small and capital letters are alike; on SQLite only those of ASCII.
        Each title is looked at: of a million articles that takes a second, or several on SQLite.
        """
        words = (articles.c.title.icontains(word, autoescape=True) for word in text.split())
        query = sa.select(*_COLUMNS).order_by(articles.c.published.desc(), articles.c.id)
        has_id = query.where(articles.c.id == text)
        return self._found(has_id) or self._found(query.where(*words).limit(limit))

    def embargoed(self, now: datetime, limit: int) -> Sequence[Headline]:
        """List the articles that come out after `now`, the next first."""
        is_later = has_term(listings, LATEST), listings.c.published > seconds(now)
        query = sa.select(*_COLUMNS).join(listings, _IS_OF).where(*is_later)
        return self._found(query.order_by(listings.c.published, articles.c.id).limit(limit))

    def by_hour(self, since: int, now: datetime) -> Mapping[int, int]:
        """Count the articles that came out in each hour since 1970, from `since` until `now`."""
        hour = (listings.c.published // SECONDS).label("hour")
        query = sa.select(hour, sa.func.count()).where(
            is_listed(LATEST, now), listings.c.published >= since * SECONDS
        )
        return dict(self._database.rows(query.group_by("hour")))

    def part(self, number: int, origins: Sequence[str], now: datetime) -> list[Headline]:
        """List the headlines of a part, the oldest article first."""
        query = sa.select(*_COLUMNS).where(_is_own(origins))
        with self._database.reading() as connection:
            ids = connection.scalars(_part(number, now)).all()
            found = [
                _headline(row)
                for piece in pieces(ids)
                for row in connection.execute(query.where(articles.c.id.in_(piece)))
            ]
        return sorted(found, key=attrgetter("published", "id"))

    def parts(self, origins: Sequence[str], now: datetime) -> Iterator[tuple[int, datetime]]:
        """Give the number of each part that has headlines, and its latest change."""
        count = sa.select(sa.func.count()).where(is_listed(LATEST, now))
        updated = sa.select(articles.c.updated).where(_is_own(origins))
        for number in range(1, -(-self._database.scalar(count) // PART) + 1):
            part = _part(number, now).subquery()
            # Looked up one by one: for a join, PostgreSQL reads all articles.
            of_each = updated.where(articles.c.id == part.c.article_id).scalar_subquery()
            at = self._database.scalar(sa.select(sa.func.max(of_each)).select_from(part))
            if at is not None:
                yield number, moment(at)

    def since(
        self, earliest: datetime, origins: Sequence[str], now: datetime, limit: int
    ) -> list[Headline]:
        """List the articles that were published since a moment, newest first."""
        query = newest(LATEST, now, *_COLUMNS).join_from(listings, articles, _IS_OF)
        is_wanted = _is_own(origins), listings.c.published >= seconds(earliest)
        return self._found(query.where(*is_wanted).limit(limit))

    def _found(self, query: sa.Select[Any]) -> list[Headline]:
        return [_headline(row) for row in self._database.rows(query)]


def _part(number: int, now: datetime) -> sa.Select[str]:
    """Find the articles of a part in an index alone, in its order backwards."""
    backwards = listings.c.published, listings.c.article_id.desc()
    listed = sa.select(listings.c.article_id).where(is_listed(LATEST, now)).order_by(*backwards)
    return listed.offset((number - 1) * PART).limit(PART)


def _is_own(origins: Sequence[str]) -> sa.ColumnElement[bool]:
    url = articles.c.url
    return sa.or_(url.is_(None), *(sa.func.substr(url, 1, len(each)) == each for each in origins))


def _headline(row: Row) -> Headline:
    article_id, title, status, url, published, updated = row
    return Headline(article_id, title, status, url, moment(published), moment(updated))
