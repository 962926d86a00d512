"""Articles as rows of their table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from feeds.model import Article, Attachment, Author, Correction, Image
from feeds.store.bulk import among
from feeds.store.database import Database
from feeds.store.listings import Row
from feeds.store.moves import Moved, moved
from feeds.store.schema import articles, moment, seconds

_COLUMNS = articles.c.keys()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An article whose row cannot be read, as after a change by hand; and the reason."""

    id: str
    reason: str


Stored = dict[str, Article | Unreadable]
"""Articles by their ids."""


def read_articles(database: Database, connection: sa.Connection, ids: Sequence[str]) -> Stored:
    """Read the articles of some ids, with present names; if one fails, each is read alone."""
    query = sa.select(articles).where(among(articles.c.id, ids))
    names = moved(connection)
    try:
        found = connection.execute(query).mappings()
        return {row["id"]: _article(dict(row), names) for row in found}
    except Exception as fault:
        if not database.is_of_a_row(fault):
            raise
        if len(ids) == 1:
            return {ids[0]: Unreadable(ids[0], f"cannot be read: {fault!r}")}
    each_alone = (read_articles(database, connection, [each]) for each in ids)
    return {key: article for alone in each_alone for key, article in alone.items()}


def row_of(article: Article) -> Row:
    """Give the row of an article."""
    correction = article.correction
    return {
        **{name: getattr(article, name) for name in _COLUMNS},
        "published": seconds(article.published),
        "updated": seconds(article.updated),
        "authors": [_given(author) for author in article.authors],
        "image": article.image and _given(article.image),
        "attachments": [_given(each) for each in article.attachments] or None,
        "correction": correction and {"text": correction.text, "at": seconds(correction.at)},
    }


def _given(one: Author | Image | Attachment) -> Row:
    given = ((name, getattr(one, name)) for name in one.__slots__)
    return {name: value for name, value in given if value is not None}


def _article(row: Mapping[str, Any], names: Moved) -> Article:
    correction = row["correction"]
    fields = {
        **row,
        "published": moment(row["published"]),
        "updated": moment(row["updated"]),
        "authors": tuple(Author(**author) for author in row["authors"]),
        "sections": tuple(row["sections"]),
        "tags": tuple(row["tags"]),
        "image": row["image"] and Image(**row["image"]),
        "attachments": tuple(Attachment(**each) for each in row["attachments"] or ()),
        "correction": correction and Correction(correction["text"], moment(correction["at"])),
    }
    return Article(**names.renamed(fields))
