"""The counts of a day, as they follow from its visits alone, in whatever order these came."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from feeds.store.database import pieces
from feeds.store.schema import visits

READER, GIVEN, REPEAT, BURST, CROWD = "reader", "given", "repeat", "burst", "crowd"
"""Kinds of counts: readers, readers counted elsewhere, and views left out once all are known."""

ALWAYS = 10
"""So many readers of an article may come from one network, however few others: a family does."""

CountKey = tuple[int, str, str]
"""Hour, kind, and article id."""

_PERCENT = 100
_Crowd = tuple[str, int, int]  # article id, network, and how many of its readers count


@dataclass(frozen=True, slots=True)
class Bursts:
    """What is more than people do in a day.

    One visitor opens more than `articles`: none of them counts. One network brings more than
    `network` visitors to an article, or more than `share` percent of all that count there: the
    first ones count, at least `ALWAYS` by the share.
    """

    articles: int
    network: int
    share: int = _PERCENT

    def most(self, readers: int, largest: Collection[int]) -> int:
        """Give how many readers of an article one network may have.

        `largest` are the readers of its networks that have more than `ALWAYS`. They are cut by
        falling size, until none that is left has more than the share of all that then count.
        """
        rest, most = readers, readers
        for cut, of_one in enumerate([*sorted(largest, reverse=True), 0]):
            if self.share * cut >= _PERCENT:  # the rest can have no more than what is left of all
                most = readers
                break
            # What counts is `cut` times `most`, and the rest; `most` is the share of that.
            most = max(ALWAYS, self.share * rest // (_PERCENT - self.share * cut))
            if of_one <= most:
                break
            rest -= of_one
        return min(self.network, most)


def derived(connection: sa.Connection, day: int, bursts: Bursts) -> dict[CountKey, int]:
    """Count the visits of a day by hour, kind and article."""
    # Materialized: while PostgreSQL's statistics say that the table is small, it would otherwise
    # look for the busy visitors again at each visit.
    busy_visitors = (
        sa.select(visits.c.visitor)
        .where(visits.c.day == day)
        .group_by(visits.c.visitor)
        .having(sa.func.count() > bursts.articles)
        .cte("busy")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    busy = sa.select(busy_visitors.c.visitor)
    of_day = visits.c.day == day
    people = sa.and_(of_day, visits.c.visitor.not_in(busy))
    found = dict[CountKey, int]()
    for hour, article_id, visitors, times in _added_up(connection, sa.select(visits).where(people)):
        found[hour, READER, article_id] = visitors
        found[hour, REPEAT, article_id] = times - visitors
    for piece in pieces(_crowds(connection, people, _readers(found), bursts)):
        for hour, article_id, visitors, times in _added_up(connection, _beyond(people, piece)):
            found[hour, READER, article_id] -= visitors
            found[hour, REPEAT, article_id] -= times - visitors
            found[hour, CROWD, article_id] = found.get((hour, CROWD, article_id), 0) + times
    robots = sa.select(visits).where(of_day, visits.c.visitor.in_(busy))
    for hour, article_id, _, times in _added_up(connection, robots):
        found[hour, BURST, article_id] = times
    return {key: number for key, number in found.items() if number}


def _readers(found: Mapping[CountKey, int]) -> Counter[str]:
    readers = Counter[str]()
    for (_, kind, article_id), number in found.items():
        if kind == READER:
            readers[article_id] += number
    return readers


def _crowds(
    connection: sa.Connection,
    people: sa.ColumnElement[bool],
    readers: Mapping[str, int],
    bursts: Bursts,
) -> Iterator[_Crowd]:
    """Give the networks that bring more readers to an article than one may have."""
    group = (visits.c.article_id, visits.c.network)
    many = sa.func.count()
    least = min(ALWAYS, bursts.network)
    query = sa.select(*group, many).where(people).group_by(*group).having(many > least)
    networks = dict[str, dict[int, int]]()
    for article_id, network, number in connection.execute(query):
        networks.setdefault(article_id, {})[network] = number
    for article_id, large in networks.items():
        most = bursts.most(readers[article_id], large.values())
        yield from ((article_id, network, most) for network, n in large.items() if n > most)


def _beyond(people: sa.ColumnElement[bool], crowds: Sequence[_Crowd]) -> sa.Select[Any]:
    """Select the visits of crowds that came after as many as count."""
    group = (visits.c.article_id, visits.c.network)
    columns = (
        sa.column("article_id", visits.c.article_id.type),
        sa.column("network", visits.c.network.type),
        sa.column("most", sa.BigInteger),
    )
    large = sa.values(*columns, name="large").data(list(crowds)).cte()
    place = sa.func.row_number().over(
        partition_by=group, order_by=(visits.c.hour, visits.c.visitor)
    )
    ordered = (
        sa.select(visits, place.label("place"), large.c.most)
        .join(
            large,
            sa.and_(large.c.article_id == visits.c.article_id, large.c.network == visits.c.network),
        )
        .where(people)
        .subquery()
    )
    return sa.select(ordered).where(ordered.c.place > ordered.c.most)


def _added_up(connection: sa.Connection, which: sa.Select[Any]) -> Iterable[Any]:
    """Give hour, article id, visitors, and how often they came."""
    each = which.subquery()
    groups = (each.c.hour, each.c.article_id)
    times = sa.cast(sa.func.sum(each.c.times), sa.BigInteger)  # PostgreSQL's sum has no limit
    return connection.execute(sa.select(*groups, sa.func.count(), times).group_by(*groups))
