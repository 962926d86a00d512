"""Views on their way to counts: salts of days, spools that are folded, visits of open days."""

import secrets
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from feeds.errors import StoreError
from feeds.model import View
from feeds.store.database import Database, added
from feeds.store.schema import counts, days, salts, spools, visits

SECONDS = 3600
"""In an hour: counts are kept by `moment // SECONDS`."""

_SALT_BYTES = 32


@dataclass(frozen=True, slots=True)
class Position:
    """How far a spool is folded, in bytes, and for an access log the digest of all before."""

    at: int = 0
    digest: str | None = None


class Visits:
    """What was opened by whom, as far as it can still matter."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def salt(self, day: int) -> bytes:
        """Give the secret of a day, the same in all processes; make it when it is first wanted.

        Raises StoreError; it never gives what would keep nothing secret.
        """
        query = sa.select(salts.c.salt).where(salts.c.day == day)
        with self._database.reading() as connection:
            salt = connection.scalar(query)
        if salt is None:
            fresh = {
                "day": day,
                "salt": secrets.token_bytes(_SALT_BYTES),
                "made": int(time.time()),
            }
            with self._database.writing() as connection:
                connection.execute(self._database.merge(salts), fresh)
                salt = connection.scalar(query)
        if salt is None or len(salt) < _SALT_BYTES:
            # With an empty key a hash tells every address to whoever tries all of them.
            raise StoreError(
                f"{self._database.name}: the salt of day {day} is no secret; delete it"
            )
        return bytes(salt)

    def position(self, spool: str) -> Position:
        """Say how far a spool is folded."""
        with self._database.reading() as connection:
            return _position(connection, spool)

    def fold(self, spool: str, before: Position, after: Position, views: Iterable[View]) -> bool:
        """Take in the views of a piece of a spool, once for ever.

        The piece begins at `before` and ends at `after`, which is stored in the same transaction.
        Returns False, and takes nothing, if the spool is not folded up to `before` exactly: then
        somebody else was here.
        """
        seen, left_out = _added_up(views)
        with self._database.writing() as connection:
            if _position(connection, spool) != before:
                return False
            row = {"name": spool, "position": after.at, "digest": after.digest}
            connection.execute(self._database.upsert(spools, "position", "digest"), row)
            if seen:
                merge = self._database.merge(visits, hour=_lesser, times=added)
                connection.execute(merge, seen)
                folded = sorted({row["day"] for row in seen})
                rows = [{"day": day, "folds": 1, "counted": 0, "version": 0} for day in folded]
                connection.execute(self._database.merge(days, folds=added), rows)
            if left_out:
                connection.execute(self._database.merge(counts, number=added), left_out)
        return True

    def forget_spool(self, spool: str) -> None:
        """Forget how far a spool was folded that is there no more."""
        with self._database.writing() as connection:
            connection.execute(sa.delete(spools).where(spools.c.name == spool))


def _position(connection: sa.Connection, spool: str) -> Position:
    query = sa.select(spools.c.position, spools.c.digest).where(spools.c.name == spool)
    row = connection.execute(query).first()
    return Position(*row) if row else Position()


def _added_up(views: Iterable[View]) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """Make one row of each visitor, article and day, and of each hour, reason and article."""
    seen: dict[tuple[int, int, str], dict[str, int]] = {}
    left_out = Counter[tuple[int, str, str]]()
    for view in views:
        hour = view.moment // SECONDS
        if view.left_out:
            left_out[hour, view.left_out, view.article_id] += 1
            continue
        key = (view.day, view.visitor, view.article_id)
        one = seen.setdefault(key, {"network": view.network, "hour": hour, "times": 0})
        one["hour"] = min(one["hour"], hour)
        one["times"] += 1
    # In the order of the keys, which is how the database keeps them.
    return (
        [
            {
                "day": day,
                "visitor": visitor,
                "article_id": article_id,
                **seen[day, visitor, article_id],
            }
            for day, visitor, article_id in sorted(seen)
        ],
        [
            {"hour": hour, "kind": kind, "article_id": article_id, "number": times}
            for (hour, kind, article_id), times in sorted(left_out.items())
        ],
    )


def _lesser(old: sa.ColumnElement[Any], new: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return sa.case((new < old, new), else_=old)
