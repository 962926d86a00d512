"""The counts of a day, as they follow from its visits alone, in whatever order these came."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from feeds.storage.schema import visits

READER, GIVEN, REPEAT, BURST, CROWD = "reader", "given", "repeat", "burst", "crowd"
"""Kinds of counts: readers, readers counted elsewhere, and views left out once all are known."""

CountKey = tuple[int, str, str]
"""Hour, kind, and article id."""


@dataclass(frozen=True, slots=True)
class Bursts:
    """What is more than people do in a day.

    One visitor opens more than `articles`: none of them counts. More than `network` visitors of
    one network open an article: the first ones count.
    """

    articles: int
    network: int


def derived(connection: sa.Connection, day: int, bursts: Bursts) -> dict[CountKey, int]:
    """Count the visits of a day by hour, kind and article."""
    busy = (
        sa.select(visits.c.visitor)
        .where(visits.c.day == day)
        .group_by(visits.c.visitor)
        .having(sa.func.count() > bursts.articles)
    )
    of_day = visits.c.day == day
    people = sa.and_(of_day, visits.c.visitor.not_in(busy))
    found = dict[CountKey, int]()
    for hour, article_id, visitors, times in _added_up(connection, sa.select(visits).where(people)):
        found[hour, READER, article_id] = visitors
        found[hour, REPEAT, article_id] = times - visitors
    for hour, article_id, visitors, times in _added_up(connection, _beyond(people, bursts.network)):
        found[hour, READER, article_id] -= visitors
        found[hour, REPEAT, article_id] -= times - visitors
        found[hour, CROWD, article_id] = times
    robots = sa.select(visits).where(of_day, visits.c.visitor.in_(busy))
    for hour, article_id, _, times in _added_up(connection, robots):
        found[hour, BURST, article_id] = times
    return {key: number for key, number in found.items() if number}


def _beyond(people: sa.ColumnElement[bool], most: int) -> sa.Select[Any]:
    """Select the visits of each article that came after so many of one network."""
    group = (visits.c.article_id, visits.c.network)
    large = (
        sa.select(*group).where(people).group_by(*group).having(sa.func.count() > most).subquery()
    )
    place = sa.func.row_number().over(
        partition_by=group, order_by=(visits.c.hour, visits.c.visitor)
    )
    ordered = (
        sa.select(visits, place.label("place"))
        .join(
            large,
            sa.and_(large.c.article_id == visits.c.article_id, large.c.network == visits.c.network),
        )
        .where(people)
        .subquery()
    )
    return sa.select(ordered).where(ordered.c.place > most)


def _added_up(connection: sa.Connection, which: sa.Select[Any]) -> Iterable[Any]:
    """Give hour, article id, visitors, and how often they came."""
    each = which.subquery()
    groups = (each.c.hour, each.c.article_id)
    times = sa.cast(sa.func.sum(each.c.times), sa.BigInteger)  # PostgreSQL's sum has no limit
    return connection.execute(sa.select(*groups, sa.func.count(), times).group_by(*groups))
