"""RSS 2.0, as the RSS Advisory Board's Best Practices Profile reads it."""

from collections.abc import Sequence
from html import escape

from feedgen.ext.dc import DcEntryExtension, DcExtension
from lxml.etree import SubElement, _Element

from feeds.formats.extensions import (
    ATOM,
    CONTENT,
    EntryExtension,
    FeedExtension,
    add,
    add_list,
    new_feed,
    own_language,
    set_known,
)
from feeds.model import Channel, Entry, Image

MEDIA_TYPE = "application/rss+xml"
_SLASH = "http://purl.org/rss/1.0/modules/slash/"


def render(channel: Channel, entries: Sequence[Entry]) -> bytes:
    """Render RSS 2.0; a guid is never a permalink, because ids outlive URLs.

    Authors are `dc:creator`, names only: the `author` element is for e-mail addresses. A
    description is HTML to every reader, so the plain summary is escaped as HTML, and
    `<기생충>` in it stays a film instead of an unknown tag. An enclosure needs a media type; a
    picture of unknown type is in `media:content` only. The channel has one image: the logo, or
    else the icon.
    """
    feed = new_feed(channel, entries, MEDIA_TYPE, (_RssFeed, _RssItem))
    feed.image(channel.logo or channel.icon)
    feed.register_extension("dc", DcExtension, DcEntryExtension)
    for item, entry in zip(feed.entry(), entries, strict=True):
        item.dc.dc_creator([author.name for author in entry.authors])
        item.dc.dc_language(own_language(channel, entry))
    document: bytes = feed.rss_str(pretty=True)
    return document


class _RssFeed(FeedExtension):
    def extend_ns(self) -> dict[str, str]:
        return super().extend_ns() | {"slash": _SLASH}

    def extend_rss(self, rss: _Element) -> None:
        """Write the links that feedgen keeps for Atom: it only writes rel=self here."""
        channel = rss[0]
        for link in self.channel.links:
            element = SubElement(channel, f"{{{ATOM}}}link", {"href": link.href, "rel": link.rel})
            set_known(element, {"type": link.type, "title": link.title})
        if self.channel.ranked:
            add_list(channel)


class _RssItem(EntryExtension):
    def extend_rss(self, item: _Element) -> None:
        """Write description before content:encoded, empty or not.

        feedgen would write the content as the description of an entry with an empty summary.
        """
        entry = self.entry
        SubElement(item, "description").text = escape(entry.summary, quote=False)
        if entry.content is not None:
            add(item, CONTENT, "encoded", entry.content)
        add(item, ATOM, "updated", entry.updated.isoformat())
        if entry.comments is not None:
            add(item, _SLASH, "comments", str(entry.comments))
        if entry.image is not None:
            _add_enclosure(item, entry.image)
        self.extend(item)


def _add_enclosure(item: _Element, image: Image) -> None:
    """Write an enclosure; "0" is the profile's length of a file whose size is not known."""
    if image.type is not None:
        attributes = {"url": image.url, "length": str(image.length or 0), "type": image.type}
        SubElement(item, "enclosure", attributes)
