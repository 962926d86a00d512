"""Readers by the hour and in the last hours, from which rankings are made.

`counts` are numbers by hour, kind and article; `open_counts` is the part of them that comes from
the visits of open days. `totals` are the readers of the present hour and the `span` hours before
it, so that no ranking has to add up. When a day is closed, its counts stay, and its visits and its
salt are destroyed.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from feeds.model import Term
from feeds.ranking import Counted
from feeds.store.database import Database, Part, merge_rows, pieces
from feeds.store.metadata import read_metadata, save_metadata
from feeds.store.schema import (
    articles,
    counts,
    days,
    has_term,
    listings,
    open_counts,
    salts,
    totals,
    visits,
)
from feeds.store.visits import GIVEN, READER, Bursts, CountKey, counts_of_day, rows_of

_ARE_READERS = counts.c.kind.in_((READER, GIVEN))
_ARE_STALE = days.c.folds != days.c.counted  # some visits of these days are not counted yet

_LAST_HOUR = 2**31 - 1
# A ranking seldom needs more than the first of the most read.
_FIRST_PIECE = 100
_GROWTH = 4
# For a term with fewer listings, looking each up is faster than going through all totals.
_SMALL = 20_000


@dataclass(frozen=True, slots=True)
class Clock:
    """The first reading of a clock after its last jump, and the latest; seconds since 1970."""

    since: int
    seen: int


class Readers(Part):
    """The counts of readers: kept up to date, and asked for."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._forgotten = True

    def count(self, hour: int, spans: Collection[int], bursts: Bursts) -> None:
        """Bring counts and totals up to date, as of an hour since 1970.

        The caller holds the ranking lock. Other processes may fold and publish meanwhile: visits
        that come while their day is counted are counted the next time.
        """
        with self._database.writing() as connection:
            self._advance(connection, hour, sorted(spans))
        stale = sa.select(days.c.day, days.c.folds).where(_ARE_STALE).order_by(days.c.day)
        for day, folds in self._database.rows(stale):
            self._count_day(day, folds, bursts)

    def give(self, readers: Mapping[tuple[int, str], int]) -> None:
        """Set the readers that another system counted, by hour and article."""
        hours = {hour for hour, _ in readers}
        query = sa.select(counts).where(counts.c.hour.in_(hours), counts.c.kind == GIVEN)
        with self._database.writing() as connection:
            known = {(row.hour, row.article_id): row.number for row in connection.execute(query)}
            changes = {
                (hour, GIVEN, article_id): change
                for (hour, article_id), number in readers.items()
                if (change := number - known.get((hour, article_id), 0))
            }
            self._add(connection, changes)

    def clock(self) -> Clock | None:
        """Give the readings of the clock that were saved last."""
        with self._database.querying() as connection:
            saved = read_metadata(connection, "clock", list[int]) or []
        # Earlier versions saved one more number before these two.
        return Clock(*saved[-2:]) if len(saved) > 1 else None

    def save_clock(self, clock: Clock) -> None:
        """Save the readings of the clock."""
        with self._database.writing() as connection:
            save_metadata(connection, "clock", json.dumps([clock.since, clock.seen]))

    def open_days(self) -> dict[int, int]:
        """Give the days that have visits or a salt, with the time at which the salt was made.

        The time is 0 for a day without a salt, whose visits came after it was closed.
        """
        with self._database.reading() as connection:
            without = dict.fromkeys(connection.scalars(sa.select(days.c.day)), 0)
            made = connection.execute(sa.select(salts.c.day, salts.c.made))
            return without | {row.day: row.made for row in made}

    def close(self, over: Collection[int], *, since: int) -> None:
        """Destroy all that identifies the visitors of some days; the counts of the days stay.

        A day stays open while some of its visits are not counted. Counts of the hours before
        `since` are deleted. Call this regularly: SQLite keeps deleted pages in its log while
        another process reads the store, and they are erased at a later call.
        """
        with self._database.writing() as connection:
            stale = set(connection.scalars(sa.select(days.c.day).where(_ARE_STALE)))
            closing = [day for day in over if day not in stale]
            for table in (open_counts, visits, salts, days):
                connection.execute(sa.delete(table).where(table.c.day.in_(closing)))
            connection.execute(sa.delete(counts).where(counts.c.hour < since))
        self._forgotten = self._forgotten and not closing
        if not self._forgotten:
            self._forgotten = self._database.forget_deleted()

    def counted(self, term: Term, span: int) -> Iterator[Counted]:
        """Give a term's live articles, also embargoed ones, by readers of the last `span` hours."""
        # SQLite follows the index of totals if it has this order, and else starts at the listings.
        tie = listings.c.article_id if self._is_small(term) else totals.c.article_id
        query = (
            sa.select(listings.c.article_id, listings.c.published, totals.c.readers)
            .join_from(totals, listings, totals.c.article_id == listings.c.article_id)
            .where(totals.c.span == span, has_term(listings, term))
            .order_by(totals.c.readers.desc(), tie)
        )
        return self._in_pieces(query)

    def carried_over(self, term: Term) -> Iterator[Counted]:
        """Give a term's live articles by readers from before this service counted."""
        query = (
            sa.select(listings.c.article_id, listings.c.published, listings.c.views)
            .where(has_term(listings, term), listings.c.views > 0)
            .order_by(listings.c.views.desc(), listings.c.article_id)
        )
        return self._in_pieces(query)

    def carried_by(self, ids: Collection[str]) -> Mapping[str, int]:
        """Give the readers that articles had before this service counted, by id."""
        query = sa.select(articles.c.id, articles.c.views).where(articles.c.id.in_(ids))
        return dict(self._database.rows(query))

    def of(self, ids: Collection[str], span: int) -> Mapping[str, int]:
        """Give the readers of articles in the last `span` hours, if any."""
        query = sa.select(totals.c.article_id, totals.c.readers)
        query = query.where(totals.c.span == span, totals.c.article_id.in_(ids))
        return dict(self._database.rows(query))

    def of_all(self, span: int) -> int:
        """Add up the readers of all articles in the last `span` hours."""
        query = sa.select(sa.func.sum(totals.c.readers)).where(totals.c.span == span)
        return int(self._database.scalar(query) or 0)

    def by_hour(self, hours: Collection[int]) -> Mapping[int, tuple[int, int]]:
        """Give the readers of the whole paper by hour, and how many articles had any."""
        many = sa.func.count(sa.distinct(counts.c.article_id))
        query = (
            sa.select(counts.c.hour, sa.func.sum(counts.c.number), many)
            .where(counts.c.hour.in_(hours), _ARE_READERS, counts.c.number > 0)
            .group_by(counts.c.hour)
        )
        return {hour: (int(n), many) for hour, n, many in self._database.rows(query)}

    def sums(self, since: int, until: int) -> Mapping[int, int]:
        """Add up the readers of the whole paper by hour, from one hour on and before another."""
        query = sa.select(counts.c.hour, sa.func.sum(counts.c.number))
        query = query.where(_are_read(since, until)).group_by(counts.c.hour)
        return {hour: int(n) for hour, n in self._database.rows(query)}

    def first_hour(self, since: int, until: int) -> int | None:
        """Give the first hour with readers from `since` on and before `until`, if there is one."""
        query = sa.select(sa.func.min(counts.c.hour)).where(_are_read(since, until))
        first: int | None = self._database.scalar(query)
        return first

    def invalid_traffic(self, since: int) -> Mapping[str, Mapping[str, int]]:
        """Give how many views did not count since an hour, by article and reason, most first."""
        views = sa.func.sum(counts.c.number)
        query = (
            sa.select(counts.c.article_id, counts.c.kind, views)
            .where(counts.c.hour >= since, ~_ARE_READERS)
            .group_by(counts.c.article_id, counts.c.kind)
            .having(views > 0)
            .order_by(views.desc(), counts.c.article_id, counts.c.kind)
        )
        found = defaultdict[str, dict[str, int]](dict)
        for article_id, reason, number in self._database.rows(query):
            found[article_id][reason] = int(number)
        return found

    def _count_day(self, day: int, folds: int, bursts: Bursts) -> None:
        """Count a day anew, and add the changes since the last time.

        The changes are written in pieces: an imported day has many, and nobody else can write
        meanwhile. If the process ends between two pieces, the next count writes the rest.
        """
        with self._database.reading() as connection:
            changes = counts_of_day(connection, day, bursts)
            before = connection.execute(sa.select(open_counts).where(open_counts.c.day == day))
            changes.subtract({(row.hour, row.kind, row.article_id): row.number for row in before})
        for piece in pieces(sorted((key, change) for key, change in changes.items() if change)):
            with self._database.writing() as connection:
                rows = [{"day": day, **row} for row in rows_of(piece)]
                merge_rows(connection, open_counts, rows, number="sum")
                self._add(connection, dict(piece))
        with self._database.writing() as connection:
            connection.execute(sa.update(days).where(days.c.day == day).values(counted=folds))

    def _add(self, connection: sa.Connection, changes: Mapping[CountKey, int]) -> None:
        """Add to counts, and to the totals that the hours belong to."""
        merge_rows(connection, counts, rows_of(sorted(changes.items())), number="sum")
        now, spans = read_metadata(connection, "totals", tuple[int, list[int]]) or (0, [])
        readers = Counter[tuple[int, str]]()
        for (hour, kind, article_id), number in changes.items():
            for span in spans if kind in (READER, GIVEN) else ():
                if hour >= now - span:
                    readers[span, article_id] += number
        rows = [
            {"span": span, "article_id": article_id, "readers": number}
            for (span, article_id), number in sorted(readers.items())
        ]
        if rows:
            merge_rows(connection, totals, rows, readers="sum")
            _drop_empty(connection, spans)

    def _advance(self, connection: sa.Connection, hour: int, spans: list[int]) -> None:
        """Subtract the hours that became too old from the totals.

        A new span is added up from the start, and so is every span after a clock was set back.
        """
        before, known = read_metadata(connection, "totals", tuple[int, list[int]]) or (0, [])
        if (hour, spans) == (before, known):
            return
        connection.execute(sa.delete(totals).where(totals.c.span.not_in(spans)))
        for span in spans:
            sign, since, until = -1, before - span, hour - span
            if span not in known or not 0 <= hour - before <= span:
                connection.execute(sa.delete(totals).where(totals.c.span == span))
                sign, since, until = 1, hour - span, _LAST_HOUR
            readers = sign * sa.func.sum(counts.c.number)
            changes = (
                sa.select(sa.literal(span), counts.c.article_id, readers)
                .where(_are_read(since, until))
                .group_by(counts.c.article_id)
                .having(readers != 0)
            )
            merge_rows(connection, totals, changes, readers="sum")
        _drop_empty(connection, spans)
        save_metadata(connection, "totals", json.dumps([hour, spans]))

    def _is_small(self, term: Term) -> bool:
        query = sa.select(sa.true()).where(has_term(listings, term)).offset(_SMALL).limit(1)
        return self._database.scalar(query) is None

    def _in_pieces(self, query: sa.Select[Any]) -> Iterator[Counted]:
        """Read a long list as far as the caller goes, each piece larger than the last."""
        start, size = 0, _FIRST_PIECE
        while True:
            rows = self._database.rows(query.offset(start).limit(size))
            yield from (Counted(*row) for row in rows)
            if len(rows) < size:
                return
            start, size = start + size, size * _GROWTH


def _are_read(since: int, until: int) -> sa.ColumnElement[bool]:
    return sa.and_(counts.c.hour >= since, counts.c.hour < until, _ARE_READERS)


def _drop_empty(connection: sa.Connection, spans: list[int]) -> None:
    connection.execute(sa.delete(totals).where(totals.c.span.in_(spans), totals.c.readers <= 0))
