"""The addresses of live articles, as search engines are told of them."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, NamedTuple

import sqlalchemy as sa

from feeds.model import LATEST
from feeds.store.database import Part, Row, pieces
from feeds.store.schema import articles, has_term, listings

PART = 50_000
"""The most addresses that search engines take in one file."""


class Address(NamedTuple):
    """Where an article is read; `url` is None if this service has its page.

    A tuple, since a large paper has a million.
    """

    id: str
    url: str | None
    title: str
    published: datetime
    updated: datetime


class Addresses(Part):
    """The addresses of live articles that are not under embargo, in parts of 50,000 articles.

    Parts are numbered from 1, the oldest articles first, so that news only changes the last part.
    An article whose address begins with none of some `origins` has a place in its part, and is left
    out there.
    """

    def part(self, number: int, origins: Sequence[str], now: datetime) -> list[Address]:
        """List the addresses of a part, the oldest article first."""
        with self._database.reading() as connection:
            ids = connection.scalars(_part(number, now)).all()
            found = [
                _address(row)
                for piece in pieces(ids)
                for row in connection.execute(_addresses(origins).where(articles.c.id.in_(piece)))
            ]
        return sorted(found, key=attrgetter("published", "id"))

    def changes(self, origins: Sequence[str], now: datetime) -> Iterator[tuple[int, datetime]]:
        """Give the number of each part that has addresses, and its latest change."""
        count = sa.select(sa.func.count()).select_from(_listed(now).subquery())
        updated = sa.select(articles.c.updated).where(_is_own(origins))
        for number in range(1, -(-self._database.scalar(count) // PART) + 1):
            part = _part(number, now).subquery()
            # Looked up one by one: for a join, PostgreSQL reads all articles.
            of_each = updated.where(articles.c.id == part.c.article_id).scalar_subquery()
            at = self._database.scalar(sa.select(sa.func.max(of_each)).select_from(part))
            if at is not None:
                yield number, datetime.fromtimestamp(at, UTC)

    def since(
        self, moment: datetime, origins: Sequence[str], now: datetime, limit: int
    ) -> list[Address]:
        """List the addresses of the articles that were published since a moment, newest first."""
        query = (
            _addresses(origins)
            .join(listings, listings.c.article_id == articles.c.id)
            .where(*_is_listed(now), listings.c.published >= int(moment.timestamp()))
            .order_by(listings.c.published.desc(), listings.c.article_id)
            .limit(limit)
        )
        return [_address(row) for row in self._database.rows(query)]


def _is_listed(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return has_term(listings, LATEST), listings.c.published <= int(now.timestamp())


def _listed(now: datetime) -> sa.Select[str]:
    return sa.select(listings.c.article_id).where(*_is_listed(now))


def _part(number: int, now: datetime) -> sa.Select[str]:
    """Find the articles of a part in an index alone, in its order backwards."""
    in_order = _listed(now).order_by(listings.c.published, listings.c.article_id.desc())
    return in_order.offset((number - 1) * PART).limit(PART)


def _is_own(origins: Sequence[str]) -> sa.ColumnElement[bool]:
    url = articles.c.url
    return sa.or_(url.is_(None), *(sa.func.substr(url, 1, len(each)) == each for each in origins))


def _addresses(origins: Sequence[str]) -> sa.Select[Any]:
    c = articles.c
    return sa.select(c.id, c.url, c.title, c.published, c.updated).where(_is_own(origins))


def _address(row: Row) -> Address:
    article_id, url, title, published, updated = row
    moments = (datetime.fromtimestamp(each, UTC) for each in (published, updated))
    return Address(article_id, url, title, *moments)
