"""Published documents, the verdict of their last check, and the articles that were held back."""

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from feeds.model import FOLDERS, PAGES, Document, Rendition, Term
from feeds.store.database import Database, upsert
from feeds.store.metadata import get_metadata, save_metadata
from feeds.store.schema import documents, has_term, quarantine, representations, versions

_REMEMBERED = "published versions"
_MOST_REMEMBERED = 100
_FOLDER_OF = {kind: f"{folder}/" for kind, folder in FOLDERS.items()}
# RFC 9110 8.8.2: a validator. Thunderbird asks with a date in 2000 before it knows one.
_EARLIEST_MODIFIED = 978_307_200  # 2001-01-01T00:00:00Z


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a document; `fault` is None when its last check found no fault.

    `last_modified` is None while nothing is published under that path. `source` is as in
    `Rendition`.
    """

    path: str
    term: Term
    title: str
    media_type: str
    entries: int
    last_modified: int | None
    checked: int
    fault: str | None
    source: str | None


@dataclass(frozen=True, slots=True)
class HeldBack:
    """An article that was left out of a document; `since` is in seconds since 1970."""

    path: str
    article_id: str
    reason: str
    since: int


class Documents:
    """The documents that readers can fetch. Only the holder of the publishing lock writes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def publish(self, renditions: Iterable[Rendition], now: datetime) -> int:
        """Publish renditions in one transaction; return how many documents changed.

        Unchanged bytes keep their ETag, Last-Modified and version. A rendition with a fault only
        leaves a note of the fault; the document published under its path stays.
        """
        with self._database.writing() as connection:
            changed = [_write(connection, each, int(now.timestamp())) for each in renditions]
            _remember_version(connection)
        return sum(changed)

    def remove(self, paths: Iterable[str], now: datetime) -> int:
        """Remove documents and mark them as gone; return how many.

        Publishing such a path again brings it back.
        """
        with self._database.writing() as connection:
            removed = [remove(connection, path, int(now.timestamp())) for path in paths]
            _remember_version(connection)
        return sum(removed)

    def get(self, path: str) -> Document | None:
        """Find a published document, or the mark of a gone one, by its path below `/feeds/`."""
        with self._database.reading() as connection:
            row = _published(connection, path)
            if row is None:
                return None
            bodies: dict[str, dict[str, bytes]] = {}
            query = sa.select(representations).where(representations.c.path == path)
            for each in connection.execute(query):
                bodies.setdefault(each.since, {})[each.coding] = each.bytes
        return Document(
            path=path,
            media_type=row.media_type,
            etag=row.etag or "",
            last_modified=row.last_modified,
            pace=row.pace,
            entries=row.entries,
            version=row.version,
            bodies=bodies.pop("", {}),
            deltas=bodies,
        )

    def versions(self, path: str, limit: int) -> dict[str, Mapping[str, str]]:
        """Give the latest versions of a document: by ETag, the digest of each entry by its id.

        None are given if one cannot be read: no reader needs a delta.
        """
        query = sa.select(versions.c.etag, versions.c.digests).where(versions.c.path == path)
        latest_first = query.order_by(versions.c.version.desc()).limit(limit)
        return dict(self._database.readable(latest_first, lambda r: (r.etag, dict(r.digests))))

    def version(self) -> int:
        """Give the number of the latest publication; it grows with each changed document."""
        with self._database.reading() as connection:
            return latest_version(connection)

    def had(self, version: int) -> bool:
        """Say whether this store recently had a version.

        Another store did not, nor did a backup of this one that was made before and put back: all
        of its documents may differ from those that a cache knows.
        """
        with self._database.reading() as connection:
            return version in _remembered_versions(connection)

    def changed_since(self, version: int) -> list[str]:
        """List the paths that were published after a version."""
        query = sa.select(documents.c.path).where(documents.c.version > version)
        return [path for (path,) in self._database.rows(query)]

    def terms(self, kind: str) -> list[Term]:
        """List the terms of a kind that have a published feed, by slug."""
        published = sa.and_(documents.c.kind == kind, documents.c.etag.isnot(None))
        query = sa.select(documents.c.slug).where(published).distinct().order_by(documents.c.slug)
        return [Term(kind, slug) for (slug,) in self._database.rows(query)]

    def feeds(self) -> tuple[int, int | None]:
        """Count the published feeds; say when the latest changed, in seconds since 1970."""
        is_feed = documents.c.etag.isnot(None), documents.c.path.endswith(".rss")
        query = sa.select(sa.func.count(), sa.func.max(documents.c.last_modified)).where(*is_feed)
        with self._database.reading() as connection:
            row = connection.execute(query).one()
        return row[0], row[1]

    def statuses(self, *kinds: str, term: Term | None = None, faulty: bool = False) -> list[Status]:
        """List documents by path, including those that were never published for a fault.

        Without `kinds` of terms and a `term`, list all documents of feeds.
        """
        at_fault = documents.c.fault.isnot(None)
        there = at_fault if faulty else sa.or_(documents.c.etag.isnot(None), at_fault)
        query = sa.select(documents).where(there).order_by(documents.c.path)
        if term:
            query = query.where(has_term(documents, term))
        elif kinds:
            query = query.where(documents.c.kind.in_(kinds))
        else:
            query = query.where(documents.c.kind != PAGES.kind)
        return [_status(row) for row in self._database.rows(query)]

    def names(self, kind: str, before: str, text: str, limit: int) -> list[tuple[Term, str]]:
        """Give terms of a kind, and the names that their feeds were published with, by name.

        A name is what follows `before` in the title. Only names that have `text` are given.
        """
        newest = sa.literal(_FOLDER_OF[kind]) + documents.c.slug + ".rss"
        name = sa.func.substr(documents.c.title, len(before) + 1).label("name")
        query = sa.select(documents.c.slug, name).where(
            documents.c.kind == kind,
            documents.c.etag.isnot(None),
            documents.c.path == newest,
            name.icontains(text, autoescape=True),
        )
        rows = self._database.rows(query.order_by(name).limit(limit))
        return [(Term(kind, row.slug), row.name) for row in rows]

    def containing(self, guid: str, terms: Iterable[Term]) -> list[str]:
        """Give the paths of those documents of some terms that hold the entry with this id."""
        paths = (status.path for term in terms for status in self.statuses(term=term))
        return [
            path
            for path in paths
            if any(guid in digests for digests in self.versions(path, 1).values())
        ]

    def held_back(self, path: str | None = None) -> list[HeldBack]:
        """List the articles in quarantine, of all documents or one, by article and path."""
        query = sa.select(quarantine).order_by(quarantine.c.article_id, quarantine.c.path)
        if path is not None:
            query = query.where(quarantine.c.path == path)
        return [HeldBack(*row) for row in self._database.rows(query)]


