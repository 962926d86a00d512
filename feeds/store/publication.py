"""Write the versions of a document: their bytes, validators and what deltas can lead on from."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from feeds.model import Bodies, Term
from feeds.store.database import Database
from feeds.store.metadata import get_metadata, save_metadata
from feeds.store.schema import documents, quarantine, representations, versions

_REMEMBERED = "published versions"
_MOST_REMEMBERED = 100
# RFC 9110 8.8.2: a validator. Thunderbird asks with a date in 2000 before it knows one.
_EARLIEST_MODIFIED = 978_307_200  # 2001-01-01T00:00:00Z


@dataclass(frozen=True, slots=True)
class Proof:
    """A document that passed the gate, ready to be published.

    `source` is a digest of all that it was made from. `digests` has the digest of each entry by
    its id. `deltas` are by the ETag of the version that each leads on from.
    """

    path: str
    term: Term
    title: str
    media_type: str
    source: str
    etag: str
    digests: Mapping[str, str]
    bodies: Bodies
    deltas: Mapping[str, Bodies] = field(default_factory=dict)


def write(
    database: Database,
    connection: sa.Connection,
    proof: Proof,
    held_back: Mapping[str, str],
    now: int,
) -> bool:
    """Make a document the published one, in the caller's transaction; say whether it changed.

    One that is published already keeps its ETag and Last-Modified. `held_back` is article id →
    reason.
    """
    old = _state(connection, proof.path)
    row = {
        "path": proof.path,
        "kind": proof.term.kind,
        "slug": proof.term.slug,
        "title": proof.title,
        "media_type": proof.media_type,
        "entries": len(proof.digests),
        "source": proof.source,
        "checked": now,
        "fault": None,
    }
    changed = old is None or old.etag != proof.etag
    # Made anew with the same bytes: other codings or deltas may have come or gone.
    remade = changed or old.source != proof.source
    if changed:
        row |= {"etag": proof.etag, **_next(connection, old, now)}
    elif remade:
        row |= {"version": _new_version(connection)}
    columns = (name for name in row if name != "path")
    connection.execute(database.upsert(documents, *columns), row)
    if remade:
        _write_bodies(database, connection, proof)
    _hold_back(database, connection, proof.path, held_back, now)
    return changed


def remove(connection: sa.Connection, path: str, now: int) -> bool:
    """Take a document away, and leave the mark of it; say whether there was one."""
    old = _state(connection, path)
    if old is None or old.etag is None:
        return False
    for table in (representations, versions, quarantine):
        connection.execute(sa.delete(table).where(table.c.path == path))
    mark = {"etag": None, "source": None, "fault": None, "entries": 0}
    mark |= _next(connection, old, now)
    connection.execute(sa.update(documents).where(documents.c.path == path).values(mark))
    return True


def remember(database: Database, connection: sa.Connection) -> None:
    """Note the version that a transaction ends with, so that `is_remembered` knows it."""
    latest, known = latest_version(connection), _remembered(connection)
    if latest not in known:
        save_metadata(
            database, connection, _REMEMBERED, json.dumps([*known, latest][-_MOST_REMEMBERED:])
        )


def is_remembered(connection: sa.Connection, version: int) -> bool:
    """Say whether this store had a version of late.

    Another store did not, nor one that was put back from a backup made before.
    """
    return version in _remembered(connection)


def _remembered(connection: sa.Connection) -> list[int]:
    return list(json.loads(get_metadata(connection, _REMEMBERED) or "[]"))


def latest_version(connection: sa.Connection) -> int:
    """Give the number of the latest publication, 0 before the first."""
    return connection.scalar(sa.select(sa.func.max(documents.c.version))) or 0


def _new_version(connection: sa.Connection) -> int:
    """Give a version above all before: microseconds since 1970, so that no two stores share one.

    A store that was put back from a backup goes on above what was published since.
    """
    return max(latest_version(connection) + 1, time.time_ns() // 1000)


def _state(connection: sa.Connection, path: str) -> Any:
    """Read what the next version of a document depends on; None if there never was one."""
    names = ("etag", "last_modified", "pace", "source")
    columns = [documents.c[name] for name in names]
    query = sa.select(*columns).where(documents.c.path == path, documents.c.version.isnot(None))
    return connection.execute(query).first()


def _next(connection: sa.Connection, old: sa.Row[Any] | None, now: int) -> dict[str, int | None]:
    """Give a changed document its version, its Last-Modified and its pace.

    RFC 9110, 8.8.2.1: no clock that stands still or goes back may repeat a Last-Modified.
    """
    version = _new_version(connection)
    if old is None:
        return {"version": version, "last_modified": max(now, _EARLIEST_MODIFIED + 1), "pace": None}
    last_modified = max(now, old.last_modified + 1)
    gap = last_modified - old.last_modified
    pace = gap if old.pace is None else (3 * old.pace + gap) // 4
    return {"version": version, "last_modified": last_modified, "pace": pace}


def _write_bodies(database: Database, connection: sa.Connection, proof: Proof) -> None:
    connection.execute(sa.delete(representations).where(representations.c.path == proof.path))
    rows = [
        {"path": proof.path, "since": since, "coding": coding, "bytes": body}
        for since, bodies in {"": proof.bodies, **proof.deltas}.items()
        for coding, body in bodies.items()
    ]
    connection.execute(sa.insert(representations), rows)
    # Remembered are the versions that a delta leads on from, and the new one.
    forgotten = versions.c.etag.not_in([*proof.deltas, proof.etag])
    connection.execute(sa.delete(versions).where(versions.c.path == proof.path, forgotten))
    version = {
        "path": proof.path,
        "etag": proof.etag,
        "version": latest_version(connection),
        "digests": dict(proof.digests),
    }
    connection.execute(database.upsert(versions, "version", "digests"), version)


def _hold_back(
    database: Database, connection: sa.Connection, path: str, reasons: Mapping[str, str], now: int
) -> None:
    gone = sa.and_(quarantine.c.path == path, quarantine.c.article_id.not_in(reasons))
    connection.execute(sa.delete(quarantine).where(gone))
    rows = [
        {"path": path, "article_id": article_id, "reason": reason, "since": now}
        for article_id, reason in reasons.items()
    ]
    if rows:
        connection.execute(database.upsert(quarantine, "reason"), rows)
