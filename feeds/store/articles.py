"""Articles: saved in batches, found by the order of their feeds."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa

from feeds.errors import StoreFault
from feeds.model import Article, Term
from feeds.store.changes import touch
from feeds.store.database import Database, pieces
from feeds.store.notes import note, set_note
from feeds.store.rows import Row, Unreadable, article_of, mint_guid, row_of
from feeds.store.schema import articles, listings
from feeds.store.terms import Name, find, listings_of, names_of, register
from feeds.text import slug

_AUTHORITY = "authority"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Saved:
    """How many articles of a batch were new, changed, and known as they are."""

    added: int
    changed: int
    unchanged: int


class Articles:
    """The articles of the paper. Times given are aware; `now` decides on embargoes.

    One whose row cannot be read is `Unreadable` in its place: the others are not to miss it.
    """

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
            known = self._known_rows(connection, list(by_id))
            rows = [row_of(a, _guid_of(a, known, host)) for a in by_id.values()]
            added = [row for row in rows if row["id"] not in known]
            changed = [row for row in rows if row["id"] in known and row != known[row["id"]]]
            _write(connection, added, changed)
            # New ones too: of one that was deleted by hand the lists are still there.
            before = unlist(connection, [row["id"] for row in (*added, *changed)])
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
        """Find an article by the CMS's id, withdrawn ones too; StoreFault if it is unreadable."""
        with self._database.reading() as connection:
            found = self._read(connection, [article_id], article_of).get(article_id)
        if isinstance(found, Unreadable):
            raise StoreFault(f"{self._database.name}: article {article_id} {found.reason}")
        return found

    def known(self, ids: Collection[str]) -> set[str]:
        """Give those ids that belong to an article, withdrawn ones too."""
        query = sa.select(articles.c.id)
        with self._database.reading() as connection:
            return {
                found
                for piece in pieces(ids)
                for found in connection.scalars(query.where(articles.c.id.in_(piece)))
            }

    def listed(self, term: Term, ids: Sequence[str], now: datetime) -> list[Article | Unreadable]:
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
            found = self._read(connection, [one for one in ids if one in live], article_of)
        return [found[one] for one in ids if one in found]

    def newest(self, term: Term, now: datetime, limit: int) -> list[Article | Unreadable]:
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

    def _listed(self, order: sa.Select[Any]) -> list[Article | Unreadable]:
        # The ids come from the index alone; only those of the feed are looked up as rows.
        with self._database.reading() as connection:
            ids = [row.article_id for row in connection.execute(order)]
            found = self._read(connection, ids, article_of)
        gone = "is listed, but its row is gone; import it again"
        return [found.get(one) or Unreadable(one, gone) for one in ids]

    def _read(
        self, connection: sa.Connection, ids: Sequence[str], make: Callable[[Row], T]
    ) -> dict[str, T | Unreadable]:
        """Make something of the rows of some ids; where one fails, each is read alone."""
        try:
            return {row["id"]: make(row) for row in _rows(connection, ids)}
        except Exception as fault:
            if not self._database.is_of_a_row(fault):
                raise
            if len(ids) == 1:
                return {ids[0]: Unreadable(ids[0], f"cannot be read: {fault!r}")}
        return {
            key: one for each in ids for key, one in self._read(connection, [each], make).items()
        }

    def _known_rows(self, connection: sa.Connection, ids: Sequence[str]) -> dict[str, Row]:
        """Give the rows of some ids; one that cannot be read is mended, and keeps its guid."""
        guid = sa.select(articles.c.id, articles.c.guid)
        return {
            key: row
            if isinstance(row, dict)
            else dict(connection.execute(guid.where(articles.c.id == key)).mappings().one())
            for key, row in self._read(connection, ids, dict).items()
        }


def _published(term: Term, now: datetime) -> sa.Select[Any]:
    return sa.select(listings.c.article_id).where(
        listings.c.kind == term.kind,
        listings.c.slug == term.slug,
        listings.c.published <= int(now.timestamp()),
    )


def _rows(connection: sa.Connection, ids: Sequence[str]) -> Iterable[Row]:
    rows = connection.execute(sa.select(articles).where(articles.c.id.in_(ids))).mappings()
    return map(dict, rows)


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
