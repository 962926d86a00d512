"""Visits of open days, on their way from a spool to counts.

A visit is what one visitor opened of one article on one day of the paper. The counts of a day
follow from its visits alone, in whatever order they came.
"""

import secrets
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa

from feeds.store.database import Part, merge_rows, pieces, upsert
from feeds.store.schema import counts, days, salts, spools, visits

SECONDS = 3600
"""In an hour: counts are kept by `moment // SECONDS`."""

READER, GIVEN, REPEAT, BURST, CROWD = "reader", "given", "repeat", "burst", "crowd"
"""Kinds of counts; all others are invalid traffic that was recognised view by view."""

ALWAYS = 10
"""One network may always bring so many readers to an article: a family reads at home."""

CountKey = tuple[int, str, str]
"""Hour, kind, and article id."""

_SALT_BYTES = 32


class View(NamedTuple):
    """A reader opened an article, as far as it is kept.

    `moment` is whole seconds since 1970, `day` the proleptic ordinal of the paper's day that it
    falls in. `visitor` and `network` are keyed hashes of 64 bits, signed; who it was cannot be told
    from them. `left_out` is why it does not count; empty when it does. A tuple, since a busy day
    brings millions, and a frozen dataclass takes twice as long to make.
    """

    moment: int
    day: int
    article_id: str
    visitor: int
    network: int
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class Position:
    """How far a spool is folded, in bytes, and for an access log the digest of those bytes."""

    at: int = 0
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class Bursts:
    """The limits of what people do in a day.

    A visitor of more than `articles` articles is a robot, and none of its visits counts. One
    network may bring at most `network` readers to an article, and at most `share` percent of all
    readers counted there, but always `ALWAYS`. Its first readers count.
    """

    articles: int
    network: int
    share: int = 100

    def most(self, readers: int, largest: Collection[int]) -> int:
        """Give how many of an article's `readers` one network may bring.

        `largest` holds the number of readers from each network with more than `ALWAYS`. The limit
        is the largest number within the share of all readers that count under it.
        """
        share = max(ALWAYS, readers)
        most = share + 1
        while share < most:
            most = share
            counted = readers - sum(max(0, of_one - most) for of_one in largest)
            share = max(ALWAYS, self.share * counted // 100)
        return min(self.network, most)


class Visits(Part):
    """The visits of open days, the salts that tell visitors again, and positions in spools."""

    def salt(self, day: int) -> bytes:
        """Give the secret of a day, the same in all processes; it is made on first use."""
        query = sa.select(salts.c.salt).where(salts.c.day == day)
        salt = self._database.scalar(query)
        if salt is None:
            new = secrets.token_bytes(_SALT_BYTES)
            row = {"day": day, "salt": new, "made": int(time.time())}
            with self._database.writing() as connection:
                merge_rows(connection, salts, [row])
                salt = connection.execute(query).scalar_one()
        return bytes(salt)

    def position(self, spool: str) -> Position:
        """Say how far a spool is folded."""
        with self._database.querying() as connection:
            return _position(connection, spool)

    def fold(self, spool: str, before: Position, after: Position, views: Iterable[View]) -> bool:
        """Take in the views of a piece of a spool, exactly once.

        The piece begins at `before` and ends at `after`, which is stored in the same transaction.
        Returns False, and changes nothing, if another process took the piece.
        """
        valid, invalid = list[View](), Counter[CountKey]()
        for view in views:
            if view.left_out:
                invalid[view.moment // SECONDS, view.left_out, view.article_id] += 1
            else:
                valid.append(view)
        # In the order of the key, which is how the database keeps the rows.
        valid.sort(key=lambda view: (view.day, view.visitor, view.article_id))
        with self._database.writing() as connection:
            if _position(connection, spool) != before:
                return False
            row = {"name": spool, "position": after.at, "digest": after.digest}
            upsert(connection, spools, [row])
            merge_rows(connection, visits, list(map(_visit, valid)), hour="least", times="sum")
            of_days = sorted({view.day for view in valid})
            rows = [{"day": day, "folds": 1, "counted": 0} for day in of_days]
            merge_rows(connection, days, rows, folds="sum")
            merge_rows(connection, counts, rows_of(sorted(invalid.items())), number="sum")
        return True

    def forget_spool(self, spool: str) -> None:
        """Forget the position in a spool that was deleted."""
        with self._database.writing() as connection:
            connection.execute(sa.delete(spools).where(spools.c.name == spool))


def rows_of(numbers: Iterable[tuple[CountKey, int]]) -> list[dict[str, Any]]:
    """Make rows of counts."""
    return [
        {"hour": hour, "kind": kind, "article_id": article_id, "number": number}
        for (hour, kind, article_id), number in numbers
    ]


def counts_of_day(connection: sa.Connection, day: int, bursts: Bursts) -> Counter[CountKey]:
    """Count the visits of a day by hour, kind and article."""
    # Materialized: as long as PostgreSQL's statistics say that the table is small, it would
    # otherwise look for the busy visitors again at each visit.
    busy_visitors = (
        sa.select(visits.c.visitor)
        .where(visits.c.day == day)
        .group_by(visits.c.visitor)
        .having(sa.func.count() > bursts.articles)
        .cte("busy")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    is_busy = visits.c.visitor.in_(sa.select(busy_visitors.c.visitor))
    robots = sa.select(visits).where(visits.c.day == day, is_busy)
    people = sa.select(visits).where(visits.c.day == day, ~is_busy)
    found, readers = Counter[CountKey](), Counter[str]()
    for hour, article_id, _, times in _by_hour(connection, robots):
        found[hour, BURST, article_id] = times
    for hour, article_id, visitors, times in _by_hour(connection, people):
        found[hour, READER, article_id] = visitors
        found[hour, REPEAT, article_id] = times - visitors
        readers[article_id] += visitors
    for piece in pieces(_limits(connection, people, readers, bursts)):
        for hour, article_id, visitors, times in _by_hour(connection, _beyond(people, piece)):
            found[hour, READER, article_id] -= visitors
            found[hour, REPEAT, article_id] -= times - visitors
            found[hour, CROWD, article_id] += times
    return +found


def _visit(view: View) -> dict[str, Any]:
    return {
        "day": view.day,
        "visitor": view.visitor,
        "article_id": view.article_id,
        "network": view.network,
        "hour": view.moment // SECONDS,
        "times": 1,
    }


def _position(connection: sa.Connection, spool: str) -> Position:
    query = sa.select(spools.c.position, spools.c.digest).where(spools.c.name == spool)
    row = connection.execute(query).first()
    return Position(*row) if row else Position()


def _by_hour(connection: sa.Connection, selected: sa.Select[Any]) -> Iterable[Any]:
    """Give hour, article id, visitors, and how often they opened the article."""
    each = selected.subquery()
    group = (each.c.hour, each.c.article_id)
    times = sa.cast(sa.func.sum(each.c.times), sa.BigInteger)  # PostgreSQL's sum has no limit
    return connection.execute(sa.select(*group, sa.func.count(), times).group_by(*group))


def _limits(
    connection: sa.Connection, people: sa.Select[Any], readers: Counter[str], bursts: Bursts
) -> Iterator[tuple[str, int]]:
    """Give the articles with too many readers from one network, and the limit of each."""
    each = people.subquery()
    many = sa.func.count()
    query = (
        sa.select(each.c.article_id, many)
        .group_by(each.c.article_id, each.c.network)
        .having(many > min(ALWAYS, bursts.network))
    )
    networks = dict[str, list[int]]()
    for article_id, number in connection.execute(query):
        networks.setdefault(article_id, []).append(number)
    for article_id, largest in networks.items():
        most = bursts.most(readers[article_id], largest)
        if max(largest) > most:
            yield article_id, most


def _beyond(people: sa.Select[Any], limits: Sequence[tuple[str, int]]) -> sa.Select[Any]:
    """Select the visits of each network beyond the limit of its article."""
    each = people.subquery()
    columns = sa.column("article_id", each.c.article_id.type), sa.column("most", sa.BigInteger)
    limit = sa.values(*columns, name="limits").data(list(limits)).cte()
    place = sa.func.row_number().over(
        partition_by=(each.c.article_id, each.c.network), order_by=(each.c.hour, each.c.visitor)
    )
    ordered = (
        sa.select(each, place.label("place"), limit.c.most)
        .join(limit, limit.c.article_id == each.c.article_id)
        .subquery()
    )
    return sa.select(ordered).where(ordered.c.place > ordered.c.most)
