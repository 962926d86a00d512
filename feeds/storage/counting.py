"""From visits to readers by hour, and from those to the readers of the last hours.

The counts of an open day follow from its visits alone, in whatever order these came: they are
derived anew, and what changed since the last time is added to the totals. Once a day is over and
closed its counts stay, and its visits and its salt are destroyed.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from feeds.storage.database import Database, pieces
from feeds.storage.notes import note, set_note
from feeds.storage.schema import counts, salts, totals, visits

READER, GIVEN, REPEAT, BURST, CROWD = "reader", "given", "repeat", "burst", "crowd"
"""Kinds of counts: readers, readers counted elsewhere, and views left out once all are known."""

_COUNTING = (READER, GIVEN)
_Key = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class Bursts:
    """What is more than people do in a day.

    One visitor opens more than `articles`: none of them counts. More than `network` visitors of
    one network open an article: the first ones count.
    """

    articles: int
    network: int


class Counting:
    """Readers by hour, `counts`, and by the last hours, `totals`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def settle(self, hour: int, spans: Collection[int], bursts: Bursts) -> None:
        """Bring counts and totals up to date, as of an hour since 1970.

        A total of a span holds the readers of the hours that began less than `span` hours ago.
        """
        with self._database.writing() as connection:
            self._advance(connection, hour, sorted(spans))
            if note(connection, "unsettled") == "yes":
                self._count(connection, bursts)
                set_note(self._database, connection, "unsettled", "no")

    def open_days(self) -> dict[int, int]:
        """Name the days that have visits or a salt, with the second that the salt was made in.

        It is 0 for a day that has none any more: these visits came after it was closed.
        """
        with self._database.reading() as connection:
            without = dict.fromkeys(connection.scalars(sa.select(visits.c.day).distinct()), 0)
            made = connection.execute(sa.select(salts.c.day, salts.c.made))
            return without | {row.day: row.made for row in made}

    def close(self, days: Collection[int], bursts: Bursts) -> None:
        """Settle days for good, and destroy what could still tell one of their visitors again."""
        with self._database.writing() as connection:
            self._count(connection, bursts)
            rows = [
                {"hour": hour, "kind": kind, "article_id": article_id, "settled": n, "open": -n}
                for (hour, kind, article_id), n in _derived(connection, days, bursts).items()
            ]
            if rows:
                connection.execute(self._database.merge(counts, settled=_sum, open=_sum), rows)
            connection.execute(sa.delete(visits).where(visits.c.day.in_(days)))
            connection.execute(sa.delete(salts).where(salts.c.day.in_(days)))

    def give(self, readers: Mapping[tuple[int, str], int]) -> None:
        """Set the readers that another system counted, by hour and article; twice is like once."""
        if not readers:
            return
        with self._database.writing() as connection:
            keys = [(hour, GIVEN, article_id) for hour, article_id in readers]
            known = _stored(connection, keys, counts.c.settled)
            rows = [
                {"hour": key[0], "kind": GIVEN, "article_id": key[2], "settled": n, "open": 0}
                for key, n in zip(keys, readers.values(), strict=True)
            ]
            connection.execute(self._database.upsert(counts, "settled"), rows)
            deltas = {
                key: n - known.get(key, 0) for key, n in zip(keys, readers.values(), strict=True)
            }
            self._add_to_totals(connection, deltas)

    def _count(self, connection: sa.Connection, bursts: Bursts) -> None:
        """Derive the counts of all open days, and pass on what changed."""
        days = list(connection.scalars(sa.select(visits.c.day).distinct()))
        derived = _derived(connection, days, bursts)
        before = _open(connection, min((hour for hour, _, _ in derived), default=0))
        deltas = {
            key: delta
            for key in derived.keys() | before.keys()
            if (delta := derived.get(key, 0) - before.get(key, 0))
        }
        rows = [
            {"hour": hour, "kind": kind, "article_id": article_id, "settled": 0, "open": delta}
            for (hour, kind, article_id), delta in sorted(deltas.items())
        ]
        if rows:
            connection.execute(self._database.merge(counts, open=_sum), rows)
            self._add_to_totals(connection, deltas)

    def _add_to_totals(self, connection: sa.Connection, deltas: Mapping[_Key, int]) -> None:
        hour, spans = _state(connection)
        for span in spans:
            changed = dict[str, int]()
            for (at, kind, article_id), delta in deltas.items():
                if kind in _COUNTING and at > hour - span:
                    changed[article_id] = changed.get(article_id, 0) + delta
            rows = [
                {"span": span, "article_id": article_id, "readers": delta}
                for article_id, delta in sorted(changed.items())
                if delta
            ]
            if rows:
                connection.execute(self._database.merge(totals, readers=_sum), rows)
                _drop_empty(connection, span)

    def _advance(self, connection: sa.Connection, hour: int, spans: Iterable[int]) -> None:
        """Let the hours leave that are too old now.

        A window that is new is counted from the start, and so are all after a clock was set back.
        """
        before, known = _state(connection)
        if (hour, spans) == (before, known):
            return
        connection.execute(sa.delete(totals).where(totals.c.span.not_in(spans)))
        for span in spans:
            if span in known and 0 <= hour - before < span:
                gone = _readers(before - span, hour - span, -1, span)
                connection.execute(self._add_all(gone))
                _drop_empty(connection, span)
            else:
                connection.execute(sa.delete(totals).where(totals.c.span == span))
                connection.execute(self._add_all(_readers(hour - span, None, 1, span)))
        state = json.dumps([hour, list(spans)])
        set_note(self._database, connection, "totals", state)

    def _add_all(self, rows: sa.Select[Any]) -> Any:
        insert = self._database.merge(totals, readers=_sum)
        return insert.from_select(["span", "article_id", "readers"], rows)


