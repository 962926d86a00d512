"""Metadata: single values that the store keeps, such as the health of publishing."""

import json
import logging
import time
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter, ValidationError

from feeds.store.database import Database, Item, Part, upsert
from feeds.store.schema import notes

_warn_once = lru_cache(logging.getLogger(__name__).warning)  # monitors ask all day
_adapter: Any = lru_cache(TypeAdapter)  # to make one takes longer than to ask the store

_SECONDS_BETWEEN_NOTES = 5.0
_BEAT = "publishing heard of"
_FAULT = "publishing fails"
_SOURCE = "import of"


def get_metadata(connection: sa.Connection, key: str) -> str | None:
    """Give a value; None if it was never saved."""
    return connection.scalar(sa.select(notes.c.value).where(notes.c.key == key))


def read_metadata(
    connection: sa.Connection, key: str, form: type[Item], damaged: Item | None = None
) -> Item | None:
    """Read a value in JSON; None if it was never saved, `damaged` if it has another form."""
    text = get_metadata(connection, key)
    try:
        found: Item | None = None if text is None else _adapter(form).validate_json(text)
    except ValidationError:
        _warn_once('"%s" in the store is ignored: it has an unknown form: %.99r', key, text)
        return damaged
    return found


def save_metadata(connection: sa.Connection, key: str, value: str) -> None:
    """Save a value within a transaction."""
    upsert(connection, notes, [{"key": key, "value": value}])


class Sources(Part):
    """The positions up to which sources of articles were imported, by the source's name."""

    def position(self, name: str) -> str | None:
        """Give the position of a source; None if it was never imported."""
        with self._database.querying() as connection:
            return get_metadata(connection, f"{_SOURCE} {name}")

    def move(self, name: str, position: str) -> None:
        """Note how far a source was read, once what was read is durable."""
        with self._database.writing() as connection:
            save_metadata(connection, f"{_SOURCE} {name}", position)


class Publishing(Part):
    """The health of publishing, as noted by publishers."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._written = dict[str, tuple[str, float]]()

    def goes_on(self) -> None:
        """Note that a publisher is at work, or has nothing left to do."""
        if self._is_due(_BEAT, ""):
            with self._database.writing() as connection:
                save_metadata(connection, _BEAT, str(int(time.time())))

    def fails(self, why: str) -> None:
        """Note why publishing fails, and since when; an empty reason ends the failure."""
        if self._is_due(_FAULT, why) and ((before := self.fault()) or why):
            since = before[0] if before and why else int(time.time())
            with self._database.writing() as connection:
                save_metadata(connection, _FAULT, json.dumps([since, why]))

    def _is_due(self, key: str, value: str) -> bool:
        """Say whether to write a value: not the same again within five seconds."""
        before, at = self._written.get(key, (None, 0.0))
        if value == before and abs(time.time() - at) < _SECONDS_BETWEEN_NOTES:
            return False
        self._written[key] = (value, time.time())
        return True

    def heard(self) -> int | None:
        """Give when a publisher last worked or had nothing to do, in seconds since 1970."""
        with self._database.querying() as connection:
            return read_metadata(connection, _BEAT, int)

    def fault(self) -> tuple[int, str] | None:
        """Give since when publishing fails, in seconds since 1970, and why; None if it does not.

        Some terms may be published all the same.
        """
        with self._database.querying() as connection:
            fault = read_metadata(connection, _FAULT, tuple[int, str])
        return fault if fault and fault[1] else None
