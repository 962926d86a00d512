"""Compare what a document says with the channel and the entries it was made from."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import takewhile

from feeds.model import Channel, Difference, Entry
from feeds.verify.jsonfeed import read_json
from feeds.verify.reading import (
    ATOM_CHANNEL,
    ATOM_ENTRY,
    RSS_CHANNEL,
    RSS_ENTRY,
    Fields,
    Reading,
    Unreadable,
    read_xml,
)

_READERS: Mapping[str, Callable[[bytes], Reading]] = {
    "rss": lambda body: read_xml(body, "application/rss+xml", RSS_CHANNEL, RSS_ENTRY),
    "atom": lambda body: read_xml(body, "application/atom+xml", ATOM_CHANNEL, ATOM_ENTRY),
    "json": read_json,
}

_CHANNEL: Mapping[str, Callable[[Channel], object]] = {
    "id": lambda channel: channel.id,
    "title": lambda channel: channel.title,
    "description": lambda channel: channel.description,
    "link": lambda channel: channel.link,
    "feed_url": lambda channel: channel.self_url,
    "language": lambda channel: channel.language,
    "updated": lambda channel: channel.updated,
    "author": lambda channel: (channel.author,),
    "icon": lambda channel: channel.icon,
    "logo": lambda channel: channel.logo,
    "image": lambda channel: channel.logo or channel.icon,
    "about": lambda channel: frozenset([channel.about]),
    "ranked": lambda channel: channel.ranked,
    "links": lambda channel: frozenset(
        [("alternate", channel.link), ("self", channel.self_url)]
        + [(link.rel, link.href) for link in channel.links]
    ),
    "hubs": lambda channel: tuple(link.href for link in channel.links if link.rel == "hub"),
    "next_url": lambda channel: next((ln.href for ln in channel.links if ln.rel == "next"), None),
}

_ENTRY: Mapping[str, Callable[[Entry, Channel], object]] = {
    "id": lambda entry, _: entry.id,
    "link": lambda entry, _: entry.link,
    "title": lambda entry, _: entry.title,
    "published": lambda entry, _: entry.published,
    "updated": lambda entry, _: entry.updated,
    "summary": lambda entry, _: entry.summary,
    "subtitle": lambda entry, _: entry.subtitle,
    "content": lambda entry, _: entry.content,
    "content_text": lambda entry, _: entry.summary if entry.content is None else None,
    "authors": lambda entry, _: tuple(author.name for author in entry.authors),
    "bylines": lambda entry, _: tuple((a.name, a.url) for a in entry.authors),
    "emails": lambda entry, _: tuple(author.email for author in entry.authors),
    "categories": lambda entry, _: tuple((c.term, c.scheme) for c in entry.categories),
    "tags": lambda entry, _: tuple(dict.fromkeys(c.term for c in entry.categories)),
    "enclosure": lambda entry, _: _enclosure(entry),
    "image": lambda entry, _: _image(entry),
    "image alt": lambda entry, _: entry.image.alt if entry.image else None,
    "image credit": lambda entry, _: entry.image.credit if entry.image else None,
    "comments": lambda entry, _: entry.comments,
    "rank": lambda entry, _: entry.rank,
    "language": lambda entry, channel: (
        entry.language if entry.language != channel.language else None
    ),
    "entry language": lambda entry, channel: entry.language or channel.language,
}


def verify(
    name: str, body: bytes, channel: Channel, entries: Sequence[Entry]
) -> tuple[Difference, ...]:
    """List every difference between a document and its sources; none means it may be published.

    `name` is a key of `feeds.formats.FORMATS`. A document that cannot be read at all is one
    difference of the whole.
    """
    try:
        reading = _READERS[name](body)
    except Unreadable as error:
        return (Difference("document", "a document that every reader accepts", str(error)),)
    return (*_channel(reading, channel), *_entries(reading, channel, entries))


def _channel(reading: Reading, channel: Channel) -> Iterator[Difference]:
    for field, found in reading.channel.items():
        expected = _CHANNEL[field](channel)
        if not (expected == found or (reading.by_feedparser and _misread(expected, found))):
            yield Difference(f"channel {field}", *_contrast(expected, found))


def _entries(reading: Reading, channel: Channel, entries: Sequence[Entry]) -> Iterator[Difference]:
    found = {fields["id"]: fields for fields in reading.entries}
    for entry in entries:
        if entry.id in found:
            yield from _entry(found[entry.id], entry, channel, by_feedparser=reading.by_feedparser)
        else:
            yield Difference("entry", entry.id, "no such entry", entry.article_id)
    if not any(entry.id not in found for entry in entries):
        expected = [entry.id for entry in entries]
        order = [fields["id"] for fields in reading.entries]
        if order != expected:
            yield Difference("order of entries", *_contrast(expected, order))


def _entry(
    fields: Fields, entry: Entry, channel: Channel, *, by_feedparser: bool
) -> Iterator[Difference]:
    for field, found in fields.items():
        expected = _ENTRY[field](entry, channel)
        if expected == found:
            continue
        if not (by_feedparser and _misread(expected, found, is_link=field == "link")):
            yield Difference(field, *_contrast(expected, found), entry.article_id)


def _image(entry: Entry) -> tuple[object, ...] | None:
    image = entry.image
    if image is None:
        return None
    return (image.url, image.type, image.length, image.width, image.height)


def _enclosure(entry: Entry) -> tuple[object, ...] | None:
    image = entry.image
    return (image.url, image.type, image.length) if image and image.type else None


def _misread(expected: object, found: object, *, is_link: bool = False) -> bool:
    """Say whether a value is the expected one as feedparser makes it of a sound document."""
    if isinstance(expected, tuple) and isinstance(found, tuple):
        same = (e == f or _misread(e, f) for e, f in zip(expected, found, strict=False))
        return len(expected) == len(found) and all(same)
    if isinstance(expected, str) and isinstance(found, str):
        return found in (_taken_for_latin1(expected), is_link and _without_entity_ends(expected))
    return False


def _taken_for_latin1(text: str) -> str:
    """Read a text as feedparser does, which holds `Ã©` for a twice encoded `é`."""
    try:
        return text.encode("iso-8859-1").decode()
    except UnicodeError:
        return text


def _without_entity_ends(url: str) -> str:
    """Read a URL as feedparser does, which takes `&b;` for a broken entity and drops its `;`."""
    return re.sub(r"&([A-Za-z0-9_]+);", r"&\1", url)


def _contrast(expected: object, found: object) -> tuple[str, str]:
    """Show two values from a little before the place where they part."""
    left, right = str(expected), str(found)
    alike = sum(
        1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(left, right, strict=False))
    )
    start = max(0, alike - 20)
    cut = slice(start, start + 120)
    mark = "…" if start else ""
    return mark + left[cut], mark + right[cut]
