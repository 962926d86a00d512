"""Writing of documents: a rendition becomes the published document, or a document goes.

All of it happens within the transaction of a publication.
"""

import json
import time
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from feeds.model import Rendition
from feeds.store.database import upsert
from feeds.store.metadata import read_metadata, save_metadata
from feeds.store.schema import documents, quarantine, representations, versions

_REMEMBERED = "published versions"
_MOST_REMEMBERED = 100
LATEST_VERSION = sa.select(sa.func.max(documents.c.version))
# RFC 9110 8.8.2: a validator. Thunderbird asks with a date in 2000 before it knows one.
_EARLIEST_MODIFIED = 978_307_200  # 2001-01-01T00:00:00Z


def write(connection: sa.Connection, rendition: Rendition, now: int) -> bool:
    """Make a rendition the published document; say whether the document changed."""
    row = {
        **asdict(rendition.term),
        "path": rendition.path,
        "title": rendition.title,
        "media_type": rendition.media_type,
        "entries": len(rendition.digests),
        "checked": now,
        "fault": rendition.fault,
    }
    if rendition.fault is not None:
        upsert(connection, documents, [row | {"title": ""}], "checked", "fault")
        return False
    old = published(connection, rendition.path)
    row["source"] = rendition.source
    changed = old is None or old.etag != rendition.etag
    # Even with the same bytes, codings or deltas may have come or gone.
    remade = changed or old.source != rendition.source
    if changed:
        row |= {"etag": rendition.etag, **_next(connection, old, now)}
    elif remade:
        row["version"] = _new_version(connection)
    upsert(connection, documents, [row])
    if remade:
        _write_bodies(connection, rendition, *() if changed else ("digests",))
    _hold_back(connection, rendition, now)
    return changed


def remove(connection: sa.Connection, path: str, now: int) -> bool:
    """Mark a document as gone; say whether there was one."""
    old = published(connection, path)
    if old is None:  # at most it was refused, and the fault need not be told any more
        connection.execute(sa.delete(documents).where(documents.c.path == path))
    if old is None or old.etag is None:
        return False
    for table in (representations, versions, quarantine):
        connection.execute(sa.delete(table).where(table.c.path == path))
    mark = {"etag": None, "source": None, "fault": None, "entries": 0}
    mark |= _next(connection, old, now)
    connection.execute(sa.update(documents).where(documents.c.path == path).values(mark))
    return True


def published(connection: sa.Connection, path: str) -> Any:
    """Read the row of a document, also of a gone one; None if it was never published."""
    return connection.execute(at(path)).first()


def at(path: str) -> sa.Select[Any]:
    """Select the row of a document, also of a gone one."""
    return sa.select(documents).where(documents.c.path == path, documents.c.version.isnot(None))


def _next(connection: sa.Connection, old: Any, now: int) -> dict[str, int | None]:
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


def _write_bodies(connection: sa.Connection, rendition: Rendition, *renewed: str) -> None:
    """Write bodies, and note the version of the document's bytes, or some columns of it."""
    path, etag = rendition.path, rendition.etag
    connection.execute(sa.delete(representations).where(representations.c.path == path))
    rows = [
        {"path": path, "since": since, "coding": coding, "bytes": body}
        for since, bodies in {"": rendition.bodies, **rendition.deltas}.items()
        for coding, body in bodies.items()
    ]
    connection.execute(sa.insert(representations), rows)
    # Keep the versions that a delta starts from, and the new one.
    forgotten = versions.c.etag.not_in([*rendition.deltas, etag])
    connection.execute(sa.delete(versions).where(versions.c.path == path, forgotten))
    latest = latest_version(connection)
    version = {"path": path, "etag": etag, "version": latest, "digests": dict(rendition.digests)}
    upsert(connection, versions, [version], *renewed)


def _hold_back(connection: sa.Connection, rendition: Rendition, now: int) -> None:
    path, reasons = rendition.path, rendition.held_back
    gone = sa.and_(quarantine.c.path == path, quarantine.c.article_id.not_in(reasons))
    connection.execute(sa.delete(quarantine).where(gone))
    rows = [
        {"path": path, "article_id": article_id, "reason": reason, "since": now}
        for article_id, reason in reasons.items()
    ]
    upsert(connection, quarantine, rows, "reason")  # `since` stays


def latest_version(connection: sa.Connection) -> int:
    """Give the number of the latest publication, 0 before the first."""
    return connection.scalar(LATEST_VERSION) or 0


def _new_version(connection: sa.Connection) -> int:
    """Give a version above all before: microseconds since 1970, so that no two stores share one.

    So a store that was put back from a backup never repeats a version from after the backup.
    """
    return max(latest_version(connection) + 1, time.time_ns() // 1000)


def remember_version(connection: sa.Connection) -> None:
    """Note the version that a transaction ends with, for `had`."""
    latest, known = latest_version(connection), remembered_versions(connection)
    if latest not in known:
        text = json.dumps([*known, latest][-_MOST_REMEMBERED:])
        save_metadata(connection, _REMEMBERED, text)


def remembered_versions(connection: sa.Connection) -> list[int]:
    """List the versions that this store recently had."""
    return read_metadata(connection, _REMEMBERED, list[int]) or []
