"""The registry of terms; no author's name, and no address made of one, has an e-mail address in it.

Of several names that shared a slug the one with most articles keeps it.
"""

import logging
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

import sqlalchemy as sa
from alembic import op

from feeds.model import Term
from feeds.store.articles import enlist, unlist
from feeds.store.database import pieces
from feeds.store.publication import remove
from feeds.store.rows import Row
from feeds.store.terms import Name, names_of, register
from feeds.text import byline, slug

revision = "0004"
down_revision = "0003"

logger = logging.getLogger(__name__)

_KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")
_ARTICLES = sa.table(
    "articles",
    *(sa.column(name) for name in ("id", "published", "views", "status")),
    *(sa.column(name, sa.JSON) for name in ("authors", "sections", "tags")),
)
_LISTINGS = sa.table("listings", *map(sa.column, ("article_id", "kind", "slug", "name")))
_TOUCHED = sa.table("touched", *map(sa.column, ("kind", "slug", "stamp")))
_DOCUMENTS = sa.table("documents", *map(sa.column, ("path", "kind", "slug", "etag")))


def upgrade() -> None:
    """Register all names, list articles anew where that changes something, and touch that."""
    op.create_table(
        "terms",
        sa.Column("key", _KEY, primary_key=True),
        sa.Column("kind", _KEY, primary_key=True),
        sa.Column("slug", _KEY, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("terms_by_slug", "terms", ["slug", "kind"])
    connection = op.get_bind()
    uses = _uses(connection)
    registered = register(connection, _most_used_first(uses))
    left = {term for term, names in uses.items() if {registered[name] for name in names} != {term}}
    _touch(connection, _list_anew(connection, left))
    _register_withdrawn(connection)
    for term in _authors_of_nothing(connection):
        _take_away(connection, term, {registered[name] for name in uses.get(term, ())})


def _uses(connection: sa.Connection) -> Mapping[Term, Counter[Name]]:
    """Give, by the terms of before, the names that were listed there, and how often."""
    uses = defaultdict[Term, Counter[Name]](Counter)
    columns = (_LISTINGS.c.kind, _LISTINGS.c.slug, _LISTINGS.c.name)
    query = sa.select(*columns, sa.func.count()).where(_LISTINGS.c.kind != "latest")
    for kind, old, name, number in connection.execute(query.group_by(*columns)):
        uses[Term(kind, old)][_clean(Name(kind, name))] += number
    return uses


def _clean(name: Name) -> Name:
    return name._replace(name=byline(name.name)[0]) if name.kind == "author" else name


def _most_used_first(uses: Mapping[Term, Counter[Name]]) -> list[Name]:
    """Order names so that of those that share a slug the one with most articles has it first."""
    numbers = Counter[Name]()
    for names in uses.values():
        for name, number in names.items():
            numbers[_in_short(name)] += number
    sharing = defaultdict[Term, list[Name]](list)
    for one in sorted(numbers, key=lambda each: (-numbers[each], each)):
        sharing[Term(one.kind, slug(one.name))].append(one)
    places = {one: place for group in sharing.values() for place, one in enumerate(group)}
    each_once = {name for names in uses.values() for name in names}
    return sorted(each_once, key=lambda name: (places[_in_short(name)], name))


def _in_short(name: Name) -> Name:
    """Give a name in the one spelling that stands for all that are the same term."""
    return Name(name.kind, name.key.removeprefix("name:"))


def _list_anew(connection: sa.Connection, left: Iterable[Term]) -> set[Term]:
    """List the articles of some terms by their names; give all terms that they are in or were."""
    query = sa.select(_LISTINGS.c.article_id).distinct()
    ids = {
        found for term in left for found in connection.scalars(query.where(*_of(_LISTINGS, term)))
    }
    changed = set[Term]()
    for piece in pieces(sorted(ids), 500):
        rows = _cleaned(connection, _ARTICLES.c.id.in_(piece))
        changed |= unlist(connection, piece) | enlist(connection, rows)
    return changed


def _register_withdrawn(connection: sa.Connection) -> None:
    """Keep the addresses of articles that may come back."""
    rows = _cleaned(connection, _ARTICLES.c.status != "live")
    register(connection, (name for row in rows for name in names_of(row)))


def _cleaned(connection: sa.Connection, which: sa.ColumnElement[bool]) -> list[Row]:
    """Read articles, after e-mail addresses are moved out of their authors' names."""
    rows = [dict(row) for row in connection.execute(sa.select(_ARTICLES).where(which)).mappings()]
    changed = []
    for row in rows:
        if any(byline(author["name"])[1] for author in row["authors"]):
            row["authors"] = list(map(_author, row["authors"]))
            changed.append({"article": row["id"], "authors": row["authors"]})
    if changed:
        one = sa.update(_ARTICLES).where(_ARTICLES.c.id == sa.bindparam("article"))
        connection.execute(one, changed)
    return rows


def _author(author: Row) -> Row:
    name, address = byline(author["name"])
    return ({"email": address} if address else {}) | author | {"name": name}


def _touch(connection: sa.Connection, changed: Iterable[Term]) -> None:
    stamp = time.time_ns()
    for term in sorted(changed):
        connection.execute(sa.delete(_TOUCHED).where(*_of(_TOUCHED, term)))
        row = {"kind": term.kind, "slug": term.slug, "stamp": stamp}
        connection.execute(sa.insert(_TOUCHED).values(row))


def _authors_of_nothing(connection: sa.Connection) -> list[Term]:
    """Name the authors that have a feed, but no article: also those with an address in theirs."""
    query = (
        sa.select(_DOCUMENTS.c.kind, _DOCUMENTS.c.slug)
        .where(_DOCUMENTS.c.kind == "author", _DOCUMENTS.c.etag.isnot(None))
        .except_(sa.select(sa.column("kind"), sa.column("slug")).select_from(sa.table("terms")))
    )
    return [Term(*row) for row in connection.execute(query)]


def _take_away(connection: sa.Connection, author: Term, now_at: Iterable[Term]) -> None:
    paths = sa.select(_DOCUMENTS.c.path).where(*_of(_DOCUMENTS, author))
    for path in connection.scalars(paths).all():
        remove(connection, path, int(time.time()))
    for new in now_at:
        logger.warning(
            "authors/%s had an e-mail address in it and is gone; to send its readers on,"
            " write under moved: authors/%s: authors/%s",
            *(author.slug, author.slug, new.slug),
        )


def _of(table: sa.TableClause, term: Term) -> tuple[sa.ColumnElement[bool], ...]:
    return table.c.kind == term.kind, table.c.slug == term.slug
