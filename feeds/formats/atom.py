"""Atom 1.0 (RFC 4287), with comment counts (RFC 4685) and tombstones (RFC 6721)."""

from collections.abc import Sequence

from lxml.etree import _Element

from feeds.formats.xml import add, add_common, add_list, enclosures, new_feed, own_language
from feeds.model import Channel, Entry
from feeds.text import iri

MEDIA_TYPE = "application/atom+xml"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def render(channel: Channel, entries: Sequence[Entry]) -> bytes:
    """Render Atom 1.0.

    The feed's author is the paper: an entry without authors needs one there (RFC 4287, 4.1.1), and
    an entry with authors does not inherit it (4.2.1). The paper is not repeated in an entry without
    authors: clients that follow the rule would show the same, and the others a byline that the
    article does not have.
    """
    extras = (_add_to_feed, _add_to_entry)
    prefixes = ("thr", "at") if channel.tombstones else ("thr",)
    feed = new_feed(channel, entries, MEDIA_TYPE, prefixes=prefixes, extras=extras)
    feed.author(name=channel.author)
    for link in channel.links:
        feed.link(href=link.href, rel=link.rel, type=link.type, title=link.title)
    for item, entry in zip(feed.entry(), entries, strict=True):
        item.id(iri(entry.id))
        item.author([{"name": a.name, "email": a.email, "uri": a.url} for a in entry.authors])
        item.summary(entry.summary, type="text")
        if entry.content is not None:
            item.content(entry.content, type="html")
    document: bytes = feed.atom_str(pretty=True)
    return document


def _add_to_feed(channel: Channel, element: _Element) -> None:
    add_list(channel, element)
    for each in channel.tombstones:
        add(element, "at:deleted-entry", ref=iri(each.id), when=each.when.isoformat())


def _add_to_entry(channel: Channel, entry: Entry, element: _Element) -> None:
    """Restore the attributes of the entry's link that feedgen drops; add the other elements."""
    if language := own_language(channel, entry):
        element.set(_LANG, language)
    for link in element.iterfind("link"):
        link.set("rel", "alternate")
        link.set("type", "text/html")
    for each in enclosures(entry):
        add(
            element,
            "link",
            href=each.url,
            rel="enclosure",
            type=each.type,
            length=each.length,
            title=each.title,
        )
    if entry.comments is not None:
        add(element, "thr:total", str(entry.comments))
    add_common(entry, element)
