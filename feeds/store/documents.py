"""Published documents, the verdict of their last check, and the articles that were held back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from feeds.errors import StoreFault
from feeds.model import Article, Document, Rendition, Term
from feeds.store.database import Part
from feeds.store.renditions import (
    LATEST_VERSION,
    at,
    remember_version,
    remembered_versions,
    remove,
    write,
)
from feeds.store.schema import (
    IS_OF_FEED,
    IS_PUBLISHED,
    documents,
    has_term,
    listings,
    quarantine,
    representations,
    seconds,
    versions,
)


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a document; `fault` is None when its last check found no fault.

    `source` is as in `Rendition`. `last_modified` is None while nothing is published under that
    path.
    """

    path: str
    term: Term
    title: str
    entries: int
    checked: int
    fault: str | None
    source: str | None
    last_modified: int | None


@dataclass(frozen=True, slots=True)
class HeldBack:
    """An article that was left out of a document; `since` is in seconds since 1970."""

    path: str
    article_id: str
    reason: str
    since: int


_NAMES = ("path", "kind", "slug", "title", "entries", "checked", "fault", "source")
_MODIFIED = sa.case((IS_PUBLISHED, documents.c.last_modified))  # a gone one has none
_STATUS = *(documents.c[name] for name in _NAMES), _MODIFIED


