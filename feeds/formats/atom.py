"""Atom 1.0 (RFC 4287), with the threading extension's comment count (RFC 4685)."""

from collections.abc import Sequence

from lxml.etree import SubElement, _Element

from feeds.formats.extensions import (
    EntryExtension,
    FeedExtension,
    add,
    add_list,
    new_feed,
    own_language,
    set_known,
)
from feeds.model import Author, Channel, Entry, Image

MEDIA_TYPE = "application/atom+xml"
_THREADING = "http://purl.org/syndication/thread/1.0"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def render(channel: Channel, entries: Sequence[Entry]) -> bytes:
    """Render Atom 1.0.

    The feed's author is the paper: an entry without authors must find one there (RFC 4287, 4.1.1),
    and an entry with authors does not take it over (4.2.1). An entry without authors has none of
    its own: clients that know the rule would show the same, and the others a byline that the
    article does not have.
    """
    feed = new_feed(channel, entries, MEDIA_TYPE, (_AtomFeed, _AtomEntry))
    feed.author(name=channel.author)
    for link in channel.links:
        feed.link(href=link.href, rel=link.rel, type=link.type, title=link.title)
    for item, entry in zip(feed.entry(), entries, strict=True):
        item.author([_person(author) for author in entry.authors])
        item.summary(entry.summary, type="text")
        if entry.content is not None:
            item.content(entry.content, type="html")
    document: bytes = feed.atom_str(pretty=True)
    return document


class _AtomFeed(FeedExtension):
    def extend_ns(self) -> dict[str, str]:
        return super().extend_ns() | {"thr": _THREADING}

    def extend_atom(self, feed: _Element) -> None:
        if self.channel.ranked:
            add_list(feed)


class _AtomEntry(EntryExtension):
    def extend_atom(self, entry: _Element) -> None:
        """Give the entry's link back what feedgen drops, and write the rest."""
        set_known(entry, {_LANG: own_language(self.channel, self.entry)})
        for link in entry.iterfind("link"):
            set_known(link, {"rel": "alternate", "type": "text/html"})
        if self.entry.image is not None:
            _add_enclosure(entry, self.entry.image)
        if self.entry.comments is not None:
            add(entry, _THREADING, "total", str(self.entry.comments))
        self.extend(entry)


def _person(author: Author) -> dict[str, str | None]:
    return {"name": author.name, "email": author.email, "uri": author.url}


def _add_enclosure(entry: _Element, image: Image) -> None:
    """Write a link to the picture; one without a type, readers take for a page."""
    if image.type is not None:
        link = SubElement(entry, "link", {"href": image.url, "rel": "enclosure"})
        set_known(link, {"type": image.type, "length": image.length})
