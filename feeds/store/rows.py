"""Articles as rows, and rows as articles."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from feeds.model import Article, Author, Image
from feeds.text import legal

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An article whose row cannot be read back, as after a change by hand; and the reason."""

    id: str
    reason: str


def mint_guid(article: Article, authority: str) -> str:
    """Make the `tag:` URI of an article (RFC 4151), from the host that first published it."""
    return f"tag:{authority},{article.published:%Y-%m-%d}:{quote(article.id, safe='')}"


def row_of(article: Article, guid: str) -> Row:
    """Give the row of an article, all but its listings."""
    return {
        "id": article.id,
        "guid": guid,
        "title": article.title,
        "published": int(article.published.timestamp()),
        "updated": int(article.updated.timestamp()),
        "url": article.url,
        "subtitle": article.subtitle,
        "summary": article.summary,
        # As the paper stored it, but for what no text column (a NUL, a lone surrogate) can hold.
        "body_html": legal(article.body_html) if article.body_html else article.body_html,
        "body_text": article.body_text,
        "authors": [_given(asdict(author)) for author in article.authors],
        "sections": list(article.sections),
        "tags": list(article.tags),
        "image": _given(asdict(article.image)) if article.image else None,
        "language": article.language,
        "comments": article.comments,
        "views": article.views,
        "status": article.status,
    }


def article_of(row: Mapping[str, Any]) -> Article:
    """Give the article of a row."""
    return Article(
        **{
            **row,
            "published": datetime.fromtimestamp(row["published"], UTC),
            "updated": datetime.fromtimestamp(row["updated"], UTC),
            "authors": tuple(Author(**author) for author in row["authors"]),
            "sections": tuple(row["sections"]),
            "tags": tuple(row["tags"]),
            "image": Image(**row["image"]) if row["image"] else None,
        }
    )


def _given(fields: Row) -> Row:
    return {key: value for key, value in fields.items() if value is not None}
