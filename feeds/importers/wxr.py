"""WXR: the file that WordPress exports, versions 1.0 to 1.2.

An item is found by its tags and parsed alone, so that one that is not well-formed, as in old
exports, costs no other. The file is read twice, since a post may come before its picture.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, BinaryIO, NamedTuple

from lxml import etree

from feeds.importers.sources import Accepted, Item, Rejected, Source, seekable
from feeds.importers.wordpress import read_post
from feeds.importers.wpcontent import content_html
from feeds.text import legal, legal_references

LARGEST_ITEM = 64 * 2**20

_CHUNK = 2**20
_START = re.compile(rb"<(item|wp:author)\b[^<>]*>")
# More than the end of a chunk can have of a start tag, or of the file below its last item.
_TAIL = 1000
_ROOT = '<rss xmlns:content="content" xmlns:dc="dc" xmlns:excerpt="excerpt" xmlns:wp="wp">{}</rss>'
_NAMES = {"{content}encoded": "content", "{excerpt}encoded": "excerpt"}
_NO_COMMENTS = ("pingback", "trackback", "note")
_NO_PICTURE = "image: the export lacks its media file; export all content, not only posts"


class _Record(NamedTuple):
    """An item or an author of the file, and the line that it begins in."""

    name: str
    line: int
    xml: bytes


def read_wxr(stream: BinaryIO, source: Source) -> Iterator[Item]:
    """Read the posts; a record that is no public post, such as a page or a draft, is left out."""
    with seekable(stream) as file:
        site = _Site(_records(file))
        file.seek(0)
        for record in _records(file):
            if isinstance(record, Rejected):
                yield record
            elif record.name == "item":
                yield _read_post(record, site, source)


def _records(stream: BinaryIO) -> Iterator[_Record | Rejected]:
    line, rest = 1, b""
    while chunk := stream.read(_CHUNK):
        rest, done = rest + chunk, 0
        while start := _START.search(rest, done):
            line += rest.count(b"\n", done, start.start())
            done, end_tag = start.start(), b"</%b>" % start[1]
            end = rest.find(end_tag, start.end())
            if end < 0:
                break
            inner = _START.search(rest, start.end(), end)
            if inner and _is_outside_text(rest[start.end() : inner.start()]):
                yield Rejected(line, f"the item does not end in {end_tag.decode()}")
                end = inner.start()
            else:
                yield _Record(start[1].decode(), line, rest[done:end] + end_tag)
            line += rest.count(b"\n", done, end)
            done = end
        if start and len(rest) - done > LARGEST_ITEM:
            yield Rejected(line, "the item is longer than 64 MiB; an article is far shorter")
            start, done = None, len(rest)
        kept = done if start else max(done, len(rest) - _TAIL)
        line += rest.count(b"\n", done, kept)
        rest = rest[kept:]
    if b"</rss>" not in rest:
        yield Rejected(line, "the file is incomplete: it does not end in </rss>; export it again")


def _is_outside_text(before: bytes) -> bool:
    """Say whether a tag after these bytes is one, and no part of a text in a CDATA section."""
    return before.rfind(b"<![CDATA[") <= before.rfind(b"]]>")


class _Site:
    """The authors and pictures that posts refer to; `pictures` are as in the REST API, by id."""

    def __init__(self, records: Iterator[_Record | Rejected]) -> None:
        self._authors: dict[str, Mapping[str, str]] = {}
        self.pictures: dict[str | None, Mapping[str, str | None]] = {}
        for record in records:
            if isinstance(record, _Record):
                self._add(record)

    def author(self, *logins: str) -> Mapping[str, str]:
        """Give the author by the first login that is known; else the last is the name."""
        known = (self._authors[login] for login in logins if login in self._authors)
        return next(known, {"name": logins[-1]})

    def _add(self, record: _Record) -> None:
        if record.name == "wp:author":
            texts = _texts(_parsed(record))
            login, name = texts.get("author_login", ""), texts.get("author_display_name")
            self._authors[login] = {"name": name or login, "id": texts.get("author_id", "")}
        elif b"<wp:attachment_url>" in record.xml:
            item = _parsed(record)
            texts = _texts(item)
            alt = _meta(item).get("_wp_attachment_image_alt") or texts.get("excerpt")
            picture = {"source_url": texts.get("attachment_url"), "alt_text": alt}
            self.pictures[texts.get("id")] = picture
        elif b"guest-author" in record.xml:
            # Of the plugin Co-Authors Plus: an author who is no user.
            texts = _texts(_parsed(record))
            self._authors[texts.get("name", "")] = {"name": texts.get("title", "")}


def _read_post(record: _Record, site: _Site, source: Source) -> Item:
    post = _post(_parsed(record), site)
    item = read_post(post, source, record.line)
    if isinstance(item, Accepted) and None in post["_embedded"]["wp:featuredmedia"]:
        return replace(item, notes=(*item.notes, _NO_PICTURE))
    return item or Rejected(record.line, "wp:post_id: is missing")


def _post(item: etree._Element, site: _Site) -> dict[str, Any]:
    """Give a post in the shape of the REST API."""
    texts = {"type": "post", **_texts(item)}
    media_id = _meta(item).get("_thumbnail_id")
    authors, terms = [], []
    for each in item.iter("category"):
        kind, nicename, name = each.get("domain", ""), each.get("nicename", ""), each.text or ""
        terms.append({"taxonomy": kind, "name": name})
        if kind == "author":
            authors.append(site.author(nicename, nicename.removeprefix("cap-"), name))
    return {
        **texts,
        "content": content_html(texts.get("content", "")),
        "comment_count": sum(map(_is_counted, item.iter("{wp}comment"))),
        "featured_media": media_id or 0,
        "_embedded": {
            "author": authors or [site.author(texts.get("creator", ""))],
            "wp:featuredmedia": [site.pictures.get(media_id)] if media_id else [],
            "wp:term": [terms],
        },
    }


def _is_counted(comment: etree._Element) -> bool:
    kind = comment.findtext("{wp}comment_type")
    return comment.findtext("{wp}comment_approved") == "1" and kind not in _NO_COMMENTS


def _meta(item: etree._Element) -> dict[str, str]:
    return {
        each.findtext("{wp}meta_key", ""): each.findtext("{wp}meta_value", "")
        for each in item.iter("{wp}postmeta")
    }


def _texts(element: etree._Element) -> dict[str, str]:
    """Give the text of the first element of each name, without its prefix and `post_`."""
    texts: dict[str, str] = {}
    for each in element.iter("*"):
        tag = str(each.tag)
        name = _NAMES.get(tag) or tag.rpartition("}")[2].removeprefix("post_")
        texts.setdefault(name, (each.text or "").strip())
    return texts


def _parsed(record: _Record) -> etree._Element:
    """Parse a record as far as it is well-formed; it stands in a document without a DTD."""
    parser = etree.XMLParser(recover=True, huge_tree=True, resolve_entities=False, no_network=True)
    text = legal(legal_references(record.xml).decode("utf-8", "replace"))
    return etree.fromstring(_ROOT.format(text), parser)
