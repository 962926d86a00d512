"""What RSS and Atom have in common: feedgen's part of a document, and the extension elements.

Traps of feedgen that this module keeps the formats out of: entries are prepended unless told
otherwise; the last `link()` of a feed is its RSS `<link>`; dates default to the present; links of
an Atom entry lose everything but `href`, so enclosures never go through feedgen.
"""

from collections.abc import Sequence
from typing import Any

from feedgen.ext.base import BaseEntryExtension, BaseExtension
from feedgen.feed import FeedGenerator
from lxml.etree import SubElement, _Element

from feeds.model import Channel, Entry, Image

ATOM = "http://www.w3.org/2005/Atom"
CF = "http://www.microsoft.com/schemas/rss/core/2005"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
DCTERMS = "http://purl.org/dc/terms/"
MEDIA = "http://search.yahoo.com/mrss/"
RANK = "http://purl.org/atompub/rank/1.0"


class FeedExtension(BaseExtension):  # type: ignore[misc]  # feedgen carries no types
    """Elements that a format adds to a feed; feedgen makes it, `new_feed` fills it."""

    channel: Channel

    def extend_ns(self) -> dict[str, str]:
        """Prefixes declared on the root; the list's ones only where there is a list."""
        lists = {"cf": CF, "re": RANK} if self.channel.ranked else {}
        return {"dcterms": DCTERMS, "media": MEDIA} | lists


class EntryExtension(BaseEntryExtension):  # type: ignore[misc]  # feedgen carries no types
    """Elements that a format adds to an entry; feedgen makes it, `new_feed` fills it."""

    channel: Channel
    entry: Entry

    def extend(self, parent: _Element) -> None:
        """Write what reads the same in RSS and Atom."""
        if self.entry.subtitle is not None:
            add(parent, DCTERMS, "alternative", self.entry.subtitle)
        if self.entry.image is not None:
            _add_media(parent, self.entry.image)
        if self.entry.rank is not None:
            # Without its optional scheme: feedparser drops the text where there are attributes.
            add(parent, RANK, "rank", str(self.entry.rank))


def new_feed(
    channel: Channel,
    entries: Sequence[Entry],
    media_type: str,
    extensions: tuple[type[FeedExtension], type[EntryExtension]],
) -> Any:
    """A `FeedGenerator` of everything that feedgen writes alike in RSS and Atom."""
    feed = FeedGenerator()
    feed.register_extension("extras", *extensions)
    feed.extras.channel = channel
    feed.id(channel.id)
    feed.title(channel.title)
    feed.subtitle(channel.description)
    feed.language(channel.language)
    feed.updated(channel.updated)
    feed.generator("feeds")
    feed.icon(channel.icon)
    feed.logo(channel.logo)
    feed.link(href=channel.self_url, rel="self", type=media_type)
    feed.link(href=channel.link, rel="alternate", type="text/html")
    for entry in entries:
        _add_entry(feed, channel, entry)
    return feed


def add(parent: _Element, namespace: str, name: str, text: str) -> _Element:
    """Append an element with a text to `parent`."""
    element = SubElement(parent, f"{{{namespace}}}{name}")
    element.text = text
    return element


def set_known(element: _Element, attributes: dict[str, str | int | None]) -> None:
    """Set the attributes that have a value, in the order given."""
    for name, value in attributes.items():
        if value is not None:
            element.set(name, str(value))


def add_list(parent: _Element) -> None:
    """Say that the order of the entries is a rank (Simple List Extensions 1.0a)."""
    add(parent, CF, "treatAs", "list")
    info = SubElement(parent, f"{{{CF}}}listinfo")
    sort = SubElement(info, f"{{{CF}}}sort")
    set_known(
        sort,
        {"ns": RANK, "element": "rank", "label": "Rank", "data-type": "number", "default": "true"},
    )


def own_language(channel: Channel, entry: Entry) -> str | None:
    """The entry's language where it is not already the feed's."""
    return entry.language if entry.language != channel.language else None


def _add_entry(feed: Any, channel: Channel, entry: Entry) -> None:
    item = feed.add_entry(order="append")
    item.extras.channel, item.extras.entry = channel, entry
    item.id(entry.id)
    item.title(entry.title)
    item.link(href=entry.link)
    item.published(entry.published)
    item.updated(entry.updated)
    item.category([{"term": c.term, "scheme": c.scheme, "label": c.term} for c in entry.categories])


def _add_media(parent: _Element, image: Image) -> None:
    """Write the picture as Media RSS 1.5.1 has it.

    Its alternative text is a `media:title`: feedparser takes a `media:description` for the
    entry's own content wherever the entry has none.
    """
    media = SubElement(parent, f"{{{MEDIA}}}content", {"url": image.url, "medium": "image"})
    set_known(
        media,
        {
            "type": image.type,
            "fileSize": image.length,
            "width": image.width,
            "height": image.height,
        },
    )
    if image.alt is not None:
        add(media, MEDIA, "title", image.alt).set("type", "plain")
    if image.credit is not None:
        add(media, MEDIA, "credit", image.credit)
