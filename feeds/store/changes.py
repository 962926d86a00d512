"""What was touched since it was last published: the worker's list of things to do.

Terms are marked in the transaction that changes their articles, and unmarked only if nothing
touched them again, so that no change is ever missed, whoever dies in between.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from feeds.model import LATEST, Term
from feeds.store.database import Database
from feeds.store.notes import note, set_note
from feeds.store.schema import documents, listings, touched


@dataclass(frozen=True, slots=True)
class Touched:
    """A term whose feeds have to be published again; `stamp` tells one touch from the next."""

    term: Term
    stamp: int


# The stamp of a term that could not be published.
POSTPONED = 0


class Changes:
    """The terms to publish."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def touched(self, limit: int) -> list[Touched]:
        """List at most `limit` terms, the latest touched first: news overtakes a backlog."""
        order = (touched.c.stamp.desc(), touched.c.kind, touched.c.slug)
        query = sa.select(touched).order_by(*order).limit(limit)
        with self._database.reading() as connection:
            return [Touched(Term(r.kind, r.slug), r.stamp) for r in connection.execute(query)]

    def count(self) -> int:
        """Count the terms that wait."""
        with self._database.reading() as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(touched)) or 0

    def awaits(self, term: Term, fingerprint: str, now: datetime) -> bool:
        """Say whether a term is to be published: touched, or due to be by `release` and the like.

        One that could not be published waits for nothing.
        """
        query = sa.select(touched.c.stamp).where(
            touched.c.kind == term.kind, touched.c.slug == term.slug, touched.c.stamp != POSTPONED
        )
        with self._database.reading() as connection:
            if connection.scalar(query) or note(connection, "fingerprint") != fingerprint:
                return True
            since = int(note(connection, "released") or 0)
            return term in _terms_published(connection, since, int(now.timestamp()))

    def are_due(self, fingerprint: str, now: datetime) -> bool:
        """Say whether a publisher would find anything to do; it costs no writer's time."""
        until = int(now.timestamp())
        with self._database.reading() as connection:
            since = int(note(connection, "released") or 0)
            return (
                note(connection, "fingerprint") != fingerprint
                or not 0 < since <= until
                or connection.scalar(sa.select(touched.c.stamp).limit(1)) is not None
                or bool(_terms_published(connection, since, until))
            )

    def settle(self, done: Touched) -> None:
        """Unmark a published term, unless it was touched again meanwhile."""
        with self._database.writing() as connection:
            connection.execute(sa.delete(touched).where(_same(done)))

    def postpone(self, failed: Touched) -> None:
        """Put a term that could not be published behind all others, until it is touched again."""
        with self._database.writing() as connection:
            connection.execute(sa.update(touched).where(_same(failed)).values(stamp=POSTPONED))

    def release(self, now: datetime) -> None:
        """Touch the terms of all articles whose embargo ended since the last call.

        A clock that ran ahead and was set back holds no embargo past its time.
        """
        until = int(now.timestamp())
        with self._database.reading() as connection:
            since = int(note(connection, "released") or 0)
            due = _terms_published(connection, since, until) if since else set()
        if due or not since or until < since:
            with self._database.writing() as connection:
                touch(self._database, connection, due)
                set_note(self._database, connection, "released", str(until))

    def touch_all_unless(self, fingerprint: str) -> None:
        """Touch everything if the documents were made under another configuration."""
        with self._database.reading() as connection:
            if note(connection, "fingerprint") == fingerprint:
                return
        listed = sa.select(listings.c.kind, listings.c.slug)
        every = listed.union(sa.select(documents.c.kind, documents.c.slug))
        with self._database.writing() as connection:
            terms = {Term(*row) for row in connection.execute(every)}
            touch(self._database, connection, terms | {LATEST})
            set_note(self._database, connection, "fingerprint", fingerprint)


def _same(one: Touched) -> sa.ColumnElement[bool]:
    return sa.and_(
        touched.c.kind == one.term.kind,
        touched.c.slug == one.term.slug,
        touched.c.stamp == one.stamp,
    )


def touch(database: Database, connection: sa.Connection, terms: Iterable[Term]) -> None:
    """Mark terms within the transaction that changes them.

    Stamps grow with every touch, also when the clock stands still or goes back. Of terms touched
    at once the whole paper has the highest, so that its feeds come first.
    """
    latest = connection.scalar(sa.select(sa.func.max(touched.c.stamp))) or 0
    stamp = max(time.time_ns(), latest + 1)
    rows = [
        {"kind": term.kind, "slug": term.slug, "stamp": stamp + (term == LATEST)}
        for term in sorted(terms)
    ]
    if rows:
        connection.execute(database.upsert(touched, "stamp"), rows)


def _terms_published(connection: sa.Connection, since: int, until: int) -> set[Term]:
    due = sa.select(listings.c.article_id).where(
        listings.c.kind == LATEST.kind,
        listings.c.slug == LATEST.slug,
        listings.c.published > since,
        listings.c.published <= until,
    )
    query = sa.select(listings.c.kind, listings.c.slug).where(listings.c.article_id.in_(due))
    return {Term(*row) for row in connection.execute(query.distinct())}
