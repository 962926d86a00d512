"""RSS 2.0, as the Best Practices Profile of the RSS Advisory Board recommends it."""

from collections.abc import Sequence
from html import escape
from itertools import islice

from lxml.etree import _Element

from feeds.formats.xml import add, add_common, add_list, enclosures, new_feed, own_language
from feeds.model import Channel, Entry

MEDIA_TYPE = "application/rss+xml"


def render(channel: Channel, entries: Sequence[Entry]) -> bytes:
    """Render RSS 2.0; a guid is never a permalink, because ids outlive URLs.

    Authors are `dc:creator`, names only: the `author` element is for e-mail addresses. The
    channel has one image: the logo, or else the icon.
    """
    extras = (_add_to_channel, _add_to_item)
    feed = new_feed(channel, entries, MEDIA_TYPE, prefixes=("slash", "dc"), extras=extras)
    feed.image(channel.logo or channel.icon)
    document: bytes = feed.rss_str(pretty=True)
    return document


def _add_to_channel(channel: Channel, element: _Element) -> None:
    """Add the links: in RSS, feedgen writes only rel=self."""
    for link in channel.links:
        add(element, "atom:link", href=link.href, rel=link.rel, type=link.type, title=link.title)
    add_list(channel, element)


def _add_to_item(channel: Channel, entry: Entry, item: _Element) -> None:
    """Add the description before content:encoded, even an empty one, and the other elements.

    feedgen would write the content as the description of an entry with an empty summary. Every
    reader takes a description for HTML, so the plain summary is escaped, and `<기생충>` in it stays
    a film instead of an unknown tag. There is one enclosure, since readers take one; the profile
    writes "0" for an unknown length.
    """
    add(item, "description", escape(entry.summary, quote=False))
    if entry.content is not None:
        add(item, "content:encoded", entry.content)
    add(item, "atom:updated", entry.updated.isoformat())
    if entry.comments is not None:
        add(item, "slash:comments", str(entry.comments))
    for each in islice(enclosures(entry), 1):
        add(item, "enclosure", url=each.url, length=each.length or 0, type=each.type)
    add_common(entry, item)
    for author in entry.authors:
        add(item, "dc:creator", author.name)
    if language := own_language(channel, entry):
        add(item, "dc:language", language)
