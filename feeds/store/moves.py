"""Renamed sections, authors and tags: their articles and feeds move to another address.

Articles keep the names that they were saved with; the present names are put in their place when
articles are read or saved, so that a CMS may go on sending the old ones.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import sqlalchemy as sa

from feeds.errors import MoveError
from feeds.model import FOLDERS, LATEST, Term
from feeds.store.changes import touch
from feeds.store.database import Part
from feeds.store.listings import terms_of
from feeds.store.schema import (
    IS_PUBLISHED,
    documents,
    has_term,
    listings,
    moves,
    rankings,
    terms,
    tombstones,
)
from feeds.store.terms import Name, claim, find

_KINDS = {"sections": "section", "tags": "tag"}


@dataclass(frozen=True, slots=True)
class Moved:
    """Present terms by those that were renamed, and present names by the kind and key of a name."""

    terms: Mapping[Term, Term]
    names: Mapping[tuple[str, str], str]

    def term(self, term: Term) -> Term:
        """Give the present term."""
        return self.terms.get(term, term)

    def renamed(self, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        """Give fields of an article with the present names of its sections, tags and authors."""
        if not self.names:
            return fields
        found = dict(fields)
        for field in _KINDS.keys() & fields.keys():
            names = (Name(_KINDS[field], name) for name in fields[field] or ())
            found[field] = tuple(dict.fromkeys(map(self._name, names)))
        if "authors" in fields:
            found["authors"] = tuple(
                dict.fromkeys(
                    replace(author, name=self._name(Name("author", author.name, author.id)))
                    for author in fields["authors"] or ()
                )
            )
        return found

    def _name(self, name: Name) -> str:
        return self.names.get((name.kind, name.key), name.name)


def moved(connection: sa.Connection) -> Moved:
    """Read what was moved."""
    same = sa.and_(terms.c.kind == moves.c.kind, terms.c.slug == moves.c.slug)
    # Outer, or else SQLite goes through all terms, which are many, and looks for their moves.
    query = sa.select(moves, terms.c.key).outerjoin_from(moves, terms, same)
    rows = connection.execute(query).all()
    return Moved(
        {Term(row.kind, row.slug): Term(row.kind, row.target) for row in rows},
        {(row.kind, row.key): row.name for row in rows},
    )


class Moves(Part):
    """The moves of terms; each leads to the present term, however often that was renamed."""

    def paths(self) -> dict[str, str]:
        """Give the present path below `/feeds/` of each moved term, by the old one."""
        return {
            Term(row.kind, row.slug).path: Term(row.kind, row.target).path
            for row in self._database.rows(sa.select(moves))
        }

    def is_moved(self, term: Term) -> bool:
        """Say whether a term was moved, so that it has no feeds any more."""
        query = sa.select(moves.c.slug).where(has_term(moves, term), moves.c.kind.in_(FOLDERS))
        return self._database.scalar(query) is not None

    def brings_feeds(self, term: Term) -> bool:
        """Say whether a term with feeds became this one, to which their subscribers are led."""
        before = moves.c.kind == term.kind, moves.c.target == term.slug
        published = sa.select(documents.c.path).where(
            documents.c.kind == term.kind,
            documents.c.slug.in_(sa.select(moves.c.slug).where(*before)),
            documents.c.version.isnot(None),
        )
        return self._database.scalar(published.limit(1)) is not None

    def first_slug(self, term: Term) -> str:
        """Give the slug in the ids of a term's feeds: a renamed feed keeps its id (RFC 4287)."""
        with self._database.querying() as connection:
            return _first_slug(connection, term)

    def move(self, old: Term, new: Term, name: str) -> int:
        """Move a term's articles and feeds to another term of its kind; return how many articles.

        `name` is what the new term is called from now on. If the new term has feeds, they keep
        their ids; else they take over those of the old one. The documents of the old term stay
        until the new ones are out. Raises MoveError, StoreError.
        """
        with self._database.writing() as connection:
            _refuse(connection, old, new, name)
            first = _first_slug(connection, new if _has_feeds(connection, new) else old)
            connection.execute(sa.delete(moves).where(has_term(moves, new)))
            of_both = moves.c.kind == new.kind, moves.c.target.in_([old.slug, new.slug])
            present = {"target": new.slug, "first": first, "name": name}
            connection.execute(sa.update(moves).where(*of_both).values(present))
            connection.execute(sa.insert(moves).values(asdict(old) | present))
            claim(connection, new, name)
            # The other terms of its articles have feeds that show its name.
            of_old = sa.select(listings.c.article_id).where(has_term(listings, old))
            beside = terms_of(connection, listings, listings.c.article_id.in_(of_old)) - {old}
            number = _hand_over(connection, listings, old, new, name=name)
            _hand_over(connection, tombstones, old, new)
            connection.execute(sa.delete(rankings).where(has_term(rankings, old)))
            # In this order the latest comes first: the new feeds are out before the old ones go.
            for some in (beside, [old], [new, LATEST]):
                touch(connection, some)
        return number


def _refuse(connection: sa.Connection, old: Term, new: Term, name: str) -> None:
    """Raise MoveError if a term cannot be moved to another."""
    known = moved(connection)
    if old.kind != new.kind or old == new:
        raise MoveError(
            f"{old.path} cannot become {new.path}; name two different {FOLDERS[old.kind]}"
        )
    if (present := known.term(old)) != old:
        raise MoveError(f"{old.path} was moved to {present.path} before; move that")
    if (present := known.term(new)) not in (old, new):
        raise MoveError(f"{new.path} was moved to {present.path}; write that in its place")
    if connection.scalar(sa.select(terms.c.key).where(has_term(terms, old)).limit(1)) is None:
        raise MoveError(f"no article ever had {old.path}; `feeds list` shows the feeds there are")
    owner = find(connection, Name(new.kind, name))
    if owner and known.term(owner) not in (old, new):
        raise MoveError(f'"{name}" is the name of {known.term(owner).path}; give another --name')


def _first_slug(connection: sa.Connection, term: Term) -> str:
    to_term = moves.c.kind == term.kind, moves.c.target == term.slug
    return connection.scalar(sa.select(moves.c.first).where(*to_term).limit(1)) or term.slug


def _has_feeds(connection: sa.Connection, term: Term) -> bool:
    published = has_term(documents, term), IS_PUBLISHED
    return connection.scalar(sa.select(documents.c.path).where(*published).limit(1)) is not None


def _hand_over(
    connection: sa.Connection, table: sa.Table, old: Term, new: Term, **named: str
) -> int:
    """Put the articles of one term in a table under another; return how many."""
    of_old = has_term(table, old)
    there = sa.select(table.c.article_id).where(has_term(table, new))
    both = connection.execute(sa.delete(table).where(of_old, table.c.article_id.in_(there)))
    move = sa.update(table).where(of_old).values(slug=new.slug, **named)
    return both.rowcount + connection.execute(move).rowcount
