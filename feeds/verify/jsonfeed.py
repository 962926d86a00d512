"""Read a JSON Feed back: validate it against the schema of version 1.1, then read its fields.

https://www.jsonfeed.org/version/1.1/
"""

import re
from datetime import datetime
from typing import Any

from jsonschema_rs import ValidationError, ValidationErrorKind, validator_for
from pydantic_core import from_json

from feeds.verify.dates import rfc3339_fault
from feeds.verify.reading import Fields, Finding, ParseError, Reading


def _object(required: str = "", **properties: Any) -> dict[str, Any]:
    """An object; keys that the specification does not know are allowed, as it says."""
    return {"type": "object", "required": required.split(), "properties": properties}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": ["array", "null"], "items": items}


# A key that may be absent may be null, too: readers take both for the same.
_OPTIONAL = {"type": ["string", "null"]}
_TEXT = {"type": "string", "minLength": 1}
_OPTIONAL_TEXT = _OPTIONAL | {"minLength": 1}
_URL = {"type": "string", "pattern": "^(https?://|mailto:)"}
_OPTIONAL_URL = _URL | _OPTIONAL
_DATE = _OPTIONAL | {"format": "date-time"}
_EXTENSION = _object(image=_object())
_AUTHOR = _object(name=_OPTIONAL_TEXT, url=_OPTIONAL_URL, avatar=_OPTIONAL_URL, _feeds=_EXTENSION)
_ATTACHMENT = _object(
    "url mime_type",
    url=_URL,
    mime_type=_TEXT,
    title=_OPTIONAL,
    size_in_bytes={"type": ["integer", "null"]},
    duration_in_seconds={"type": ["number", "null"]},
)
_ITEM = _object(
    "id",
    id=_TEXT,
    url=_OPTIONAL_URL,
    external_url=_OPTIONAL_URL,
    title=_OPTIONAL,
    content_html=_OPTIONAL,
    content_text=_OPTIONAL,
    summary=_OPTIONAL,
    image=_OPTIONAL_URL,
    banner_image=_OPTIONAL_URL,
    date_published=_DATE,
    date_modified=_DATE,
    author=_AUTHOR | {"type": ["object", "null"]},
    authors=_list(_AUTHOR),
    tags=_list(_TEXT),
    language=_OPTIONAL_TEXT,
    attachments=_list(_ATTACHMENT),
    _feeds=_EXTENSION,
)
_FEED = _object(
    "version title items",
    version={"enum": ["https://jsonfeed.org/version/1.1", "https://jsonfeed.org/version/1"]},
    title=_TEXT,
    home_page_url=_OPTIONAL_URL,
    feed_url=_OPTIONAL_URL,
    description=_OPTIONAL,
    next_url=_OPTIONAL_URL,
    icon=_OPTIONAL_URL,
    favicon=_OPTIONAL_URL,
    authors=_list(_AUTHOR),
    language=_OPTIONAL_TEXT,
    expired={"type": ["boolean", "null"]},
    hubs=_list(_object("type url", type=_TEXT, url=_URL)),
    items={"type": "array", "items": _ITEM},
    _feeds=_EXTENSION,
)
_VALIDATOR = validator_for(
    _FEED,
    mask="value",  # in messages, in place of values, which may be as long as the feed
    validate_formats=True,
    formats={"date-time": lambda text: rfc3339_fault(text) is None},
)


def parse_json(body: bytes) -> dict[str, Any]:
    """Parse a JSON Feed and validate it; raises ParseError with every fault."""
    try:
        feed: dict[str, Any] = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        line = re.search(r"line (\d+)", str(error))
        what = f"not JSON: {error}: readers refuse the whole feed"
        raise ParseError(Finding("document", what, int(line[1]) if line else None)) from error
    if faults := [_finding(error) for error in _VALIDATOR.iter_errors(feed)]:
        raise ParseError(*faults)
    return feed


def _finding(error: ValidationError) -> Finding:
    """Name an entry by its number, and a place in it as programmers do: `authors[0].url`."""
    match error.instance_path:
        case ["items", int(index), *path]:
            where = f"entry {index + 1}"
        case path:
            where = "channel"
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    place = "".join(steps).removeprefix(".")
    match error.kind:
        case ValidationErrorKind.Pattern():
            readers = f'is not an absolute address, "{error.instance}": readers cannot open it'
            return Finding(where, f"{place} {readers}")
        case ValidationErrorKind.Format():
            return Finding(where, f"{place} {rfc3339_fault(str(error.instance))}")
    what = f"{place}: {error.message}" if place else error.message
    return Finding(where, f"{what}: strict readers refuse the whole feed")


def read_json(body: bytes) -> Reading:
    """Read the fields that the gate compares; raises ParseError."""
    feed = parse_json(body)
    return Reading(_channel(feed), tuple(map(_entry, feed["items"])), by_feedparser=False)


def _channel(feed: dict[str, Any]) -> Fields:
    authors = [author for item in feed["items"] for author in item.get("authors") or ()]
    extended = [part for part in (feed, *feed["items"], *authors) if "_feeds" in part]
    return {
        "title": feed["title"],
        "description": feed.get("description"),
        "link": feed.get("home_page_url"),
        "feed_url": feed.get("feed_url"),
        "language": feed.get("language"),
        "icon": feed.get("favicon"),
        "logo": feed.get("icon"),
        "about": frozenset(part["_feeds"].get("about") for part in extended),
        "next_url": feed.get("next_url"),
        "hubs": tuple(hub["url"] for hub in feed.get("hubs") or ()),
    }


def _entry(item: dict[str, Any]) -> Fields:
    authors, attachments = item.get("authors") or (), item.get("attachments") or ()
    extension = item.get("_feeds", {})
    image = extension.get("image", {})
    sizes = (image.get(name) for name in ("type", "length", "width", "height"))
    return {
        "id": item["id"],
        "link": item.get("url"),
        "title": item.get("title"),
        "published": _moment(item.get("date_published")),
        "updated": _moment(item.get("date_modified")),
        "summary": item.get("summary"),
        "subtitle": extension.get("subtitle"),
        "content": item.get("content_html"),
        "content_text": item.get("content_text"),
        "authors": tuple(author.get("name") for author in authors),
        "emails": tuple(author.get("_feeds", {}).get("email") for author in authors),
        "tags": tuple(item.get("tags") or ()),
        "enclosures": tuple(
            (each["url"], each["mime_type"], each.get("size_in_bytes")) for each in attachments
        ),
        "image": (item["image"], *sizes) if "image" in item else None,
        "image alt": image.get("alt"),
        "image credit": image.get("credit"),
        "comments": extension.get("comments"),
        "rank": extension.get("rank"),
        "language": item.get("language"),
    }


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
