"""A page for people, as far as the gate compares it with the articles that it shows."""

from dataclasses import dataclass

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
