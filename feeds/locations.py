"""Addresses as search engines are told of them: sitemaps.org, and Google's news sitemaps."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class News:
    """An article for Google News; `language` is an ISO 639 code, or zh-cn or zh-tw."""

    publication: str
    language: str
    published: datetime
    title: str


@dataclass(frozen=True, slots=True)
class Location:
    """An address, and when it last changed."""

    url: str
    modified: datetime
    news: News | None = None
