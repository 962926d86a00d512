"""Articles: saved in batches, found by the order of their feeds."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import quote

import sqlalchemy as sa

from feeds.errors import ArticleError, StoreFault
from feeds.merge import merge
from feeds.model import (
    LATEST,
    Article,
    Attachment,
    Author,
    Correction,
    Image,
    Patch,
    Term,
    Tombstone,
)
from feeds.store.changes import touch
from feeds.store.database import Database, insert_rows, pieces
from feeds.store.listings import Row, enlist, unlist
from feeds.store.metadata import get_metadata, save_metadata
from feeds.store.moves import Moved, moved
from feeds.store.schema import articles, has_term, listings
from feeds.store.terms import Name, find
from feeds.store.tombstones import bury, shown
from feeds.text import quoted, slug

_AUTHORITY = "authority"
_COLUMNS = articles.c.keys()

Outcome = Literal["new", "changed", "unchanged", "rejected"]


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a patch: the article before it, and as it is stored now.

    `before` is None for a new article, `article` if the patch was rejected. `notes` name dates that
    were changed to make sense, or the reason of the rejection.
    """

    id: str
    outcome: Outcome
    before: Article | None
    article: Article | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An article whose row cannot be read, as after a change by hand; and the reason."""

    id: str
    reason: str


class Articles:
    """The articles of the paper. Times given are aware; `now` decides on embargoes.

    An article whose row cannot be read is `Unreadable` in its place, beside the others.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(
        self,
        patches: Iterable[Patch],
        authority: str,
        now: datetime,
        check: Callable[[Article | None], None] = lambda _known: None,
    ) -> list[Saved]:
        """Save patches in one transaction, in their order, and mark their terms for publishing.

        `check` sees each article as it is stored before its patch; if it raises, nothing is saved.
        The guid of a new article is minted with the host of the first article, which is
        `authority` if this is the first, unless its patch brings one that no other article has; a
        known article keeps its guid.
        """
        patches = list(patches)
        if not patches:
            return []
        with self._database.writing() as connection:
            host = get_metadata(connection, _AUTHORITY)
            if host is None:
                host = authority
                save_metadata(connection, _AUTHORITY, host)
            ids = list(dict.fromkeys(patch.id for patch in patches))
            names = moved(connection)
            stored = self._read(connection, ids)
            guids = self._guids(connection, stored)
            owners = _owners(connection, (each for each in patches if each.id not in stored), host)
            merged = _Merged(stored, guids, owners, host, now)
            renamed = (replace(each, given=names.renamed(each.given)) for each in patches)
            saved = [merged.add(patch, check) for patch in renamed]
            fresh = [_row(article) for article in merged.fresh()]
            _write(connection, fresh, stored.keys())
            bury(connection, (row for row in fresh if row["id"] in stored), now)
            if fresh:
                # New ones too: an article that was deleted by hand may still be listed.
                before = unlist(connection, [row["id"] for row in fresh])
                touch(connection, before | enlist(connection, fresh, names.term))
        return saved

    def authority(self, host: str) -> str:
        """Give the host that ids are minted with (RFC 4151): the paper's at its first article.

        While there is no article, that is `host`.
        """
        with self._database.reading() as connection:
            return get_metadata(connection, _AUTHORITY) or host

    def term(self, kind: str, name: str) -> Term:
        """Give the term of a name; the one of its slug if no article ever had that name."""
        with self._database.reading() as connection:
            found = find(connection, Name(kind, name)) or Term(kind, slug(name))
            return moved(connection).term(found)

    def get(self, article_id: str) -> Article | None:
        """Find an article by the CMS's id, withdrawn ones too; StoreFault if it is unreadable."""
        with self._database.reading() as connection:
            found = self._read(connection, [article_id]).get(article_id)
        if isinstance(found, Unreadable):
            raise StoreFault(f"{self._database.name}: article {article_id} {found.reason}")
        return found

    def terms(self, article_id: str) -> list[Term]:
        """Give the terms that an article is listed under, also while under embargo."""
        query = sa.select(listings.c.kind, listings.c.slug)
        rows = self._database.rows(query.where(listings.c.article_id == article_id))
        return sorted(Term(*row) for row in rows)

    def known(self, ids: Collection[str]) -> set[str]:
        """Give those ids that belong to an article, withdrawn ones too."""
        query = sa.select(articles.c.id)
        with self._database.reading() as connection:
            return {
                found
                for piece in pieces(ids)
                for found in connection.scalars(query.where(articles.c.id.in_(piece)))
            }

    def headlines(self, ids: Collection[str]) -> dict[str, tuple[str, datetime]]:
        """Give title and date of publication of those ids that belong to an article."""
        query = sa.select(articles.c.id, articles.c.title, articles.c.published)
        rows = self._database.rows(query.where(articles.c.id.in_(ids)))
        return {row.id: (row.title, datetime.fromtimestamp(row.published, UTC)) for row in rows}

    def known_by_url(self, patches: Iterable[Patch]) -> dict[str, str]:
        """Give, by the ids of new articles whose url belongs to a live article, the id of that.

        An url that several live articles have tells none of them.
        """
        urls = {each.id: each.given["url"] for each in patches if each.given.get("url")}
        query = sa.select(articles.c.url, sa.func.min(articles.c.id).label("id"))
        live = articles.c.url.in_(set(urls.values())), articles.c.status == "live"
        alone = query.where(*live).group_by(articles.c.url).having(sa.func.count() == 1)
        owners = {row.url: row.id for row in self._database.rows(alone)} if urls else {}
        others = {one: owners[url] for one, url in urls.items() if owners.get(url, one) != one}
        known = self.known(others) if others else set()
        return {one: other for one, other in others.items() if one not in known}

    def public(self, ids: Collection[str], now: datetime) -> set[str]:
        """Give those ids that belong to an article which readers may see: live, not embargoed."""
        with self._database.reading() as connection:
            return set(connection.scalars(_listed(LATEST, ids, now)))

    def any_hidden(self, guids: Collection[str], now: datetime) -> bool:
        """Say whether one of the articles with these guids is withdrawn, or under embargo."""
        is_hidden = (articles.c.status != "live") | (articles.c.published > int(now.timestamp()))
        of_these = sa.select(articles.c.id).where(articles.c.guid.in_(guids), is_hidden)
        return self._database.scalar(of_these.limit(1)) is not None

    def listed(self, term: Term, ids: Sequence[str], now: datetime) -> list[Article | Unreadable]:
        """Give the articles of some ids that a term lists, in that order: live, not embargoed."""
        with self._database.reading() as connection:
            live = set(connection.scalars(_listed(term, ids, now)))
            found = self._read(connection, [one for one in ids if one in live])
        return [found[one] for one in ids if one in found]

    def newest(self, term: Term, now: datetime, limit: int) -> list[Article | Unreadable]:
        """List the articles of a term's feed: live, not embargoed, newest first."""
        query = _newest(listings.c.article_id, term, now).limit(limit)
        # The ids come from the index alone; only those of the feed are looked up as rows.
        with self._database.reading() as connection:
            ids = connection.scalars(query).all()
            found = self._read(connection, ids)
        gone = "is listed, but its row is gone; import it again"
        return [found.get(one) or Unreadable(one, gone) for one in ids]

    def tombstones(self, term: Term, now: datetime) -> tuple[Tombstone, ...]:
        """Give the tombstones that the feeds of a term carry, the latest first."""
        with self._database.reading() as connection:
            return shown(connection, term, now)

    def name(self, term: Term, now: datetime) -> str | None:
        """Give the name of a term in its newest visible article; None if there is no such one."""
        with self._database.reading() as connection:
            return connection.scalar(_newest(listings.c.name, term, now).limit(1))

    def is_empty(self) -> bool:
        """Say whether the paper has no article at all."""
        with self._database.reading() as connection:
            return connection.scalar(sa.select(articles.c.id).limit(1)) is None

    def _read(
        self, connection: sa.Connection, ids: Sequence[str]
    ) -> dict[str, Article | Unreadable]:
        """Read the articles of some ids; if one fails, each is read alone."""
        query = sa.select(articles).where(articles.c.id.in_(ids))
        names = moved(connection)
        try:
            found = connection.execute(query).mappings()
            return {row["id"]: _article(dict(row), names) for row in found}
        except Exception as fault:
            if not self._database.is_of_a_row(fault):
                raise
            if len(ids) == 1:
                return {ids[0]: Unreadable(ids[0], f"cannot be read: {fault!r}")}
        return {key: one for each in ids for key, one in self._read(connection, [each]).items()}

    def _guids(
        self, connection: sa.Connection, stored: Mapping[str, Article | Unreadable]
    ) -> dict[str, str]:
        """Give the guids of unreadable articles, which stay when such an article is replaced."""
        broken = [key for key, article in stored.items() if isinstance(article, Unreadable)]
        query = sa.select(articles.c.id, articles.c.guid).where(articles.c.id.in_(broken))
        return {row.id: row.guid for row in connection.execute(query)} if broken else {}