class Documents(Part):
    """The documents that readers can fetch. Only the holder of the publishing lock writes."""

    def publish(self, renditions: Iterable[Rendition], now: datetime) -> int:
        """Publish renditions in one transaction; return how many documents changed.

        Unchanged bytes keep their ETag, Last-Modified and version. A rendition with a fault only
        leaves a note of the fault; the document published under its path stays.
        """
        with self._database.writing() as connection:
            changed = [write(connection, each, seconds(now)) for each in renditions]
            remember_version(connection)
        return sum(changed)

    def remove(self, paths: Iterable[str], now: datetime) -> int:
        """Remove documents and mark them as gone; return how many.

        Publishing such a path again brings it back.
        """
        with self._database.writing() as connection:
            removed = [remove(connection, path, seconds(now)) for path in paths]
            remember_version(connection)
        return sum(removed)

    def get(self, path: str) -> Document | None:
        """Find a document, or the mark of a gone one, by its path; StoreFault without its bytes."""
        columns = representations.c.since, representations.c.coding, representations.c.bytes
        of_document = representations.c.path == documents.c.path
        query = at(path).add_columns(*columns).outerjoin(representations, of_document)
        rows = self._database.rows(query)  # one query, so that a document is of one version
        if not rows:
            return None
        bodies: dict[str, dict[str, bytes]] = {}
        for row in rows:
            if row.coding:  # a document that is gone has none
                bodies.setdefault(row.since, {})[row.coding] = row.bytes
        if row.etag and "identity" not in bodies.get("", {}):
            raise StoreFault(f"the bytes of {path} are missing until one of its articles changes")
        return Document(
            path=path,
            media_type=row.media_type,
            etag=row.etag or "",
            last_modified=row.last_modified,
            pace=row.pace,
            bodies=bodies.pop("", {}),
            deltas=bodies,
        )

    def is_feed(self, path: str) -> bool:
        """Say whether a feed is published under a path."""
        query = sa.select(documents.c.path).where(documents.c.path == path)
        return self._database.scalar(query.where(IS_PUBLISHED, IS_OF_FEED)) is not None

    def versions(self, path: str, limit: int) -> dict[str, Mapping[str, str]]:
        """Give the latest versions of a document: by ETag, the digest of each entry by its id.

        None are given if one cannot be read: no reader needs a delta.
        """
        query = sa.select(versions.c.etag, versions.c.digests).where(versions.c.path == path)
        latest_first = query.order_by(versions.c.version.desc()).limit(limit)
        return dict(self._database.readable(latest_first, lambda r: (r.etag, dict(r.digests))))

    def version(self) -> int:
        """Give the number of the latest publication; it grows with each changed document."""
        return self._database.scalar(LATEST_VERSION) or 0

    def had(self, version: int) -> bool:
        """Say whether this store recently had a version.

        Another store did not, nor did a backup of this one that was made before and put back: all
        of its documents may differ from those that a cache knows.
        """
        with self._database.querying() as connection:
            return version in remembered_versions(connection)

    def changed_since(self, version: int) -> list[str]:
        """List the paths that were published after a version."""
        query = sa.select(documents.c.path).where(documents.c.version > version)
        return [path for (path,) in self._database.rows(query)]

    def topics(self, since: int, until: int) -> list[tuple[str, int]]:
        """List the paths of the feed documents whose bytes changed in a span of versions, and when.

        The earliest come first. A document that was made anew with the same bytes is left out.
        """
        is_same = sa.and_(versions.c.path == documents.c.path, versions.c.etag == documents.c.etag)
        of_span = versions.c.version > since, versions.c.version <= until
        # The version of a document, which has an index, is never below that of its bytes.
        which = *of_span, documents.c.version > since, IS_OF_FEED
        query = sa.select(versions.c.path, versions.c.version).join_from(
            documents, versions, is_same
        )
        rows = self._database.rows(query.where(*which).order_by(versions.c.version))
        return [(row.path, row.version) for row in rows]

    def terms(self, kind: str) -> list[Term]:
        """List the terms of a kind that have a published feed, by slug."""
        slugs = sa.select(documents.c.slug).where(documents.c.kind == kind, IS_PUBLISHED)
        rows = self._database.rows(slugs.distinct().order_by(documents.c.slug))
        return [Term(kind, slug) for (slug,) in rows]

    def feeds(self) -> tuple[int, int | None]:
        """Count the published feeds; say when the latest changed, in seconds since 1970."""
        is_feed = IS_PUBLISHED, documents.c.path.endswith(".rss")
        query = sa.select(sa.func.count(), sa.func.max(documents.c.last_modified)).where(*is_feed)
        ((number, latest),) = self._database.rows(query)
        return number, latest

    def statuses(self, *kinds: str, term: Term | None = None, faulty: bool = False) -> list[Status]:
        """List documents by path, including those that were never published for a fault.

        Without `kinds` of terms and a `term`, list all documents of feeds.
        """
        at_fault = documents.c.fault.isnot(None)
        there = at_fault if faulty else sa.or_(IS_PUBLISHED, at_fault)
        query = sa.select(*_STATUS).where(there).order_by(documents.c.path)
        if term:
            query = query.where(has_term(documents, term))
        elif kinds:
            query = query.where(documents.c.kind.in_(kinds))
        else:
            query = query.where(IS_OF_FEED)
        rows = self._database.rows(query)
        return [Status(path, Term(kind, slug), *others) for path, kind, slug, *others in rows]

    def names(self, kind: str, before: str, text: str, limit: int) -> list[tuple[Term, str]]:
        """Give terms of a kind, and the names that their feeds were published with, by name.

        A name is what follows `before` in the title. Only names that have `text` are given.
        """
        newest = sa.literal(Term(kind).path) + documents.c.slug + ".rss"
        name = sa.func.substr(documents.c.title, len(before) + 1).label("name")
        query = sa.select(documents.c.slug, name).where(
            documents.c.kind == kind,
            IS_PUBLISHED,
            documents.c.path == newest,
            name.icontains(text, autoescape=True),
        )
        rows = self._database.rows(query.order_by(name).limit(limit))
        return [(Term(kind, row.slug), row.name) for row in rows]

    def containing(self, article: Article) -> list[str]:
        """Give the paths of the documents that have an entry for an article."""
        of_term = documents.c.kind == listings.c.kind, documents.c.slug == listings.c.slug
        query = sa.select(documents.c.path).join(listings, sa.and_(*of_term))
        query = query.where(listings.c.article_id == article.id).order_by(documents.c.path)
        return [
            path
            for (path,) in self._database.rows(query)
            if any(article.guid in digests for digests in self.versions(path, 1).values())
        ]

    def held_back(self, path: str | None = None) -> list[HeldBack]:
        """List the articles in quarantine, of all documents or one, by article and path."""
        query = sa.select(quarantine).order_by(quarantine.c.article_id, quarantine.c.path)
        if path is not None:
            query = query.where(quarantine.c.path == path)
        return [HeldBack(*row) for row in self._database.rows(query)]
