"""Compare a document with the channel and the entries it was made from."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import takewhile

from feeds.model import Channel, Difference, Entry
from feeds.text import iri
from feeds.verify.jsonfeed import read_json
from feeds.verify.parsing import ParseError
from feeds.verify.reading import Fields, Reading, read_atom, read_rss

READERS: Mapping[str, Callable[[bytes], Reading]] = {
    "rss": read_rss,
    "atom": read_atom,
    "json": read_json,
}


def verify(
    name: str, body: bytes, channel: Channel, entries: Sequence[Entry]
) -> tuple[Difference, ...]:
    """List every difference between a document and its sources; none means it may be published.

    `name` is a key of `feeds.formats.FORMATS`. A document that cannot be read at all is one
    difference.
    """
    try:
        reading = READERS[name](body)
    except ParseError as error:
        return (Difference("document", "a document that every reader accepts", str(error)),)
    if name == "atom":  # the others have the ids as they are
        entries = [replace(entry, id=iri(entry.id)) for entry in entries]
        buried = tuple(replace(each, id=iri(each.id)) for each in channel.tombstones)
        channel = replace(channel, tombstones=buried)
    return (
        *_compared(reading, reading.channel, _expected_channel(channel), prefix="channel "),
        *_entry_differences(reading, channel, entries),
    )


def _entry_differences(
    reading: Reading, channel: Channel, entries: Sequence[Entry]
) -> Iterator[Difference]:
    found = {fields["id"]: fields for fields in reading.entries}
    for entry in entries:
        if entry.id not in found:
            yield Difference("entry", entry.id, "no such entry", entry.article_id)
            continue
        expected = _expected_entry(entry, channel)
        for difference in _compared(reading, found[entry.id], expected):
            yield replace(difference, article_id=entry.article_id)
    order, expected_order = [fields["id"] for fields in reading.entries], [e.id for e in entries]
    if order != expected_order and found.keys() >= set(expected_order):
        yield Difference("order of entries", *_contrast(expected_order, order))


def _compared(
    reading: Reading, fields: Fields, expected: Fields, prefix: str = ""
) -> Iterator[Difference]:
    """Compare the fields that a format carries, except where feedparser itself misreads them."""
    for name, found in fields.items():
        is_equal = expected[name] == found or (
            reading.by_feedparser and _misread(expected[name], found, is_link=name == "link")
        )
        if not is_equal:
            yield Difference(prefix + name, *_contrast(expected[name], found))


def _expected_channel(channel: Channel) -> Fields:
    links = [(link.rel, link.href) for link in channel.links]
    return {
        "id": channel.id,
        "title": channel.title,
        "description": channel.description,
        "link": channel.link,
        "feed_url": channel.self_url,
        "language": channel.language,
        "updated": channel.updated,
        "author": (channel.author,),
        "icon": channel.icon,
        "logo": channel.logo,
        "image": channel.logo or channel.icon,
        "about": frozenset([channel.about]),
        "tombstones": tuple((each.id, each.when) for each in channel.tombstones),
        "ranked": channel.ranked,
        "links": frozenset([("alternate", channel.link), ("self", channel.self_url), *links]),
        "hubs": tuple(href for rel, href in links if rel == "hub"),
        "next_url": next((href for rel, href in links if rel == "next"), None),
    }


def _expected_entry(entry: Entry, channel: Channel) -> Fields:
    image, authors, categories = entry.image, entry.authors, entry.categories
    return {
        "id": entry.id,
        "link": entry.link,
        "title": entry.title,
        "published": entry.published,
        "updated": entry.updated,
        "summary": entry.summary,
        "subtitle": entry.subtitle,
        "content": entry.content,
        "content_text": entry.summary if entry.content is None else None,
        "authors": tuple(author.name for author in authors),
        "bylines": tuple((author.name, author.url) for author in authors),
        "emails": tuple(author.email for author in authors),
        "categories": tuple((category.term, category.scheme) for category in categories),
        "tags": tuple(dict.fromkeys(category.term for category in categories)),
        **_expected_files(entry),
        "image": image and (image.url, image.type, image.length, image.width, image.height),
        "image alt": image and image.alt,
        "image credit": image and image.credit,
        "comments": entry.comments,
        "rank": entry.rank,
        "language": entry.language if entry.language != channel.language else None,
        "entry language": entry.language or channel.language,
    }


def _expected_files(entry: Entry) -> Fields:
    """Give the attachments, and the picture, which is an attachment too if it has a type."""
    files, image = entry.attachments, entry.image
    pictures = [image] if image and image.type else []
    linked = (
        *((each.url, each.type, each.length, each.title) for each in files),
        *((each.url, each.type, each.length, None) for each in pictures),
    )
    return {
        "attachments": (
            *((each.url, each.type, each.length, each.title, each.duration) for each in files),
            *((each.url, each.type, each.length, each.alt, None) for each in pictures),
        ),
        "enclosures": linked,
        "enclosure": tuple(each[:3] for each in linked[:1]),
        "media titles": (*(i.alt for i in [image] if i), *(file.title for file in files)),
        "media": (
            *((i.url, "image", i.type, i.length, i.width, i.height, None) for i in [image] if i),
            *((f.url, _medium(f.type), f.type, f.length, None, None, f.duration) for f in files),
        ),
    }


def _medium(media_type: str) -> str:
    kind = media_type.partition("/")[0]
    return kind if kind in ("audio", "image", "video") else "document"


def _misread(expected: object, found: object, *, is_link: bool = False) -> bool:
    """Say whether feedparser reads the expected value as the found one in a sound document."""
    if isinstance(expected, tuple) and isinstance(found, tuple):
        same = (e == f or _misread(e, f) for e, f in zip(expected, found, strict=False))
        return len(expected) == len(found) and all(same)
    if isinstance(expected, str) and isinstance(found, str):
        return found in (_taken_for_latin1(expected), is_link and _without_entity_ends(expected))
    return False


def _taken_for_latin1(text: str) -> str:
    """Read a text as feedparser does, which takes `Ã©` for a twice encoded `é`."""
    try:
        return text.encode("iso-8859-1").decode()
    except UnicodeError:
        return text


def _without_entity_ends(url: str) -> str:
    """Read a URL as feedparser does, which takes `&b;` for a broken entity and drops its `;`."""
    return re.sub(r"&([A-Za-z0-9_]+);", r"&\1", url)


def _contrast(expected: object, found: object) -> tuple[str, str]:
    """Cut two values to the place of their first difference."""
    left, right = str(expected), str(found)
    pairs = zip(left, right, strict=False)
    alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    start = max(0, alike - 20)
    cut = slice(start, start + 120)
    mark = "…" if start else ""
    return mark + left[cut], mark + right[cut]