def _derived(connection: sa.Connection, days: Collection[int], bursts: Bursts) -> dict[_Key, int]:
    """Count the visits of days by hour, kind and article."""
    found = dict[_Key, int]()
    for hour, kind, article_id, visitors, times in connection.execute(_judged(days, bursts)):
        if kind == READER:
            found[hour, READER, article_id] = visitors
            if times > visitors:
                found[hour, REPEAT, article_id] = times - visitors
        else:
            found[hour, kind, article_id] = times
    return found


def _judged(days: Collection[int], bursts: Bursts) -> sa.Select[Any]:
    busy = (
        sa.select(visits.c.day, visits.c.visitor)
        .where(visits.c.day.in_(days))
        .group_by(visits.c.day, visits.c.visitor)
        .having(sa.func.count() > bursts.articles)
        .subquery("busy")
    )
    one = sa.and_(busy.c.day == visits.c.day, busy.c.visitor == visits.c.visitor)
    is_busy = busy.c.visitor.is_not(None)
    place = sa.func.row_number().over(
        partition_by=(visits.c.day, visits.c.article_id, visits.c.network, is_busy),
        order_by=(visits.c.hour, visits.c.visitor),
    )
    kind = sa.case((is_busy, BURST), (place > bursts.network, CROWD), else_=READER)
    each = (
        sa.select(visits.c.hour, kind.label("kind"), visits.c.article_id, visits.c.times)
        .join_from(visits, busy, one, isouter=True)
        .where(visits.c.day.in_(days))
        .subquery("each")
    )
    groups = (each.c.hour, each.c.kind, each.c.article_id)
    return sa.select(*groups, sa.func.count(), sa.func.sum(each.c.times)).group_by(*groups)


def _open(connection: sa.Connection, since: int) -> dict[_Key, int]:
    query = sa.select(counts.c.hour, counts.c.kind, counts.c.article_id, counts.c.open)
    rows = connection.execute(query.where(counts.c.hour >= since, counts.c.open != 0))
    return {(row.hour, row.kind, row.article_id): row.open for row in rows}


def _stored(
    connection: sa.Connection, keys: Iterable[_Key], column: sa.Column[int]
) -> dict[_Key, int]:
    columns = (counts.c.hour, counts.c.kind, counts.c.article_id)
    query = sa.select(*columns, column)
    return {
        (hour, kind, article_id): n
        for piece in pieces(keys)
        for hour, kind, article_id, n in connection.execute(
            query.where(sa.tuple_(*columns).in_(piece))
        )
    }


def _readers(after: int, until: int | None, sign: int, span: int) -> sa.Select[Any]:
    """Select the readers of the hours after one, up to and with another, as rows of totals."""
    readers = sa.func.sum(counts.c.settled + counts.c.open)
    bounds = [counts.c.hour > after] + ([counts.c.hour <= until] if until is not None else [])
    return (
        sa.select(sa.literal(span), counts.c.article_id, sign * readers)
        .where(*bounds, counts.c.kind.in_(_COUNTING))
        .group_by(counts.c.article_id)
        .having(readers != 0)
    )


def _drop_empty(connection: sa.Connection, span: int) -> None:
    connection.execute(sa.delete(totals).where(totals.c.span == span, totals.c.readers <= 0))


def _state(connection: sa.Connection) -> tuple[int, list[int]]:
    """Give the hour that the totals are as of, and their spans."""
    hour, spans = json.loads(note(connection, "totals") or "[0, []]")
    return hour, spans


def _sum(old: sa.ColumnElement[Any], new: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return old + new
