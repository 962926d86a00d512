"""Published documents, the verdict of their last check, and the articles that were held back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from feeds.model import Document
from feeds.storage.database import Database
from feeds.storage.rows import Term
from feeds.storage.schema import documents, quarantine

# RFC 9110 8.8.2: a validator. Thunderbird asks with a date in 2000 before it knows one.
_EARLIEST_MODIFIED = 978_307_200  # 2001-01-01T00:00:00Z


@dataclass(frozen=True, slots=True)
class Proof:
    """A document that passed the gate, ready to be published."""

    path: str
    term: Term
    title: str
    media_type: str
    body: bytes
    gzip: bytes
    etag: str
    entries: int


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
    """The documents that readers can fetch. Only the holder of the publisher lock writes."""

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
                changed += self._publish(connection, proof, int(now.timestamp()))
                self._hold_back(connection, proof.path, held_back.get(proof.path, {}), now)
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
        """Find a published document by its path below `/feeds/`."""
        query = sa.select(documents).where(
            documents.c.path == path, documents.c.version.isnot(None)
        )
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().first()
        return Document(**{name: row[name] for name in _DOCUMENT_COLUMNS}) if row else None

    def version(self) -> int:
        """Give the number of the latest publication; it grows with each changed document."""
        with self._database.reading() as connection:
            return _version(connection)

    def changed_since(self, version: int) -> list[str]:
        """List the paths that were published after a version."""
        query = sa.select(documents.c.path).where(documents.c.version > version)
        with self._database.reading() as connection:
            return list(connection.scalars(query))

    def terms(self, kind: str) -> list[Term]:
        """List the terms of a kind that have a published feed, by slug."""
        query = (
            sa.select(documents.c.slug)
            .where(documents.c.kind == kind, documents.c.version.isnot(None))
            .distinct()
            .order_by(documents.c.slug)
        )
        with self._database.reading() as connection:
            return [Term(kind, slug) for slug in connection.scalars(query)]

    def statuses(self) -> list[Status]:
        """List all documents by path."""
        columns = [documents.c[name] for name in ("path", "kind", "slug", *_STATUS_COLUMNS)]
        with self._database.reading() as connection:
            rows = connection.execute(sa.select(*columns).order_by(documents.c.path)).mappings()
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

    def _publish(self, connection: sa.Connection, proof: Proof, now: int) -> bool:
        row = {name: getattr(proof, name) for name in ("path", "title", "media_type", "entries")}
        row |= {"kind": proof.term.kind, "slug": proof.term.slug, "checked": now, "fault": None}
        columns = (documents.c.body, documents.c.last_modified)
        query = sa.select(*columns).where(documents.c.path == proof.path)
        old = connection.execute(query).first()
        changed = old is None or old.body != proof.body
        if changed:
            last = (old.last_modified if old else None) or _EARLIEST_MODIFIED
            row |= {"last_modified": max(now, last + 1), "version": _version(connection) + 1}
            row |= {"body": proof.body, "gzip": proof.gzip, "etag": proof.etag}
        connection.execute(
            self._database.upsert(documents, *(name for name in row if name != "path")), row
        )
        return changed

    def _hold_back(
        self, connection: sa.Connection, path: str, reasons: Mapping[str, str], now: datetime
    ) -> None:
        gone = sa.and_(quarantine.c.path == path, quarantine.c.article_id.not_in(reasons))
        connection.execute(sa.delete(quarantine).where(gone))
        rows = [
            {"path": path, "article_id": key, "reason": reason, "since": int(now.timestamp())}
            for key, reason in reasons.items()
        ]
        if rows:
            connection.execute(self._database.upsert(quarantine, "reason"), rows)


_DOCUMENT_COLUMNS = tuple(Document.__dataclass_fields__)
_STATUS_COLUMNS = ("title", "media_type", "entries", "last_modified", "checked", "fault")


def _version(connection: sa.Connection) -> int:
    return connection.scalar(sa.select(sa.func.max(documents.c.version))) or 0
