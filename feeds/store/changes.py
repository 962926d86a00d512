"""Terms that changed since they were last published: the worker's list of things to do.

Terms are marked in the transaction that changes their articles, and unmarked only if nothing
touched them again, so that no change is ever missed, whichever process dies in between.
"""

import time
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa

from feeds.model import LATEST, Term
from feeds.store.database import Part, upsert
from feeds.store.listings import outdated
from feeds.store.metadata import get_metadata, read_metadata, save_metadata
from feeds.store.schema import (
    IS_OF_FEED,
    documents,
    has_term,
    listings,
    notes,
    seconds,
    touched,
    unannounced,
)

# How much later the stamps of these kinds are, of the terms touched together.
_FIRST = {LATEST.kind: 2, "section": 1}

_LATEST_TOUCH = "latest touch"
LATEST_TOUCH = sa.select(notes.c.value).where(notes.c.key == _LATEST_TOUCH)

POSTPONED = 0
"""The stamp of a term that could not be published."""


@dataclass(frozen=True, slots=True)
class Touched:
    """A term whose feeds have to be published again; `stamp` tells one touch from the next."""

    term: Term
    stamp: int


class Changes(Part):
    """The terms to publish."""

    def touched(self, limit: int) -> list[Touched]:
        """List at most `limit` terms, the latest touched first: news overtakes a backlog."""
        order = (touched.c.stamp.desc(), touched.c.kind, touched.c.slug)
        query = sa.select(touched.c.kind, touched.c.slug, touched.c.stamp)
        query = query.order_by(*order).limit(limit)
        return [Touched(Term(r.kind, r.slug), r.stamp) for r in self._database.rows(query)]

    def count(self) -> int:
        """Count the terms that wait."""
        return int(self._database.scalar(sa.select(sa.func.count()).select_from(touched)))

    def waiting(self) -> tuple[int, int | None]:
        """Count the terms that wait and have not failed; say since when, in seconds since 1970."""
        query = sa.select(sa.func.count(), sa.func.min(touched.c.stamp))
        ((number, first),) = self._database.rows(query.where(touched.c.stamp != POSTPONED))
        return number, first and first // 10**9

    def awaits(self, term: Term, fingerprint: str, now: datetime) -> bool:
        """Say whether a term waits for publishing: it was touched, or is about to be.

        A term whose publishing failed does not wait.
        """
        of_term = has_term(touched, term), touched.c.stamp != POSTPONED
        with self._database.reading() as connection:
            return (
                get_metadata(connection, "fingerprint") != fingerprint
                or connection.scalar(sa.select(touched.c.stamp).where(*of_term)) is not None
                or term in _due(connection, released(connection), seconds(now))
            )

    def await_any(self, terms: Collection[Term]) -> bool:
        """Say whether any of these terms is to be published; one that failed does not count."""
        of_these = touched.c.slug.in_({term.slug for term in terms})
        rows = self._database.rows(sa.select(touched).where(of_these, touched.c.stamp != POSTPONED))
        return any(Term(row.kind, row.slug) in terms for row in rows)

    def are_due(self, fingerprint: str, now: datetime) -> bool:
        """Say whether there is anything to publish; no writer waits for this."""
        until = seconds(now)
        with self._database.reading() as connection:
            since = released(connection)
            return (
                get_metadata(connection, "fingerprint") != fingerprint
                or not 0 < since <= until
                or connection.scalar(sa.select(touched.c.stamp).limit(1)) is not None
                or bool(_due(connection, since, until))
            )

    def settle(self, done: Touched) -> None:
        """Unmark a published term, unless it was touched again meanwhile."""
        again = sa.update(touched).where(has_term(touched, done.term))
        with self._database.writing() as connection:
            if not connection.execute(sa.delete(touched).where(_is_same(done))).rowcount:
                connection.execute(again.values(published=done.stamp))

    def postpone(self, failed: Touched) -> None:
        """Put a term that failed behind all others, until it is touched again."""
        with self._database.writing() as connection:
            connection.execute(sa.update(touched).where(_is_same(failed)).values(stamp=POSTPONED))

    def release(self, now: datetime) -> None:
        """Touch the terms of articles whose embargo ended, or tombstone aged, since the last call.

        A clock that ran ahead and was set back holds no embargo past its time.
        """
        until = seconds(now)
        with self._database.reading() as connection:
            since = released(connection)
            due = _due(connection, since, until) if since else set()
        if due or not since or until < since:
            with self._database.writing() as connection:
                stamp = touch(connection, due)
                has_ended = unannounced.c.due > since, unannounced.c.due <= until
                ended = sa.update(unannounced).where(*has_ended)
                connection.execute(ended.values(stamp=stamp, due=0))
                save_metadata(connection, "released", str(until))

    def touch_all_unless(self, fingerprint: str) -> None:
        """Touch all terms if the documents were made with another configuration."""
        with self._database.reading() as connection:
            if get_metadata(connection, "fingerprint") == fingerprint:
                return
        listed = sa.select(listings.c.kind, listings.c.slug)
        published = sa.select(documents.c.kind, documents.c.slug)
        every = listed.union(published.where(IS_OF_FEED))
        with self._database.writing() as connection:
            terms = {Term(*row) for row in connection.execute(every)}
            touch(connection, terms | {LATEST})
            save_metadata(connection, "fingerprint", fingerprint)


def touch(connection: sa.Connection, terms: Iterable[Term]) -> int:
    """Mark terms within the transaction that changes them; give the least of their stamps.

    Stamps grow with every touch, even when the clock stands still or goes back. Of the terms
    touched together, the whole paper has the highest, and then sections: their feeds come first.
    """
    latest = connection.scalar(sa.select(sa.func.max(touched.c.stamp))) or 0
    stamp = max(time.time_ns(), latest + 1)
    rows = [
        {**asdict(term), "stamp": stamp + _FIRST.get(term.kind, 0), "published": stamp - 1}
        for term in sorted(terms)
    ]
    upsert(connection, touched, rows, "stamp")
    # Even without a term: an article that comes withdrawn has a page that says so.
    save_metadata(connection, _LATEST_TOUCH, str(stamp))
    return stamp


def _is_same(one: Touched) -> sa.ColumnElement[bool]:
    return sa.and_(has_term(touched, one.term), touched.c.stamp == one.stamp)


def released(connection: sa.Connection) -> int:
    """Give the time of the last release; 0 before the first, 1 if it is lost: all is released."""
    return read_metadata(connection, "released", int, damaged=1) or 0


def _due(connection: sa.Connection, since: int, until: int) -> set[Term]:
    """Give the terms that change by themselves between two times: their articles come out."""
    of_these = sa.select(listings.c.article_id).where(
        has_term(listings, LATEST), listings.c.published > since, listings.c.published <= until
    )
    query = sa.select(listings.c.kind, listings.c.slug).where(listings.c.article_id.in_(of_these))
    return {Term(*row) for row in connection.execute(query.union(outdated(since, until)))}
