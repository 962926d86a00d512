"""Read a JSON Feed back: validate it against the schema of version 1.1, then read its fields.

https://www.jsonfeed.org/version/1.1/
"""

import re
from typing import Any

from jsonschema_rs import ValidationError, ValidationErrorKind, validator_for
from pydantic_core import from_json

from feeds.verify.parsing import Finding, ParseError, iso, rfc3339_fault
from feeds.verify.reading import Fields, Reading


def _object(required: str = "", **properties: Any) -> dict[str, Any]:
    """An object; further keys are allowed, as the specification says."""
    return {"type": "object", "required": required.split(), "properties": properties}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": ["null", "array"], "items": items}


# An optional key may be null: to readers that is the same as no key.
_OPTIONAL = {"type": ["null", "string"]}
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
    size_in_bytes={"type": ["null", "integer"]},
    duration_in_seconds={"type": ["null", "number"]},
)
_OF_ATTACHMENT = ("url", "mime_type", "size_in_bytes", "title", "duration_in_seconds")
_ITEM = _object(
    "id",
    id=_TEXT,
    **dict.fromkeys(("url", "external_url", "image", "banner_image"), _OPTIONAL_URL),
    **dict.fromkeys(("title", "content_html", "content_text", "summary"), _OPTIONAL),
    **dict.fromkeys(("date_published", "date_modified"), _DATE),
    author=_AUTHOR | {"type": ["null", "object"]},
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
    **dict.fromkeys(("home_page_url", "feed_url", "next_url", "icon", "favicon"), _OPTIONAL_URL),
    description=_OPTIONAL,
    authors=_list(_AUTHOR),
    language=_OPTIONAL_TEXT,
    expired={"type": ["null", "boolean"]},
    hubs=_list(_object("type url", type=_TEXT, url=_URL)),
    items={"type": "array", "items": _ITEM},
    _feeds=_EXTENSION,
    _removed=_object(),
)
_EXTENSIONS = ("_feeds", "_removed")
_MASK = "value"  # in messages, in place of values, which may be as long as the feed
_VALIDATOR = validator_for(
    _FEED,
    mask=_MASK,
    validate_formats=True,
    formats={"date-time": lambda text: rfc3339_fault(text) is None},
)


def parse_json(body: bytes) -> dict[str, Any]:
    """Parse and validate a JSON Feed; raises ParseError with every fault."""
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
    place = "".join(steps).removeprefix(".") or "it"
    return Finding(where, f"{place} {_fault(error)}")


def _fault(error: ValidationError) -> str:
    match error.kind:
        case ValidationErrorKind.Pattern():
            return f'is not an absolute address, "{error.instance}": readers cannot open it'
        case ValidationErrorKind.Format():
            return rfc3339_fault(str(error.instance)) or error.message
        case ValidationErrorKind.Required(name):
            fault = f"has no {name}"
        case ValidationErrorKind.Type(types):
            fault = f"is not of type {next(name for name in types if name != 'null')}"
        case _:
            fault = error.message.removeprefix(f"{_MASK} ")
    return f"{fault}: strict readers refuse the whole feed"


def read_json(body: bytes) -> Reading:
    """Read the fields that the gate compares; raises ParseError."""
    feed = parse_json(body)
    return Reading(_channel(feed), tuple(map(_entry, feed["items"])), by_feedparser=False)


def _channel(feed: dict[str, Any]) -> Fields:
    authors = [author for item in feed["items"] for author in item.get("authors") or ()]
    parts = (feed, *feed["items"], *authors)
    extensions = [part[name] for part in parts for name in _EXTENSIONS if name in part]
    removed = feed.get("_removed", {}).get("items", ())
    return {
        "title": feed["title"],
        "description": feed.get("description"),
        "link": feed.get("home_page_url"),
        "feed_url": feed.get("feed_url"),
        "language": feed.get("language"),
        "icon": feed.get("favicon"),
        "logo": feed.get("icon"),
        "about": frozenset(extension.get("about") for extension in extensions),
        "tombstones": tuple((each["id"], iso(each["date_removed"])) for each in removed),
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
        "published": iso(item.get("date_published") or ""),
        "updated": iso(item.get("date_modified") or ""),
        "summary": item.get("summary"),
        "subtitle": extension.get("subtitle"),
        "content": item.get("content_html"),
        "content_text": item.get("content_text"),
        "authors": tuple(author.get("name") for author in authors),
        "emails": tuple(author.get("_feeds", {}).get("email") for author in authors),
        "tags": tuple(item.get("tags") or ()),
        "attachments": tuple(tuple(map(each.get, _OF_ATTACHMENT)) for each in attachments),
        "image": (item["image"], *sizes) if "image" in item else None,
        "image alt": image.get("alt"),
        "image credit": image.get("credit"),
        "comments": extension.get("comments"),
        "rank": extension.get("rank"),
        "language": item.get("language"),
    }
