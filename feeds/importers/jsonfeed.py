"""JSON Feed 1.0 and 1.1, with the extension of this service's own feeds."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from feeds.importers.feed import read_entry
from feeds.importers.mapped import as_list, as_object, as_objects, as_text
from feeds.importers.sources import Item, NextPage, Rejected, Source, named
from feeds.urls import resolved

_OURS = "_feeds"


def read_jsonfeed(stream: BinaryIO, source: Source) -> Iterator[Item]:
    """Read the items of a JSON Feed."""
    try:
        feed = as_object(json.loads(stream.read()))
    except (ValueError, RecursionError) as error:
        yield Rejected(0, f"cannot be read: not JSON: {error}")
        return
    if not isinstance(feed.get("items"), list):
        yield Rejected(
            0, "is not a JSON Feed: it has no items; an article is one line of a .jsonl file"
        )
        return
    for place, item in enumerate(feed["items"]):
        yield named(_read(as_object(item), feed, source), f"items[{place}]")


def next_of_jsonfeed(body: bytes, url: str) -> NextPage | None:
    """Give the page that the feed names as its next one."""
    try:
        older = as_text(as_object(json.loads(body)).get("next_url"))
    except (ValueError, RecursionError):
        return None
    return NextPage(resolved(older, url)) if older else None


def _read(item: Mapping[str, Any], feed: Mapping[str, Any], source: Source) -> Item:
    extension, summary = as_object(item.get(_OURS)), item.get("summary")
    html, text = as_text(item.get("content_html")), item.get("content_text")
    authors = as_list(item.get("authors")) or [item.get("author")]  # version 1.0 has one
    record = {
        "title": item.get("title"),
        "url": as_text(item.get("url")) or as_text(item.get("external_url")),
        "published": item.get("date_published"),
        "updated": item.get("date_modified"),
        "summary": summary,
        "body_html": html,
        # An item without content has its summary as text.
        "body_text": None if html or text == summary else text,
        "authors": [_author(as_object(each)) for each in authors],
        "tags": item.get("tags"),
        "image": _image(item),
        "attachments": [_attachment(each) for each in _files(item, is_image=False)],
        "language": item.get("language") or feed.get("language"),
        "comments": extension.get("comments"),
        "subtitle": as_text(extension.get("subtitle")),
    }
    guid = item.get("id")
    # Version 1.0 lets it be a number.
    return read_entry(record, "" if guid is None else str(guid), source, 0, is_ours=_OURS in feed)


def _author(author: Mapping[str, Any]) -> dict[str, Any]:
    url, email = as_text(author.get("url")), as_object(author.get(_OURS)).get("email")
    if url.startswith("mailto:"):
        url, email = "", email or url.removeprefix("mailto:")
    return {"name": author.get("name") or "", "email": email, "url": url or None}


def _image(item: Mapping[str, Any]) -> dict[str, Any] | None:
    if url := item.get("image") or item.get("banner_image"):
        details = as_object(as_object(item.get(_OURS)).get("image"))
        return {"url": url} | {key: value for key, value in details.items() if key != "about"}
    return next(map(_attachment, _files(item, is_image=True)), None)


def _files(item: Mapping[str, Any], *, is_image: bool) -> list[Mapping[str, Any]]:
    files = as_objects(item.get("attachments"))
    return [f for f in files if str(f.get("mime_type")).startswith("image/") == is_image]


def _attachment(attachment: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "url": attachment.get("url"),
        "type": attachment.get("mime_type"),
        "length": attachment.get("size_in_bytes") or None,
        "title": attachment.get("title"),
        "duration": attachment.get("duration_in_seconds"),
    }
