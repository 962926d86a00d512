"""Whether publishing goes on: when it last did, since when it fails, and why."""

import json
import time
from dataclasses import dataclass
from datetime import datetime, tzinfo

from feeds.store.database import Database
from feeds.store.notes import note, set_note

_SECONDS_BETWEEN_NOTES = 5.0
_SECONDS_UNHEARD = 30
_BEAT = "publishing heard of"
_FAULT = "publishing fails"
_NO_FAULT = '[0, ""]'


@dataclass(frozen=True, slots=True)
class Health:
    """The state of publishing; times in seconds since 1970, None if never.

    `heard` is when a publisher last had nothing left to do, or published something. `failing` is
    since when it fails and `why`; what fails may be single terms.
    """

    heard: int | None
    failing: int | None
    why: str

    def stuck(self, now: datetime, zone: tzinfo) -> str | None:
        """Say since when nothing is published at all, and why; None while publishing goes on."""
        # Also when that is ahead: a clock that was set back is no sign of life for so long.
        if self.heard is not None and abs(now.timestamp() - self.heard) <= _SECONDS_UNHEARD:
            return None
        since = "it began" if self.heard is None else _moment(self.heard, zone)
        why = self.why or "the worker has not been heard of; is it running?"
        return f"nothing was published since {since}: {why}"

    def trouble(self, now: datetime, zone: tzinfo) -> str | None:
        """Say the same, or what fails since when while other terms are published."""
        stuck = self.stuck(now, zone)
        if stuck or self.failing is None:
            return stuck
        return f"publishing fails since {_moment(self.failing, zone)}: {self.why}"


class Publishing:
    """What publishers note of themselves, for all who ask whether they live."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._written = dict[str, tuple[str, float]]()

    def goes_on(self) -> None:
        """Note that a publisher lives, and has done what it had to do."""
        if self._is_due(_BEAT, ""):
            with self._database.writing() as connection:
                set_note(self._database, connection, _BEAT, str(int(time.time())))

    def fails(self, why: str) -> None:
        """Note what fails, since the first time that something did; empty if nothing does."""
        if self._is_due(_FAULT, why) and (why or self.health().why):
            with self._database.writing() as connection:
                since, before = json.loads(note(connection, _FAULT) or _NO_FAULT)
                since = since if before and why else int(time.time())
                set_note(self._database, connection, _FAULT, json.dumps([since, why]))

    def _is_due(self, key: str, value: str) -> bool:
        """Say whether a note is to be written: not the same again within five seconds."""
        before, at = self._written.get(key, (None, 0.0))
        if value == before and abs(time.time() - at) < _SECONDS_BETWEEN_NOTES:
            return False
        self._written[key] = (value, time.time())
        return True

    def health(self) -> Health:
        """Give the state of publishing; raises StoreError."""
        with self._database.reading() as connection:
            heard = note(connection, _BEAT)
            since, why = json.loads(note(connection, _FAULT) or _NO_FAULT)
        return Health(int(heard) if heard else None, since if why else None, why)


def _moment(seconds: int, zone: tzinfo) -> str:
    return datetime.fromtimestamp(seconds, zone).isoformat()
