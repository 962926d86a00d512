"""The paper's own site beside its feeds: what each page, sitemap and list of feeds says.

The writers make documents of it, and the gate compares the documents with it.
"""

from dataclasses import dataclass
from datetime import datetime

from feeds.model import Entry, Link


@dataclass(frozen=True, slots=True)
class WebPage:
    """What a page says of itself and of its articles (schema.org's WebPage).

    `url` is its canonical address and `title` the text of its `<title>`. `alternates` are the feeds
    that it names, in every format. It shows the `entries` in their order. `asides`, such as the
    most read, may be there in any order; no element within an `<aside>` counts as an entry. An
    `article` is shown whole, with its content.
    """

    url: str
    title: str
    description: str
    language: str
    alternates: tuple[Link, ...] = ()
    entries: tuple[Entry, ...] = ()
    asides: tuple[Entry, ...] = ()
    article: Entry | None = None


@dataclass(frozen=True, slots=True)
class News:
    """An article for Google News; `language` is an ISO 639 code, or zh-cn or zh-tw."""

    publication: str
    language: str
    published: datetime
    title: str


@dataclass(frozen=True, slots=True)
class Location:
    """An address for search engines (sitemaps.org), and when it last changed."""

    url: str
    modified: datetime
    news: News | None = None


@dataclass(frozen=True, slots=True)
class Outline:
    """A feed in a list of feeds (OPML); `html_url` is its page for people.

    The outlines of a `group` are listed below its name, at the place of the first of them. Those
    of the empty group are listed by themselves.
    """

    text: str
    xml_url: str
    html_url: str
    language: str | None = None
    group: str = ""
