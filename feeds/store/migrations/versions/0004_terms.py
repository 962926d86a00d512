"""Create the registry of terms, and move e-mail addresses out of the names of authors.

If several names shared a slug, the name with most articles keeps it.
"""

import logging
import time
from collections import Counter, defaultdict
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from feeds.model import Term
from feeds.store.database import pieces
from feeds.store.listings import Row, enlist, listings_of, names_of, unlist
from feeds.store.renditions import remove
from feeds.store.schema import Key, columns, has_term, keys
from feeds.store.terms import Name, register
from feeds.text import byline

revision = "0004"
down_revision = "0003"

logger = logging.getLogger(__name__)

_ARTICLES = sa.table(
    "articles",
    *(sa.column(name) for name in ("id", "published", "views", "status")),
    *(sa.column(name, sa.JSON) for name in ("authors", "sections", "tags")),
)
_LISTINGS = sa.table("listings", *map(sa.column, ("article_id", "kind", "slug", "name")))
_TOUCHED = sa.table("touched", *map(sa.column, ("kind", "slug", "stamp")))
_TERMS = sa.table("terms", *map(sa.column, ("kind", "slug")))
_DOCUMENTS = sa.table("documents", *map(sa.column, ("path", "kind", "slug", "etag")))


def upgrade() -> None:
    """Register all names, list articles again where their terms changed, and touch those terms."""
    of_term = *keys("key", "kind"), *columns(Key, "slug")
    op.create_table("terms", *of_term, sqlite_with_rowid=False)
    op.create_index("terms_by_slug", "terms", ["slug", "kind"])
    connection = op.get_bind()
    renamed = _register_listed(connection)
    changed = set[Term]()
    for piece in pieces(connection.scalars(sa.select(_ARTICLES.c.id)).all(), 500):
        changed |= _list_again(connection, piece)
    stamp = time.time_ns()
    for term in sorted(changed):
        connection.execute(sa.delete(_TOUCHED).where(has_term(_TOUCHED, term)))
        row = {"kind": term.kind, "slug": term.slug, "stamp": stamp}
        connection.execute(sa.insert(_TOUCHED).values(row))
    _take_away_authors_of_nothing(connection, renamed)


def _register_listed(connection: sa.Connection) -> dict[Term, Term]:
    """Register all listed names; give the terms of authors whose name had an e-mail address in it.

    The most used names come first: of the names that share a slug, the first gets it.
    """
    named = (_LISTINGS.c.kind, _LISTINGS.c.slug, _LISTINGS.c.name)
    query = sa.select(*named, sa.func.count()).where(_LISTINGS.c.kind != "latest")
    numbers = Counter[tuple[str, str]]()
    names, renamed = set[Name](), dict[Term, Name]()
    for kind, old, text, number in connection.execute(query.group_by(*named)):
        name = Name(kind, byline(text)[0] if kind == "author" else text)
        numbers[kind, name.key] += number
        names.add(name)
        if name.name != text:
            renamed[Term(kind, old)] = name
    in_order = sorted(names, key=lambda name: (-numbers[name.kind, name.key], name))
    registered = register(connection, in_order)
    return {old: registered[name] for old, name in renamed.items()}


def _list_again(connection: sa.Connection, ids: Sequence[str]) -> set[Term]:
    """List those of some articles again whose terms changed; give all their terms, old and new."""
    before = defaultdict[str, set[Term]](set)
    of_these = _LISTINGS.c.article_id.in_(ids)
    listed = sa.select(_LISTINGS.c.article_id, _LISTINGS.c.kind, _LISTINGS.c.slug)
    for article_id, kind, slug in connection.execute(listed.where(of_these)):
        before[article_id].add(Term(kind, slug))
    rows = _cleaned(connection, ids)
    registered = register(connection, (name for row in rows for name in names_of(row)))
    changed = [
        row
        for row in rows
        if row["status"] == "live"
        and before[row["id"]]
        != {Term(listing["kind"], listing["slug"]) for listing in listings_of(row, registered)}
    ]
    return unlist(connection, [row["id"] for row in changed]) | enlist(connection, changed)


def _cleaned(connection: sa.Connection, ids: Sequence[str]) -> list[Row]:
    """Read articles, and move e-mail addresses out of the names of their authors."""
    query = sa.select(_ARTICLES).where(_ARTICLES.c.id.in_(ids))
    rows = [dict(row) for row in connection.execute(query).mappings()]
    for row in rows:
        authors = [_author(author) for author in row["authors"]]
        if authors != row["authors"]:
            row["authors"] = authors
            one = sa.update(_ARTICLES).where(_ARTICLES.c.id == row["id"])
            connection.execute(one.values(authors=authors))
    return rows


def _author(author: Row) -> Row:
    name, address = byline(author["name"])
    return ({"email": address} if address else {}) | author | {"name": name}


def _take_away_authors_of_nothing(connection: sa.Connection, renamed: dict[Term, Term]) -> None:
    """Remove the documents of authors that have no term any more; say where the readers can go."""
    registered = sa.select(_TERMS.c.slug).where(_TERMS.c.kind == "author")
    query = sa.select(_DOCUMENTS.c.path, _DOCUMENTS.c.slug).where(
        _DOCUMENTS.c.kind == "author",
        _DOCUMENTS.c.etag.isnot(None),
        _DOCUMENTS.c.slug.not_in(registered),
    )
    gone = connection.execute(query).all()
    for path, _ in gone:
        remove(connection, path, int(time.time()))
    for old in sorted({Term("author", slug) for _, slug in gone} & renamed.keys()):
        logger.warning(
            "authors/%s had an e-mail address in it and is gone; to send its readers on,"
            " write under moved: authors/%s: authors/%s",
            *(old.slug, old.slug, renamed[old].slug),
        )