class _Merged:
    """Stored articles, and the articles that patches turn them into, one after the other."""

    def __init__(
        self,
        stored: Mapping[str, Article | Unreadable],
        guids: Mapping[str, str],
        owners: dict[str, str],
        host: str,
        now: datetime,
    ) -> None:
        self._stored = {
            key: article for key, article in stored.items() if isinstance(article, Article)
        }
        self._articles = dict(self._stored)
        self._guids = guids
        self._owners = owners
        self._host = host
        self._now = now

    def add(self, patch: Patch, check: Callable[[Article | None], None]) -> Saved:
        known = self._articles.get(patch.id)
        check(known)
        try:
            article, notes = merge(patch, known, self._now)
        except ArticleError as error:
            return Saved(patch.id, "rejected", known, None, (str(error),))
        if known is None:
            article = replace(article, guid=self._guid(article))
            if (owner := self._owners.setdefault(article.guid or "", patch.id)) != patch.id:
                reason = f"guid: {quoted(article.guid or '')} is the guid of article {owner}"
                return Saved(patch.id, "rejected", None, None, (reason,))
        self._articles[article.id] = article
        outcome: Outcome = "changed" if article != known else "unchanged"
        return Saved(article.id, outcome if known else "new", known, article, notes)

    def _guid(self, article: Article) -> str:
        guid = self._guids.get(article.id) or article.guid
        return guid or mint_guid(article.id, article.published, self._host)

    def fresh(self) -> list[Article]:
        """Give the articles that are new or differ from the stored ones."""
        return [each for key, each in self._articles.items() if each != self._stored.get(key)]


