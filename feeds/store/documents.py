"""Published documents, the verdict of their last check, and the articles that were held back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from feeds.model import Document, Term
from feeds.store.database import Database
from feeds.store.publication import Proof, is_remembered, latest_version, remember, remove, write
from feeds.store.schema import documents, quarantine, representations, versions


@dataclass(frozen=True, slots=True)
class Version:
    """An earlier version of a document: its ETag, and the digest of each entry by its id."""

    etag: str
    digests: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Status:
    """What `feeds list` shows of a document; `fault` is None when its last check found nothing.

    `last_modified` is None while nothing could be published under that path.
    """

    path: str
    term: Term
    title: str
    media_type: str
    entries: int
    last_modified: int | None
    checked: int
    fault: str | None


@dataclass(frozen=True, slots=True)
class HeldBack:
    """An article that was left out of a document; `since` in seconds since 1970."""

    path: str
    article_id: str
    reason: str
    since: int


class Documents:
    """The documents that readers can fetch. Only the holder of the publishing lock writes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def publish(
        self, proofs: Iterable[Proof], held_back: Mapping[str, Mapping[str, str]], now: datetime
    ) -> int:
        """Publish documents in one transaction; `held_back` is path → article id → reason.

        Bytes that are published already keep their ETag, Last-Modified and version. Returns how
        many documents changed.
        """
        changed = 0
        with self._database.writing() as connection:
            for proof in proofs:
                reasons = held_back.get(proof.path, {})
                changed += write(self._database, connection, proof, reasons, int(now.timestamp()))
            remember(self._database, connection)
        return changed

    def report(self, path: str, term: Term, media_type: str, fault: str, now: datetime) -> None:
        """Note that a document failed its check; what is published under the path stays."""
        row = {
            "path": path,
            "kind": term.kind,
            "slug": term.slug,
            "title": "",
            "media_type": media_type,
            "entries": 0,
            "checked": int(now.timestamp()),
            "fault": fault,
        }
        with self._database.writing() as connection:
            connection.execute(self._database.upsert(documents, "checked", "fault"), row)

    def get(self, path: str) -> Document | None:
        """Find a published document, or the mark of a gone one, by its path below `/feeds/`."""
        query = sa.select(*_DOCUMENT_COLUMNS).where(
            documents.c.path == path, documents.c.version.isnot(None)
        )
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().first()
            bodies = _bodies(connection, path) if row else {}
        if row is None:
            return None
        columns = {**row, "etag": row["etag"] or ""}
        return Document(**columns, bodies=bodies.pop("", {}), deltas=bodies)

    def title(self, path: str) -> str:
        """Give the title that a document was published with last; empty if it never was."""
        query = sa.select(documents.c.title).where(documents.c.path == path)
        with self._database.reading() as connection:
            return connection.scalar(query) or ""

    def sources(self, paths: Sequence[str]) -> dict[str, str]:
        """Give the `source` of each document whose last check found nothing."""
        query = sa.select(documents.c.path, documents.c.source).where(
            documents.c.path.in_(paths), documents.c.fault.is_(None), documents.c.source.isnot(None)
        )
        with self._database.reading() as connection:
            return {row.path: row.source for row in connection.execute(query)}

    def versions(self, path: str) -> list[Version]:
        """List the versions of a document that are remembered, the latest first.

        If one cannot be read, as after a change by hand, it is none: nobody needs a delta.
        """
        query = sa.select(versions).where(versions.c.path == path)
        with self._database.reading() as connection:
            try:
                rows = connection.execute(query.order_by(versions.c.version.desc()))
                return [Version(row.etag, dict(row.digests)) for row in rows]
            except Exception as fault:
                if not self._database.is_of_a_row(fault):
                    raise
                return []

    def remove(self, paths: Sequence[str], now: datetime) -> int:
        """Take documents away for good, and leave the mark that says so; return how many.

        A path that is published again afterwards is back.
        """
        removed = 0
        with self._database.writing() as connection:
            for path in paths:
                removed += remove(connection, path, int(now.timestamp()))
            remember(self._database, connection)
        return removed

    def version(self) -> int:
        """Give the number of the latest publication; it grows with each changed document."""
        with self._database.reading() as connection:
            return latest_version(connection)

    def had(self, version: int) -> bool:
        """Say whether a version was this store's of late; else all may be otherwise than known."""
        with self._database.reading() as connection:
            return is_remembered(connection, version)

    def changed_since(self, version: int) -> list[str]:
        """List the paths that were published after a version."""
        query = sa.select(documents.c.path).where(documents.c.version > version)
        with self._database.reading() as connection:
            return list(connection.scalars(query))

    def paths(self, term: Term) -> list[str]:
        """List the published documents of a term by path."""
        query = sa.select(documents.c.path).where(
            documents.c.kind == term.kind,
            documents.c.slug == term.slug,
            documents.c.etag.isnot(None),
        )
        with self._database.reading() as connection:
            return list(connection.scalars(query.order_by(documents.c.path)))

    def terms(self, kind: str) -> list[Term]:
        """List the terms of a kind that have a published feed, by slug."""
        query = (
            sa.select(documents.c.slug)
            .where(documents.c.kind == kind, documents.c.etag.isnot(None))
            .distinct()
            .order_by(documents.c.slug)
        )
        with self._database.reading() as connection:
            return [Term(kind, slug) for slug in connection.scalars(query)]

    def statuses(self, *kinds: str) -> list[Status]:
        """List all documents by path, those that could not be published yet too.

        With `kinds`, only those of their terms.
        """
        shown = sa.or_(documents.c.etag.isnot(None), documents.c.fault.isnot(None))
        if kinds:
            shown = sa.and_(shown, documents.c.kind.in_(kinds))
        columns = [documents.c[name] for name in ("path", "kind", "slug", *_STATUS_COLUMNS)]
        with self._database.reading() as connection:
            rows = connection.execute(
                sa.select(*columns).where(shown).order_by(documents.c.path)
            ).mappings()
            return [
                Status(
                    path=row["path"],
                    term=Term(row["kind"], row["slug"]),
                    **{name: row[name] for name in _STATUS_COLUMNS},
                )
                for row in rows
            ]

    def held_back(self, path: str | None = None) -> list[HeldBack]:
        """List the articles in quarantine, by article and path; those of one document only."""
        query = sa.select(quarantine).order_by(quarantine.c.article_id, quarantine.c.path)
        if path is not None:
            query = query.where(quarantine.c.path == path)
        with self._database.reading() as connection:
            return [HeldBack(**row) for row in connection.execute(query).mappings()]


_DOCUMENT_COLUMNS = [
    documents.c[name]
    for name in ("path", "media_type", "etag", "last_modified", "pace", "entries", "version")
]
_STATUS_COLUMNS = ("title", "media_type", "entries", "last_modified", "checked", "fault")


def _bodies(connection: sa.Connection, path: str) -> dict[str, dict[str, bytes]]:
    """Read the bytes of a document and its deltas, by `since` and coding."""
    found: dict[str, dict[str, bytes]] = {}
    query = sa.select(representations).where(representations.c.path == path)
    for row in connection.execute(query):
        found.setdefault(row.since, {})[row.coding] = row.bytes
    return found
