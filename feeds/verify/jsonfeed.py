"""Read a JSON Feed back: against the schema of version 1.1, then field by field.

https://www.jsonfeed.org/version/1.1/
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from feeds.verify.dates import rfc3339_fault
from feeds.verify.reading import Reading, Table, Unreadable


def _absolute(url: str) -> str:
    if not url.startswith(("http://", "https://", "mailto:")):
        raise ValueError(f'must be a whole address, but is "{url}": readers cannot open it')
    return url


def _rfc3339(text: str) -> str:
    if fault := rfc3339_fault(text):
        raise ValueError(fault)
    return text


# What is wrong, by pydantic's name of the error.
_WRONG = {
    "missing": "is missing",
    "string_type": "must be text",
    "string_too_short": "is empty",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "model_type": "must be an object",
    "literal_error": "must be {expected}",
}
_NOT_JSON = re.compile(r"Invalid JSON: (.*) at line (\d+) column (\d+)")

Place = tuple[int | str, ...]
Url = Annotated[str, AfterValidator(_absolute)]
Date = Annotated[str, AfterValidator(_rfc3339)]
Text = Annotated[str, Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="allow")


class _Author(_Part):
    name: Text | None = None
    url: Url | None = None
    avatar: Url | None = None


class _Attachment(_Part):
    url: Url
    mime_type: Text
    title: str | None = None
    size_in_bytes: int | None = None
    duration_in_seconds: float | None = None


class _Hub(_Part):
    type: Text
    url: Url


class _Item(_Part):
    id: Text
    url: Url | None = None
    external_url: Url | None = None
    title: str | None = None
    content_html: str | None = None
    content_text: str | None = None
    summary: str | None = None
    image: Url | None = None
    banner_image: Url | None = None
    date_published: Date | None = None
    date_modified: Date | None = None
    author: _Author | None = None
    authors: list[_Author] | None = None
    tags: list[Text] | None = None
    language: Text | None = None
    attachments: list[_Attachment] | None = None


class JsonFeed(_Part):
    """The schema; names that the specification does not know are allowed, as it says."""

    version: Literal["https://jsonfeed.org/version/1.1", "https://jsonfeed.org/version/1"]
    title: Text
    home_page_url: Url | None = None
    feed_url: Url | None = None
    description: str | None = None
    next_url: Url | None = None
    icon: Url | None = None
    favicon: Url | None = None
    authors: list[_Author] | None = None
    language: Text | None = None
    expired: bool | None = None
    hubs: list[_Hub] | None = None
    items: list[_Item]


class OffSchema(Unreadable):
    """A document that the schema refuses; `faults` has each place in it, and what is wrong."""

    def __init__(self, faults: Sequence[tuple[Place, str]]) -> None:
        super().__init__("; ".join(f"{path_of(place) or 'JSON'} {what}" for place, what in faults))
        self.faults = faults


def parse_json(body: bytes) -> dict[str, Any]:
    """Parse a JSON Feed and hold it against the schema; raises Unreadable with every fault."""
    try:
        feed = JsonFeed.model_validate_json(body)
    except ValidationError as error:
        details = error.errors(include_url=False)
        if match := _NOT_JSON.search(details[0]["msg"]):
            what, line, column = match.groups()
            raise Unreadable(
                f"not JSON in line {line}, column {column}: {what}", int(line)
            ) from error
        raise OffSchema([(each["loc"], _what(each)) for each in details]) from error
    return feed.model_dump(exclude_unset=True)


def path_of(place: Place) -> str:
    """Write a place as a programmer does: `items[3].authors[0].url`."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return "".join(parts).removeprefix(".")


def _what(error: ErrorDetails) -> str:
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    wrong = _WRONG.get(error["type"], error["msg"]).format(**error.get("ctx", {}))
    return f"{wrong}: strict readers refuse the whole feed"


def read_json(body: bytes) -> Reading:
    """Read the fields that the gate compares; raises Unreadable."""
    feed = parse_json(body)
    return Reading(
        channel={name: read(feed) for name, read in JSON_CHANNEL.items()},
        entries=tuple(
            {name: read(item) for name, read in JSON_ENTRY.items()} for item in feed["items"]
        ),
        by_feedparser=False,
    )


def _date(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _enclosure(item: dict[str, Any]) -> tuple[object, ...] | None:
    for attachment in item.get("attachments", ()):
        return (attachment["url"], attachment["mime_type"], attachment.get("size_in_bytes"))
    return None


def _extension(part: dict[str, Any]) -> dict[str, Any]:
    found = part.get("_feeds")
    return found if isinstance(found, dict) else {}


def _about(feed: dict[str, Any]) -> frozenset[object]:
    items = feed["items"]
    authors = (author for item in items for author in item.get("authors", ()))
    parts = (part for part in (feed, *items, *authors) if "_feeds" in part)
    return frozenset(_extension(part).get("about") for part in parts)


def _details(item: dict[str, Any]) -> dict[str, Any]:
    found = _extension(item).get("image")
    return found if isinstance(found, dict) else {}


def _image(item: dict[str, Any]) -> tuple[object, ...] | None:
    fields = ("type", "length", "width", "height")
    url = item.get("image")
    return (url, *map(_details(item).get, fields)) if url else None


JSON_CHANNEL: Table = {
    "title": lambda feed: feed.get("title"),
    "description": lambda feed: feed.get("description"),
    "link": lambda feed: feed.get("home_page_url"),
    "feed_url": lambda feed: feed.get("feed_url"),
    "language": lambda feed: feed.get("language"),
    "icon": lambda feed: feed.get("favicon"),
    "logo": lambda feed: feed.get("icon"),
    "about": _about,
    "next_url": lambda feed: feed.get("next_url"),
    "hubs": lambda feed: tuple(hub["url"] for hub in feed.get("hubs", ())),
}
JSON_ENTRY: Table = {
    "id": lambda item: item.get("id"),
    "link": lambda item: item.get("url"),
    "title": lambda item: item.get("title"),
    "published": lambda item: _date(item.get("date_published")),
    "updated": lambda item: _date(item.get("date_modified")),
    "summary": lambda item: item.get("summary"),
    "subtitle": lambda item: _extension(item).get("subtitle"),
    "content": lambda item: item.get("content_html"),
    "content_text": lambda item: item.get("content_text"),
    "authors": lambda item: tuple(author.get("name") for author in item.get("authors", ())),
    "emails": lambda item: tuple(
        _extension(author).get("email") for author in item.get("authors", ())
    ),
    "tags": lambda item: tuple(item.get("tags", ())),
    "enclosure": _enclosure,
    "image": _image,
    "image alt": lambda item: _details(item).get("alt"),
    "image credit": lambda item: _details(item).get("credit"),
    "comments": lambda item: _extension(item).get("comments"),
    "rank": lambda item: _extension(item).get("rank"),
    "language": lambda item: item.get("language"),
}
