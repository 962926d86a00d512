"""The time that a store believes: a clock may be ahead, and destroyed data does not come back."""

import json
from dataclasses import astuple, dataclass

import sqlalchemy as sa

from feeds.store.database import Database
from feeds.store.metadata import get_metadata, save_metadata
from feeds.store.schema import counts, salts

PROBATION = 3600
"""The seconds that a clock must be seen to go on after a jump, before it is believed."""

_KEY = "clock"
_SECONDS_OF_AN_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Clock:
    """The observations of a clock, in seconds since 1970.

    `believed` is the time that has come for sure, `since` when the clock began to go on without a
    jump, and `seen` the last reading. While the clock is believed, all three are the same.
    """

    believed: int
    since: int
    seen: int

    def look(self, now: int, pause: int) -> "Clock":
        """Look again; more than `pause` seconds since the last look are a jump.

        An absence looks like a clock that is ahead until time has passed: until the clock has gone
        on for a while, or shows a later time at another jump.
        """
        if now < self.since:  # the later reading was never true
            believed = min(self.believed, now)
            return Clock(believed, believed, believed).look(now, pause)
        has_gone_on = now - self.since >= PROBATION
        if now - self.seen > pause:
            return Clock(self.since if has_gone_on else self.believed, now, now)
        if has_gone_on or self.since == self.believed:
            return Clock(now, now, now)
        return Clock(self.believed, self.since, now)


def look(database: Database, now: int, pause: int) -> tuple[Clock, Clock]:
    """Look at a clock for a store; give the observations before and after."""
    with database.writing() as connection:
        before = _remembered(connection, now)
        after = before.look(now, pause)
        save_metadata(database, connection, _KEY, json.dumps(astuple(after)))
    return before, after


def _remembered(connection: sa.Connection, now: int) -> Clock:
    """Give the last observations; at first these are the latest time that readers left behind."""
    if text := get_metadata(connection, _KEY):
        return Clock(*json.loads(text))
    made = connection.scalar(sa.select(sa.func.max(salts.c.made)))
    hour = connection.scalar(sa.select(sa.func.max(counts.c.hour)))
    known = [made, hour and hour * _SECONDS_OF_AN_HOUR]
    latest = max((moment for moment in known if moment), default=now)
    return Clock(latest, latest, latest)
