"""The readers of articles: by the last hours, by the hour, and those from before this service."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, repeat

import sqlalchemy as sa

from feeds.model import Counted, Term
from feeds.store.database import Database
from feeds.store.schema import articles, counts, listings, totals
from feeds.store.totals import COUNTING

_Piece = list[tuple[str, int]]
# The most read come first, and seldom are more of them wanted.
_PIECES = (500, 2_000, 8_000)
# Listings of a term; to look up each of so many takes less time than to read all totals may.
_SMALL = 20_000


@dataclass(frozen=True, slots=True)
class LeftOut:
    """How many views of an article did not count, and the reason."""

    article_id: str
    reason: str
    views: int


class Readers:
    """What rankings are made of."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def counted(self, term: Term, span: int) -> Iterator[Counted]:
        """Give a term's live articles by falling readers of the last `span` hours.

        Embargoed ones are among them. They are read piece by piece, as they are wanted: first are
        those that most terms want. A small term's seldom are, and come all at once.
        """
        if self._is_small(term):
            yield from self._few(term, span)
            return
        for piece in self._pieces(totals.c.readers, totals.c.article_id, totals.c.span == span):
            yield from self._live(term, piece)

    def carried_over(self, term: Term) -> Iterator[Counted]:
        """Give a term's live articles by falling readers that were counted before this service."""
        of_term = sa.and_(
            listings.c.kind == term.kind, listings.c.slug == term.slug, listings.c.views > 0
        )
        for piece in self._pieces(listings.c.views, listings.c.article_id, of_term):
            yield from self._live(term, piece)

    def carried_by(self, ids: Collection[str]) -> Mapping[str, int]:
        """Give the readers that articles had before this service counted, by id."""
        query = sa.select(articles.c.id, articles.c.views).where(articles.c.id.in_(ids))
        with self._database.reading() as connection:
            return {row.id: row.views for row in connection.execute(query)}

    def of(self, ids: Collection[str], span: int) -> Mapping[str, int]:
        """Give the readers of articles in the last `span` hours; none has no entry."""
        query = sa.select(totals.c.article_id, totals.c.readers).where(
            totals.c.span == span, totals.c.article_id.in_(ids)
        )
        with self._database.reading() as connection:
            return {row.article_id: row.readers for row in connection.execute(query)}

    def of_all(self, span: int) -> int:
        """Add up the readers of all articles in the last `span` hours."""
        query = sa.select(sa.func.sum(totals.c.readers)).where(totals.c.span == span)
        with self._database.reading() as connection:
            return int(connection.scalar(query) or 0)

    def by_hour(self, hours: Collection[int]) -> Mapping[int, tuple[int, int]]:
        """Give the readers of the whole paper by hour, and how many articles had any."""
        readers = counts.c.number
        many = sa.func.count(sa.distinct(counts.c.article_id))
        query = (
            sa.select(counts.c.hour, sa.func.sum(readers), many)
            .where(counts.c.hour.in_(hours), counts.c.kind.in_(COUNTING), readers > 0)
            .group_by(counts.c.hour)
        )
        with self._database.reading() as connection:
            return {hour: (int(n), many) for hour, n, many in connection.execute(query)}

    def first_hour(self, since: int, until: int) -> int | None:
        """Give the first of some hours that anybody read in, before `until`; None if none is."""
        query = sa.select(sa.func.min(counts.c.hour)).where(
            counts.c.hour >= since, counts.c.hour < until, counts.c.kind.in_(COUNTING)
        )
        with self._database.reading() as connection:
            first: int | None = connection.scalar(query)
        return first

    def left_out(self, since: int) -> list[LeftOut]:
        """List what did not count since an hour, by article and reason, most first."""
        views = sa.func.sum(counts.c.number)
        query = (
            sa.select(counts.c.article_id, counts.c.kind, views)
            .where(counts.c.hour >= since, counts.c.kind.not_in(COUNTING))
            .group_by(counts.c.article_id, counts.c.kind)
            .having(views > 0)
            .order_by(views.desc(), counts.c.article_id, counts.c.kind)
        )
        with self._database.reading() as connection:
            return [LeftOut(name, kind, int(n)) for name, kind, n in connection.execute(query)]

    def _is_small(self, term: Term) -> bool:
        some = sa.select(listings.c.article_id).where(*_of(term)).limit(_SMALL + 1).subquery()
        with self._database.reading() as connection:
            query = sa.select(sa.func.count()).select_from(some)
            return int(connection.scalar(query) or 0) <= _SMALL

    def _few(self, term: Term, span: int) -> Iterator[Counted]:
        one = sa.and_(totals.c.span == span, totals.c.article_id == listings.c.article_id)
        query = (
            sa.select(listings.c.article_id, listings.c.published, totals.c.readers)
            .join_from(listings, totals, one)
            .where(*_of(term))
            .order_by(totals.c.readers.desc(), listings.c.article_id)
        )
        for piece in (query.limit(_PIECES[0]), query.offset(_PIECES[0])):
            with self._database.reading() as connection:
                rows = connection.execute(piece).all()
            yield from (Counted(*row) for row in rows)
            if len(rows) < _PIECES[0]:
                return

    def _pieces(
        self, number: sa.Column[int], name: sa.Column[str], which: sa.ColumnElement[bool]
    ) -> Iterator[_Piece]:
        """Read ids by falling numbers, by the index, ever larger pieces of them."""
        query = sa.select(name, number).where(which).order_by(number.desc(), name)
        piece: _Piece = []
        for size in chain(_PIECES, repeat(_PIECES[-1])):
            after = _after(*piece[-1], name, number) if piece else sa.true()
            with self._database.reading() as connection:
                rows = connection.execute(query.where(after).limit(size))
                piece = [(row[0], row[1]) for row in rows]
            yield piece
            if len(piece) < size:
                return

    def _live(self, term: Term, piece: _Piece) -> Iterator[Counted]:
        """Give those of a piece that a term lists, in its order."""
        # The kind is wrapped: else SQLite reads the whole term, instead of looking articles up.
        query = sa.select(listings.c.article_id, listings.c.published).where(
            listings.c.article_id.in_([article_id for article_id, _ in piece]),
            sa.func.coalesce(listings.c.kind, "") == term.kind,
            listings.c.slug == term.slug,
        )
        with self._database.reading() as connection:
            published = {row.article_id: row.published for row in connection.execute(query)}
        for article_id, readers in piece:
            if article_id in published:
                yield Counted(article_id, published[article_id], readers)


def _of(term: Term) -> tuple[sa.ColumnElement[bool], ...]:
    return listings.c.kind == term.kind, listings.c.slug == term.slug


def _after(
    last: str, least: int, name: sa.Column[str], number: sa.Column[int]
) -> sa.ColumnElement[bool]:
    return sa.and_(number <= least, sa.or_(number < least, name > last))
