"""Listings, the terms of each live article as feeds look them up; and tombstones (RFC 6721).

A reader keeps an article that is gone from a feed. A tombstone tells it to drop the article: it
says which articles were withdrawn from the feeds of a term, and when.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from feeds.model import LATEST, Term, Tombstone
from feeds.store.bulk import among, insert_rows
from feeds.store.database import merge_rows
from feeds.store.schema import articles, has_term, listings, moment, seconds, tombstones
from feeds.store.terms import Name, register

Row = dict[str, Any]

_SECONDS_SHOWN = 30 * 86_400
_MOST_SHOWN = 50


def is_listed(term: Term, now: datetime) -> sa.ColumnElement[bool]:
    """Select the listings of a term whose articles readers can see: none under embargo."""
    return sa.and_(has_term(listings, term), listings.c.published <= seconds(now))


def newest(term: Term, now: datetime, *columns: sa.Column[Any]) -> sa.Select[Any]:
    """Select from the articles that a term shows, newest first."""
    order = listings.c.published.desc(), listings.c.article_id
    return sa.select(*columns).where(is_listed(term, now)).order_by(*order)


def terms_of(
    connection: sa.Connection, table: sa.Table, *which: sa.ColumnElement[bool]
) -> set[Term]:
    """Give the terms of some rows."""
    query = sa.select(table.c.kind, table.c.slug).where(*which).distinct()
    return {Term(*row) for row in connection.execute(query)}


def unlist(connection: sa.Connection, ids: Sequence[str]) -> set[Term]:
    """Take articles out of all lists; give the terms that they were listed under."""
    these = among(listings.c.article_id, ids)
    terms = terms_of(connection, listings, these)
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


def bury(connection: sa.Connection, rows: Iterable[Row], now: datetime) -> set[Term]:
    """Leave tombstones of withdrawn articles under the terms that list them; drop those of others.

    Gives the terms of the tombstones that it dropped, whose feeds still carry them. Call this
    while the articles are still listed. An article under embargo leaves none: its id would tell of
    an article that no reader has seen.
    """
    ids: dict[str, list[str]] = {"live": [], "withdrawn": []}
    for row in rows:
        ids[row["status"]].append(row["id"])
    of_live = tombstones.c.article_id.in_(ids["live"])
    dropped = terms_of(connection, tombstones, of_live) if ids["live"] else set()
    if dropped:
        connection.execute(sa.delete(tombstones).where(of_live))
    if ids["withdrawn"]:
        at, here = seconds(now), listings.c
        seen = sa.select(here.article_id, here.kind, here.slug, sa.literal(at)).where(
            here.article_id.in_(ids["withdrawn"]), here.published <= at
        )
        merge_rows(connection, tombstones, seen, at="new")
    return dropped


def buried(connection: sa.Connection, term: Term, now: datetime) -> tuple[Tombstone, ...]:
    """Give the tombstones that the feeds of a term carry, the latest first."""
    query = (
        sa.select(articles.c.guid, tombstones.c.at)
        .join(articles, articles.c.id == tombstones.c.article_id)
        .where(has_term(tombstones, term), tombstones.c.at > seconds(now) - _SECONDS_SHOWN)
        .order_by(tombstones.c.at.desc(), tombstones.c.article_id)
        .limit(_MOST_SHOWN)
    )
    return tuple(Tombstone(guid, moment(at)) for guid, at in connection.execute(query))


def outdated(since: int, until: int) -> sa.Select[Any]:
    """Select the terms with a tombstone that was shown at one time, and is not at another."""
    at = tombstones.c.at
    return sa.select(tombstones.c.kind, tombstones.c.slug).where(
        at > since - _SECONDS_SHOWN, at <= until - _SECONDS_SHOWN
    )
