"""From visits to readers by hour, and so to the readers of the last hours.

The counts of an open day are derived from its visits anew when some came, and what changed is
added to all that is made of them. Once a day is over and closed its counts stay, and its visits and
its salt are destroyed.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from feeds.store import totals
from feeds.store.clock import Clock, look
from feeds.store.database import Database, added, pieces
from feeds.store.derived import GIVEN, Bursts, CountKey, derived
from feeds.store.schema import counts, days, open_counts, salts, visits


class Counting:
    """Readers by hour, `counts`, and by the last hours, `totals`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._forgotten = True

    def settle(self, hour: int, spans: Collection[int], bursts: Bursts) -> None:
        """Bring counts and totals up to date, as of an hour since 1970."""
        with self._database.writing() as connection:
            totals.advance(self._database, connection, hour, spans)
        with self._database.reading() as connection:
            stale = list(connection.scalars(_stale().order_by(days.c.day)))
        for day in stale:
            self._count(day, bursts)

    def look_at_clock(self, now: int, pause: int) -> tuple[Clock, Clock]:
        """Tell the store what the clock shows; give what it remembered, and remembers now.

        `pause` is how many seconds may lie between two looks without a jump of the clock.
        """
        return look(self._database, now, pause)

    def open_days(self) -> dict[int, int]:
        """Name the days that have visits or a salt, with the second that the salt was made in.

        It is 0 for a day that has none any more: these visits came after it was closed.
        """
        with self._database.reading() as connection:
            without = dict.fromkeys(connection.scalars(sa.select(days.c.day)), 0)
            made = connection.execute(sa.select(salts.c.day, salts.c.made))
            return without | {row.day: row.made for row in made}

    def close(self, over: Collection[int], *, since: int) -> None:
        """Destroy what could still tell a visitor of days again; what was counted stays.

        A day stays open while visits were folded into it that are not yet counted. Counts of the
        hours before `since` are deleted. Call it again and again: while anyone reads the store,
        SQLite keeps deleted pages in its log.
        """
        with self._database.writing() as connection:
            stale = set(connection.scalars(_stale()))
            closing = [day for day in over if day not in stale]
            for table in (open_counts, visits, salts, days):
                connection.execute(sa.delete(table).where(table.c.day.in_(closing)))
            connection.execute(sa.delete(counts).where(counts.c.hour < since))
        self._forgotten = self._forgotten and not closing
        if not self._forgotten:
            self._forgotten = self._database.forget_deleted()

    def give(self, readers: Mapping[tuple[int, str], int]) -> None:
        """Set the readers that another system counted, by hour and article; twice is like once."""
        if not readers:
            return
        given = {(hour, GIVEN, article_id): n for (hour, article_id), n in readers.items()}
        with self._database.writing() as connection:
            known = _stored(connection, given)
            rows = [
                {"hour": hour, "kind": kind, "article_id": article_id, "number": number}
                for (hour, kind, article_id), number in given.items()
            ]
            connection.execute(self._database.upsert(counts, "number"), rows)
            changes = {key: n - known.get(key, 0) for key, n in given.items()}
            totals.add(self._database, connection, changes)

    def _count(self, day: int, bursts: Bursts) -> None:
        """Derive the counts of a day, and pass on what changed since the last time.

        Visits may come meanwhile, they count the next time: deriving may take seconds, and nobody
        who writes is to wait for that. Nor for all changes of a busy day at once.
        """
        with self._database.reading() as connection:
            state = _state(connection, day)
            before = _open(connection, day)
            now = derived(connection, day, bursts)
        changes = (
            (key, change)
            for key in sorted(now.keys() | before.keys())
            if (change := now.get(key, 0) - before.get(key, 0))
        )
        version = state.version
        for piece in pieces(changes):
            if not self._add(day, version, dict(piece)):
                return
            version += 1
        with self._database.writing() as connection:
            known = sa.and_(days.c.day == day, days.c.version == version)
            connection.execute(sa.update(days).where(known).values(counted=state.folds))

    def _add(self, day: int, version: int, changes: Mapping[CountKey, int]) -> bool:
        """Add changes to the counts of a day, unless another process did so since a version."""
        rows = [
            {"day": day, "hour": hour, "kind": kind, "article_id": article_id, "number": number}
            for (hour, kind, article_id), number in changes.items()
        ]
        with self._database.writing() as connection:
            if _state(connection, day).version != version:
                return False
            for table in (counts, open_counts):
                connection.execute(self._database.merge(table, number=added), rows)
            totals.add(self._database, connection, changes)
            next_ = sa.update(days).where(days.c.day == day).values(version=version + 1)
            connection.execute(next_)
        return True


@dataclass(frozen=True, slots=True)
class _Day:
    """How often something was folded into a day, and how often its counts were changed."""

    folds: int
    version: int


def _state(connection: sa.Connection, day: int) -> _Day:
    query = sa.select(days.c.folds, days.c.version).where(days.c.day == day)
    row = connection.execute(query).first()
    return _Day(*row) if row else _Day(0, -1)


def _stale() -> sa.Select[Any]:
    """Select the days that have visits which are not counted."""
    return sa.select(days.c.day).where(days.c.folds != days.c.counted)


def _open(connection: sa.Connection, day: int) -> dict[CountKey, int]:
    rows = connection.execute(sa.select(open_counts).where(open_counts.c.day == day))
    return {(row.hour, row.kind, row.article_id): row.number for row in rows}


def _stored(connection: sa.Connection, keys: Iterable[CountKey]) -> dict[CountKey, int]:
    columns = (counts.c.hour, counts.c.kind, counts.c.article_id)
    query = sa.select(*columns, counts.c.number)
    return {
        (hour, kind, article_id): number
        for piece in pieces(keys)
        for hour, kind, article_id, number in connection.execute(
            query.where(sa.tuple_(*columns).in_(piece))
        )
    }