def _listed(term: Term, ids: Collection[str], now: datetime) -> sa.Select[str]:
    # The kind is wrapped: else SQLite reads the whole term, instead of looking articles up.
    return sa.select(listings.c.article_id).where(
        listings.c.article_id.in_(ids),
        sa.func.coalesce(listings.c.kind, "") == term.kind,
        listings.c.slug == term.slug,
        listings.c.published <= int(now.timestamp()),
    )


def _newest(column: sa.Column[str], term: Term, now: datetime) -> sa.Select[str]:
    return (
        sa.select(column)
        .where(has_term(listings, term), listings.c.published <= int(now.timestamp()))
        .order_by(listings.c.published.desc(), listings.c.article_id)
    )


def mint_guid(article_id: str, published: datetime, authority: str) -> str:
    """Make the `tag:` URI of an article (RFC 4151), from the host that first published it."""
    return f"tag:{authority},{published:%Y-%m-%d}:{quote(article_id, safe='')}"


def _owners(connection: sa.Connection, new: Iterable[Patch], host: str) -> dict[str, str]:
    """Give the ids of the articles that have the guids of new ones already, by guid."""
    guids = {
        patch.given.get("guid") or mint_guid(patch.id, patch.given["published"], host)
        for patch in new
        if patch.given.get("published")
    }
    query = sa.select(articles.c.guid, articles.c.id)
    return {
        row.guid: row.id
        for piece in pieces(guids)
        for row in connection.execute(query.where(articles.c.guid.in_(piece)))
    }


def _row(article: Article) -> Row:
    return {
        **{name: getattr(article, name) for name in _COLUMNS},
        "published": int(article.published.timestamp()),
        "updated": int(article.updated.timestamp()),
        "authors": [_given(author) for author in article.authors],
        "sections": list(article.sections),
        "tags": list(article.tags),
        "image": _given(article.image) if article.image else None,
        "attachments": [_given(each) for each in article.attachments] or None,
        "correction": article.correction
        and {"text": article.correction.text, "at": int(article.correction.at.timestamp())},
    }


def _given(one: Author | Image | Attachment) -> Row:
    given = ((name, getattr(one, name)) for name in one.__slots__)
    return {name: value for name, value in given if value is not None}


def _article(row: Mapping[str, Any], names: Moved) -> Article:
    """Give the article of a row, with present names."""
    fields = {
        **row,
        "published": datetime.fromtimestamp(row["published"], UTC),
        "updated": datetime.fromtimestamp(row["updated"], UTC),
        "authors": tuple(Author(**author) for author in row["authors"]),
        "sections": tuple(row["sections"]),
        "tags": tuple(row["tags"]),
        "image": Image(**row["image"]) if row["image"] else None,
        "attachments": tuple(Attachment(**each) for each in row["attachments"] or ()),
        "correction": _correction(row["correction"]),
    }
    return Article(**names.renamed(fields))


def _correction(row: Mapping[str, Any] | None) -> Correction | None:
    return Correction(row["text"], datetime.fromtimestamp(row["at"], UTC)) if row else None


def _write(connection: sa.Connection, rows: Sequence[Row], known: Collection[str]) -> None:
    if added := [row for row in rows if row["id"] not in known]:
        insert_rows(connection, articles, added)
    if changed := [row | {"row_id": row["id"]} for row in rows if row["id"] in known]:
        update = sa.update(articles).where(articles.c.id == sa.bindparam("row_id"))
        connection.execute(update, changed)
