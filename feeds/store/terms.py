"""The registry of terms: each section, author and tag gets an address once, and keeps it for ever.

A slug leaves out characters that an address cannot carry, so that C, C++ and C# would share one.
Here each name has a key, each key its slug, and a slug that was given to one key is never given to
another.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from itertools import count
from typing import NamedTuple

import sqlalchemy as sa

from feeds.model import Term
from feeds.store.bulk import among
from feeds.store.database import merge_rows
from feeds.store.schema import terms
from feeds.text import slug

_OF_AN_ID = "id:"


class Name(NamedTuple):
    """The name of a section, author or tag, as an article has it; `id` is the CMS's, of authors."""

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


_Known = dict[tuple[str, str], Term]


def find(connection: sa.Connection, name: Name) -> Term | None:
    """Give the term of a name; None if no article ever had it."""
    return _known(connection, [name]).get((name.kind, name.key))


def register(connection: sa.Connection, names: Iterable[Name]) -> dict[Name, Term]:
    """Give each name its term, within a transaction that writes; new names in the order given.

    An author with an id is the person who had that id before. A new id takes over the term of its
    name, unless that is another id's. A name without an id is the first person who had it.
    """
    keys = {name: (name.kind, name.key) for name in dict.fromkeys(names)}
    known = _known(connection, {*keys, *(name.plain for name in keys if name.id)})
    new = [name for name, key in keys.items() if key not in known]
    if new:
        _add(connection, new, known)
    return {name: known[key] for name, key in keys.items()}


def claim(connection: sa.Connection, term: Term, name: str) -> None:
    """Give a name, and the name that is the slug itself, to a term, unless they have one."""
    keys = {Name(term.kind, text).key for text in (name, term.slug)}
    rows = [{"kind": term.kind, "key": key, "slug": term.slug} for key in sorted(keys)]
    merge_rows(connection, terms, rows)


def _known(connection: sa.Connection, names: Iterable[Name]) -> _Known:
    query = sa.select(terms).where(among(terms.c.key, {name.key for name in names}))
    return {(row.kind, row.key): Term(row.kind, row.slug) for row in connection.execute(query)}


def _add(connection: sa.Connection, new: Sequence[Name], known: _Known) -> None:
    """Add the terms of new names to those that are known, and to the store."""
    taken = _Taken(connection)
    slugs = {slug(name.name) for name in new} | {term.slug for term in known.values()}
    taken.look_up(among(terms.c.slug, slugs))
    rows = []
    for name in new:
        term = known.get((name.kind, name.plain.key))
        if term is None or (name.id and taken.get(term)):
            term = taken.free(Term(name.kind, slug(name.name)))
        taken[term] = taken.get(term) or bool(name.id)
        for key in {name.key, name.plain.key}:
            if (name.kind, key) not in known:
                known[name.kind, key] = term
                rows.append({"kind": name.kind, "key": key, "slug": term.slug})
    connection.execute(sa.insert(terms), rows)


class _Taken(dict[Term, bool]):
    """The terms that were given to a key, as far as looked up; True if the key is an id."""

    def __init__(self, connection: sa.Connection) -> None:
        super().__init__()
        self._connection = connection

    def look_up(self, *which: sa.ColumnElement[bool]) -> None:
        """Learn which of some slugs are taken."""
        for row in self._connection.execute(sa.select(terms).where(*which)):
            term = Term(row.kind, row.slug)
            self[term] = self.get(term) or row.key.startswith(_OF_AN_ID)

    def free(self, wanted: Term) -> Term:
        """Give a term that no key has: `c`, else `c-2`, else `c-3`."""
        if wanted not in self:
            return wanted
        # In the order of code points "." comes next to "-".
        self.look_up(terms.c.slug > f"{wanted.slug}-", terms.c.slug < f"{wanted.slug}.")
        numbered = (Term(wanted.kind, f"{wanted.slug}-{number}") for number in count(2))
        return next(term for term in numbered if term not in self)
