"""The part of a document that RSS and Atom share: feedgen's, and the elements added to it.

Traps of feedgen that this module keeps the formats out of: entries are prepended unless told
otherwise; the last `link()` of a feed is its RSS `<link>`; dates default to the present; links of
an Atom entry lose everything but `href`, so enclosures never go through feedgen.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from feedgen.ext.base import BaseEntryExtension
from feedgen.feed import FeedGenerator
from lxml.etree import SubElement, _Element

from feeds.model import Attachment, Channel, Entry

_NAMESPACES = {
    "at": "http://purl.org/atompub/tombstones/1.0",
    "atom": "http://www.w3.org/2005/Atom",
    "cf": "http://www.microsoft.com/schemas/rss/core/2005",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "media": "http://search.yahoo.com/mrss/",
    "re": "http://purl.org/atompub/rank/1.0",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "thr": "http://purl.org/syndication/thread/1.0",
}

# Of a media type's first part; everything else is a document.
_MEDIUMS = {"audio": "audio", "image": "image", "video": "video"}

AddToChannel = Callable[[Channel, _Element], None]
AddToEntry = Callable[[Channel, Entry, _Element], None]


class _Extras(BaseEntryExtension):  # type: ignore[misc]  # feedgen carries no types
    """The elements that feedgen has no method for; `add_to` adds them to a channel or an entry."""

    add_to: Callable[[_Element], None]
    prefixes: Sequence[str] = ()

    def extend_ns(self) -> dict[str, str]:
        return {prefix: _NAMESPACES[prefix] for prefix in self.prefixes}

    def extend_atom(self, element: _Element) -> None:
        self.add_to(element)

    def extend_rss(self, element: _Element) -> None:
        self.add_to(element[0] if element.tag == "rss" else element)


def new_feed(
    channel: Channel,
    entries: Sequence[Entry],
    media_type: str,
    *,
    prefixes: Sequence[str],
    extras: tuple[AddToChannel, AddToEntry],
) -> Any:
    """Fill a `FeedGenerator` with everything that feedgen writes alike in RSS and Atom.

    `extras` add the other elements of a format to the channel and to each entry. `prefixes` are
    the prefixes that they use beside those of both formats.
    """
    add_to_channel, add_to_entry = extras
    feed = FeedGenerator()
    feed.register_extension("extras", _Extras, _Extras)
    feed.extras.add_to = partial(add_to_channel, channel)
    lists = ("cf", "re") if channel.ranked else ()
    feed.extras.prefixes = ("dcterms", "media", *lists, *prefixes)
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
        item = feed.add_entry(order="append")
        item.extras.add_to = partial(add_to_entry, channel, entry)
        item.id(entry.id)
        item.title(entry.title)
        item.link(href=entry.link)
        item.published(entry.published)
        item.updated(entry.updated)
        item.category(
            [{"term": c.term, "scheme": c.scheme, "label": c.term} for c in entry.categories]
        )
    return feed


def add(
    parent: _Element, name: str, text: str | None = None, /, **attributes: str | int | None
) -> _Element:
    """Append an element such as `media:title`, with those attributes that are not None."""
    prefix, _, local = name.rpartition(":")
    tag = f"{{{_NAMESPACES[prefix]}}}{local}" if prefix else local
    known = {key: str(value) for key, value in attributes.items() if value is not None}
    element = SubElement(parent, tag, known)
    element.text = text
    return element


def add_list(channel: Channel, element: _Element) -> None:
    """Say that the order of a ranked feed is a rank (Simple List Extensions 1.0a)."""
    if channel.ranked:
        add(element, "cf:treatAs", "list")
        sort = {"ns": _NAMESPACES["re"], "element": "rank", "label": "Rank"}
        typed = {"data-type": "number", "default": "true"}
        add(add(element, "cf:listinfo"), "cf:sort", **sort, **typed)


def add_common(entry: Entry, element: _Element) -> None:
    """Add the elements that are the same in RSS and Atom; pictures as Media RSS 1.5.1 has them.

    The alternative text of a picture is a `media:title`: feedparser takes a `media:description`
    for the entry's own content wherever the entry has none.
    """
    if entry.subtitle is not None:
        add(element, "dcterms:alternative", entry.subtitle)
    if image := entry.image:
        media = add(
            element,
            "media:content",
            url=image.url,
            medium="image",
            type=image.type,
            fileSize=image.length,
            width=image.width,
            height=image.height,
        )
        if image.alt is not None:
            add(media, "media:title", image.alt, type="plain")
        if image.credit is not None:
            add(media, "media:credit", image.credit)
    for each in entry.attachments:
        media = add(
            element,
            "media:content",
            url=each.url,
            medium=_MEDIUMS.get(each.type.partition("/")[0], "document"),
            type=each.type,
            fileSize=each.length,
            duration=each.duration,
        )
        if each.title is not None:
            add(media, "media:title", each.title, type="plain")
    if entry.rank is not None:
        # Without its optional scheme: feedparser drops the text where there are attributes.
        add(element, "re:rank", str(entry.rank))


def enclosures(entry: Entry) -> Iterator[Attachment]:
    """Give the files to download with an entry: its attachments, and then its picture.

    A picture without a media type is none of them: readers would take it for a page.
    """
    yield from entry.attachments
    if (image := entry.image) and image.type is not None:
        yield Attachment(image.url, image.type, image.length)


def own_language(channel: Channel, entry: Entry) -> str | None:
    """The entry's language where it is not already the feed's."""
    return entry.language if entry.language != channel.language else None
