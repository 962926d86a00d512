"""Articles: saved in batches, found by the order of their feeds."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from feeds.model import Article
from feeds.storage.changes import touch
from feeds.storage.database import Database, pieces
from feeds.storage.notes import note, set_note
from feeds.storage.rows import Row, Term, article_of, mint_guid, row_of
from feeds.storage.schema import articles, listings
from feeds.storage.terms import Name, find, listings_of, names_of, register
from feeds.text import slug

_AUTHORITY = "authority"


@dataclass(frozen=True, slots=True)
class Saved:
    """How many articles of a batch were new, changed, and known as they are."""

    added: int
    changed: int
    unchanged: int


class Articles:
    """The articles of the paper. Times given are aware; `now` decides on embargoes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, batch: Iterable[Article], authority: str) -> Saved:
        """Save a batch in one transaction, and mark all that it touches for publishing.

        A new article gets its guid from `authority`, the host of the paper, or from the one that
        the first article had; a known one keeps the guid it has. The last of several with one id
        wins.
        """
        by_id = {article.id: article for article in batch}
        with self._database.writing() as connection:
            host = self._first_authority(connection, authority) if by_id else authority
            known = _rows_by_id(connection, list(by_id))
            rows = [row_of(a, _guid_of(a, known, host)) for a in by_id.values()]
            added = [row for row in rows if row["id"] not in known]
            changed = [row for row in rows if row["id"] in known and row != known[row["id"]]]
            _write(connection, added, changed)
            before = unlist(connection, [row["id"] for row in changed])
            after = enlist(connection, [*added, *changed])
            touch(self._database, connection, before | after)
        return Saved(len(added), len(changed), len(rows) - len(added) - len(changed))

    def authority(self, host: str) -> str:
        """Give the host that ids are minted with (RFC 4151): the paper's at its first article.

        While there is no article, that is `host`.
        """
        with self._database.reading() as connection:
            noted = note(connection, _AUTHORITY)
        if noted or self.is_empty():
            return noted or host
        # The articles are older than the note.
        with self._database.writing() as connection:
            return self._first_authority(connection, host)

    def term(self, kind: str, name: str) -> Term:
        """Give the term that a name stands for; by its slug if no article ever had that name."""
        with self._database.reading() as connection:
            return find(connection, Name(kind, name)) or Term(kind, slug(name))

    def get(self, article_id: str) -> Article | None:
        """Find an article by the CMS's id, withdrawn ones too."""
        with self._database.reading() as connection:
            query = sa.select(articles).where(articles.c.id == article_id)
            row = connection.execute(query).mappings().first()
        return article_of(dict(row)) if row else None

    def known(self, ids: Collection[str]) -> set[str]:
        """Give those ids that belong to an article, withdrawn ones too."""
        query = sa.select(articles.c.id)
        with self._database.reading() as connection:
            return {
                found
                for piece in pieces(ids)
                for found in connection.scalars(query.where(articles.c.id.in_(piece)))
            }

    def listed(self, term: Term, ids: Sequence[str], now: datetime) -> list[Article]:
        """Give the articles of some ids that a term lists, in that order: live, not embargoed."""
        # The kind is wrapped: else SQLite reads the whole term, instead of looking articles up.
        listed = sa.select(listings.c.article_id).where(
            listings.c.article_id.in_(ids),
            sa.func.coalesce(listings.c.kind, "") == term.kind,
            listings.c.slug == term.slug,
            listings.c.published <= int(now.timestamp()),
        )
        with self._database.reading() as connection:
            live = set(connection.scalars(listed))
            rows = _rows_by_id(connection, [one for one in ids if one in live])
        return [article_of(rows[one]) for one in ids if one in rows]

    def newest(self, term: Term, now: datetime, limit: int) -> list[Article]:
        """List what a term's feed carries: live, not embargoed, newest first."""
        order = (listings.c.published.desc(), listings.c.article_id)
        return self._listed(_published(term, now).order_by(*order).limit(limit))

    def name(self, term: Term, now: datetime) -> str | None:
        """Give a term as its newest article writes it; None if no article to be seen has it."""
        order = (listings.c.published.desc(), listings.c.article_id)
        query = _published(term, now).with_only_columns(listings.c.name).order_by(*order).limit(1)
        with self._database.reading() as connection:
            return connection.scalar(query)

    def is_empty(self) -> bool:
        """Say whether the paper has no article at all."""
        with self._database.reading() as connection:
            return connection.scalar(sa.select(articles.c.id).limit(1)) is None

    def _first_authority(self, connection: sa.Connection, host: str) -> str:
        noted = note(connection, _AUTHORITY)
        if noted is None:
            set_note(self._database, connection, _AUTHORITY, host)
        return noted or host

    def _listed(self, order: sa.Select[Any]) -> list[Article]:
        # The ids come from the index alone; only those of the feed are looked up as rows.
        with self._database.reading() as connection:
            ids = [row.article_id for row in connection.execute(order)]
            found = {key: article_of(row) for key, row in _rows_by_id(connection, ids).items()}
        return [found[article_id] for article_id in ids]


def _published(term: Term, now: datetime) -> sa.Select[Any]:
    return sa.select(listings.c.article_id).where(
        listings.c.kind == term.kind,
        listings.c.slug == term.slug,
        listings.c.published <= int(now.timestamp()),
    )


def _rows_by_id(connection: sa.Connection, ids: Sequence[str]) -> dict[str, Row]:
    rows = connection.execute(sa.select(articles).where(articles.c.id.in_(ids))).mappings()
    return {row["id"]: dict(row) for row in rows}


def _guid_of(article: Article, known: dict[str, Row], authority: str) -> str:
    row = known.get(article.id)
    return row["guid"] if row else mint_guid(article, authority)


def _write(connection: sa.Connection, added: list[Row], changed: list[Row]) -> None:
    if added:
        connection.execute(sa.insert(articles), added)
    if changed:
        keyed = [row | {"row_id": row["id"]} for row in changed]
        connection.execute(
            sa.update(articles).where(articles.c.id == sa.bindparam("row_id")), keyed
        )


def unlist(connection: sa.Connection, ids: Sequence[str]) -> set[Term]:
    """Take articles out of all lists; give the terms that they were listed under."""
    if not ids:
        return set()
    these = listings.c.article_id.in_(ids)
    rows = connection.execute(sa.select(listings.c.kind, listings.c.slug).where(these))
    listed = {Term(*row) for row in rows}
    connection.execute(sa.delete(listings).where(these))
    return listed


def enlist(connection: sa.Connection, rows: Iterable[Row]) -> set[Term]:
    """List articles under all that they name, unless they are withdrawn; give those terms."""
    live = [row for row in rows if row["status"] == "live"]
    registered = register(connection, (name for row in live for name in names_of(row)))
    listed = [listing for row in live for listing in listings_of(row, registered)]
    if listed:
        connection.execute(sa.insert(listings), listed)
    return {Term(listing["kind"], listing["slug"]) for listing in listed}
