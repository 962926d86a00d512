"""Which time a store believes: a clock may be ahead, and what is destroyed does not come back."""

import json
from dataclasses import astuple, dataclass

import sqlalchemy as sa

from feeds.store.database import Database
from feeds.store.notes import note, set_note
from feeds.store.schema import counts, salts

PROBATION = 3600
"""For so many seconds a clock has to be seen going on after it jumped, and is believed then."""

_NOTE = "clock"
_SECONDS_OF_AN_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Clock:
    """What was seen of the clock, in seconds since 1970.

    `believed` is the time that has come for sure, `since` when the clock began to go on without a
    jump, and `seen` what it showed last. While it is believed, all three are the same.
    """

    believed: int
    since: int
    seen: int

    def look(self, now: int, pause: int) -> "Clock":
        """Look again; more than `pause` seconds since the last look are a jump.

        Nobody can tell an absence from a clock that is ahead until time has passed: until it has
        been seen going on for a while, or is later than the last jump at another one.
        """
        if now < self.since:  # what it showed was never true
            believed = min(self.believed, now)
            return Clock(believed, believed, believed).look(now, pause)
        has_gone_on = now - self.since >= PROBATION
        if now - self.seen > pause:
            return Clock(self.since if has_gone_on else self.believed, now, now)
        if has_gone_on or self.since == self.believed:
            return Clock(now, now, now)
        return Clock(self.believed, self.since, now)


def look(database: Database, now: int, pause: int) -> tuple[Clock, Clock]:
    """Look at a clock for a store; give what it remembered, and what it remembers now."""
    with database.writing() as connection:
        before = _remembered(connection, now)
        after = before.look(now, pause)
        set_note(database, connection, _NOTE, json.dumps(astuple(after)))
    return before, after


def _remembered(connection: sa.Connection, now: int) -> Clock:
    """Give what was seen last; at first that is the latest that the store knows of readers."""
    if text := note(connection, _NOTE):
        return Clock(*json.loads(text))
    made = connection.scalar(sa.select(sa.func.max(salts.c.made)))
    hour = connection.scalar(sa.select(sa.func.max(counts.c.hour)))
    known = [made, hour and hour * _SECONDS_OF_AN_HOUR]
    latest = max((moment for moment in known if moment), default=now)
    return Clock(latest, latest, latest)
