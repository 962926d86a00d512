"""What each client program asked for, hour by hour; nothing in it identifies a person."""

from collections.abc import Mapping
from dataclasses import asdict, astuple, dataclass
from typing import Any

import sqlalchemy as sa

from feeds.store.database import Part, merge_rows
from feeds.store.schema import polls

PollsKey = tuple[int, str]
"""Hour since 1970, and name of a client program."""

_LONG_AGO = 0  # the hour that keeps the numbers of all hours that were forgotten
_SUMS = dict.fromkeys(("requests", "not_modified", "errors", "sent", "saved"), "sum")
_MERGED = {**_SUMS, "subscribers": "most", "pollers": "most"}
_AGGREGATES: dict[str, Any] = {"sum": sa.func.sum, "most": sa.func.max}


@dataclass(frozen=True, slots=True)
class Polls:
    """What was asked for: responses, those of them that were 304 or 4xx and 5xx, and bytes.

    `sent` are the bytes of bodies. `saved` are those that 304, delta and compression spared.
    `subscribers` is the highest number that a client reported for a feed: someone with three feeds
    is in three numbers. `pollers` is the highest number of different addresses in an hour, as one
    web process met them: most come to several processes.
    """

    requests: int = 0
    not_modified: int = 0
    errors: int = 0
    sent: int = 0
    saved: int = 0
    subscribers: int = 0
    pollers: int = 0

    def __add__(self, other: "Polls") -> "Polls":
        pairs = zip(_MERGED.values(), astuple(self), astuple(other), strict=True)
        return Polls(*(a + b if how == "sum" else max(a, b) for how, a, b in pairs))


class PollsByHour(Part):
    """The numbers of all clients and hours."""

    def add(self, found: Mapping[PollsKey, Polls]) -> None:
        """Add to the numbers of hours and clients."""
        rows = [{"hour": k[0], "client": k[1], **asdict(each)} for k, each in sorted(found.items())]
        with self._database.writing() as connection:
            merge_rows(connection, polls, rows, **_MERGED)

    def by_client(self, since: int = _LONG_AGO) -> dict[str, Polls]:
        """Give the numbers of each client from an hour on, or ever; most requests first."""
        query = _grouped(polls.c.client, **_MERGED).where(polls.c.hour >= since)
        rows = self._database.rows(query.order_by(sa.desc("requests"), polls.c.client))
        return {client: Polls(*numbers) for client, *numbers in rows}

    def by_hour(self, since: int) -> dict[int, Polls]:
        """Give the numbers of all clients together, by hour; hours without any are left out."""
        query = _grouped(polls.c.hour, **dict.fromkeys(_MERGED, "sum"))
        rows = self._database.rows(query.where(polls.c.hour >= since).order_by(polls.c.hour))
        return {hour: Polls(*numbers) for hour, *numbers in rows}

    def forget(self, before: int) -> None:
        """Make one row for each client of those before an hour, so that totals never fall."""
        is_old = polls.c.hour < before, polls.c.hour != _LONG_AGO
        old = _grouped(sa.literal(_LONG_AGO), polls.c.client, **_MERGED).where(*is_old)
        with self._database.writing() as connection:
            merge_rows(connection, polls, old, **_MERGED)
            connection.execute(sa.delete(polls).where(*is_old))


def _grouped(*keys: sa.ColumnElement[Any], **columns: str) -> sa.Select[Any]:
    """Select keys, and the numbers of all rows with the same last key."""
    numbers = (
        # PostgreSQL's sum is a numeric.
        sa.cast(_AGGREGATES[how](polls.c[name]), sa.BigInteger).label(name)
        for name, how in columns.items()
    )
    return sa.select(*keys, *numbers).group_by(keys[-1])
