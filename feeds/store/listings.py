"""Listings: the terms of each live article, as feeds look them up."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from feeds.model import LATEST, Term
from feeds.store.bulk import among, insert_rows
from feeds.store.schema import listings
from feeds.store.terms import Name, register

Row = dict[str, Any]


def terms_of(connection: sa.Connection, *which: sa.ColumnElement[bool]) -> set[Term]:
    """Give the terms of some listings."""
    query = sa.select(listings.c.kind, listings.c.slug).where(*which).distinct()
    return {Term(*row) for row in connection.execute(query)}


def unlist(connection: sa.Connection, ids: Sequence[str]) -> set[Term]:
    """Take articles out of all lists; give the terms that they were listed under."""
    these = among(listings.c.article_id, ids)
    terms = terms_of(connection, these)
    if terms:
        connection.execute(sa.delete(listings).where(these))
    return terms


def enlist(
    connection: sa.Connection, rows: Iterable[Row], present: Callable[[Term], Term] = lambda it: it
) -> set[Term]:
    """List articles under all their names, unless they are withdrawn; give their terms.

    `present` gives the term that a renamed one has become.
    """
    live = [row for row in rows if row["status"] == "live"]
    names = register(connection, (name for row in live for name in names_of(row)))
    registered = {name: present(term) for name, term in names.items()}
    listed = [listing for row in live for listing in listings_of(row, registered)]
    # In the order of the indexes, each page of theirs is looked for once.
    insert_rows(connection, listings, sorted(listed, key=itemgetter("kind", "slug")))
    return {LATEST, *registered.values()} if live else set()


def names_of(row: Row) -> Iterator[Name]:
    """Give the names of an article's sections, tags and authors."""
    for kind, names in (("section", row["sections"]), ("tag", row["tags"])):
        yield from (Name(kind, name) for name in names)
    yield from (Name("author", author["name"], author.get("id")) for author in row["authors"])


def listings_of(row: Row, registered: Mapping[Name, Term]) -> Iterator[Row]:
    """Give the listings of an article, one for each term, with the name to show."""
    names = {registered[name]: name.name for name in names_of(row)}
    for term, name in {LATEST: "", **names}.items():
        yield {
            "article_id": row["id"],
            "kind": term.kind,
            "slug": term.slug,
            "name": name,
            "published": row["published"],
            "views": row["views"],
        }