def _status(row: Any) -> Status:
    return Status(
        path=row.path,
        term=Term(row.kind, row.slug),
        title=row.title,
        media_type=row.media_type,
        entries=row.entries,
        last_modified=row.last_modified if row.etag else None,
        checked=row.checked,
        fault=row.fault,
        source=row.source,
    )


def _write(connection: sa.Connection, rendition: Rendition, now: int) -> bool:
    """Make a rendition the published document; say whether the document changed."""
    row = {
        "path": rendition.path,
        "kind": rendition.term.kind,
        "slug": rendition.term.slug,
        "title": rendition.title,
        "media_type": rendition.media_type,
        "entries": len(rendition.digests),
        "checked": now,
        "fault": rendition.fault,
    }
    if rendition.fault is not None:
        upsert(connection, documents, [row | {"title": ""}], "checked", "fault")
        return False
    old = _published(connection, rendition.path)
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
        _write_bodies(connection, rendition)
    _hold_back(connection, rendition, now)
    return changed


def remove(connection: sa.Connection, path: str, now: int) -> bool:
    """Mark a document as gone; say whether there was one."""
    old = _published(connection, path)
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


def _published(connection: sa.Connection, path: str) -> Any:
    """Read the row of a document, also of a gone one; None if it was never published."""
    query = sa.select(documents).where(documents.c.path == path, documents.c.version.isnot(None))
    return connection.execute(query).first()


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


def _write_bodies(connection: sa.Connection, rendition: Rendition) -> None:
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
    upsert(connection, versions, [version])


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
    return connection.scalar(sa.select(sa.func.max(documents.c.version))) or 0


def _new_version(connection: sa.Connection) -> int:
    """Give a version above all before: microseconds since 1970, so that no two stores share one.

    So a store that was put back from a backup never repeats a version from after the backup.
    """
    return max(latest_version(connection) + 1, time.time_ns() // 1000)


def _remember_version(connection: sa.Connection) -> None:
    """Note the version that a transaction ends with, for `had`."""
    latest, known = latest_version(connection), _remembered_versions(connection)
    if latest not in known:
        text = json.dumps([*known, latest][-_MOST_REMEMBERED:])
        save_metadata(connection, _REMEMBERED, text)


def _remembered_versions(connection: sa.Connection) -> list[int]:
    return list(json.loads(get_metadata(connection, _REMEMBERED) or "[]"))
