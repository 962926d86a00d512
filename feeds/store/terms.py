"""The registry of terms: each section, author and tag gets an address once, and keeps it for ever.

A slug leaves out what no address can carry, so that C, C++ and C# would share one. Here each name
has a key, each key its slug, and a slug that was given to one is never given to another.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import NamedTuple

import sqlalchemy as sa

from feeds.model import LATEST, Term
from feeds.store.database import pieces
from feeds.store.rows import Row
from feeds.store.schema import terms
from feeds.text import slug

_OF_AN_ID = "id:"


class Name(NamedTuple):
    """What an article names as its section, author or tag; `id` is the CMS's own, of an author."""

    kind: str
    name: str
    id: str | None = None

    @property
    def plain(self) -> "Name":
        """The name alone."""
        return self._replace(id=None)

    @property
    def key(self) -> str:
        """What tells it from others of its kind: the id, else the name but for case and blanks."""
        if self.id:
            return f"{_OF_AN_ID}{self.id}"
        lower = unicodedata.normalize("NFC", unicodedata.normalize("NFC", self.name).lower())
        return f"name:{' '.join(lower.split())}"


def names_of(row: Row) -> Iterator[Name]:
    """Give all that an article's row names."""
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


def find(connection: sa.Connection, name: Name) -> Term | None:
    """Give the term of a name; None if no article ever had it."""
    return _known(connection, [name]).get((name.kind, name.key))


def register(connection: sa.Connection, names: Iterable[Name]) -> dict[Name, Term]:
    """Give each name its term, within a transaction that writes; new ones in the order given.

    An author with an id is whoever had that id. A new id takes the term of its name over, unless
    that is another id's. A name without an id stands for the first who had it.
    """
    keys = {name: (name.kind, name.key) for name in names}
    known = _known(connection, {*keys, *(name.plain for name in keys if name.id)})
    new = [name for name, key in keys.items() if key not in known]
    if new:
        _add(connection, new, known)
    return {name: known[key] for name, key in keys.items()}


_Known = dict[tuple[str, str], Term]


def _known(connection: sa.Connection, names: Iterable[Name]) -> _Known:
    query = sa.select(terms)
    return {
        (row.kind, row.key): Term(row.kind, row.slug)
        for piece in pieces({name.key for name in names})
        for row in connection.execute(query.where(terms.c.key.in_(piece)))
    }


def _add(connection: sa.Connection, new: Sequence[Name], known: _Known) -> None:
    slugs = _Slugs(connection)
    slugs.look_up({slug(name.name) for name in new} | {term.slug for term in known.values()})
    rows = []
    for name in new:
        term = known.get((name.kind, name.plain.key))
        if term is None or (name.id and term in slugs.of_ids):
            term = slugs.free(Term(name.kind, slug(name.name)))
        if name.id:
            slugs.of_ids.add(term)
        for key in {name.key, name.plain.key}:
            if (name.kind, key) not in known:
                known[name.kind, key] = term
                rows.append({"kind": name.kind, "key": key, "slug": term.slug})
    if rows:
        connection.execute(sa.insert(terms), rows)


class _Slugs:
    """The slugs that are taken, as far as they were looked up; `of_ids` are those of an id."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._taken = set[Term]()
        self._numbers = dict[Term, Iterator[int]]()
        self.of_ids = set[Term]()

    def look_up(self, slugs: Iterable[str]) -> None:
        """Learn which of some slugs are taken."""
        for piece in pieces(slugs):
            self._learn(terms.c.slug.in_(piece))

    def free(self, wanted: Term) -> Term:
        """Give a term that nobody has, and nobody gets again: `c`, else `c-2`, else `c-3`."""
        term = wanted
        if wanted in self._taken:
            numbers = self._numbers_of(wanted)
            term = next(t for n in numbers if (t := _numbered(wanted, n)) not in self._taken)
        self._taken.add(term)
        return term

    def _numbers_of(self, wanted: Term) -> Iterator[int]:
        if wanted not in self._numbers:
            # In the order of code points "." comes next to "-".
            self._learn(terms.c.slug > f"{wanted.slug}-", terms.c.slug < f"{wanted.slug}.")
            self._numbers[wanted] = count(2)
        return self._numbers[wanted]

    def _learn(self, *which: sa.ColumnElement[bool]) -> None:
        for row in self._connection.execute(sa.select(terms).where(*which)):
            term = Term(row.kind, row.slug)
            self._taken.add(term)
            if row.key.startswith(_OF_AN_ID):
                self.of_ids.add(term)


def _numbered(term: Term, number: int) -> Term:
    return Term(term.kind, f"{term.slug}-{number}")
