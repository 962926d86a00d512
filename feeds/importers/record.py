"""From a record, a mapping of JSON values, to a `Patch`; every importer ends here.

The README, "Import articles", has the keys.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import reduce
from operator import getitem
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from feeds.errors import ArticleError
from feeds.html import left_out
from feeds.importers.fields import (
    Address,
    AuthorId,
    Body,
    Email,
    Id,
    ImageType,
    Language,
    Line,
    MediaType,
    Moment,
    Name,
    Names,
    Number,
    OnlyBody,
    OwnAddress,
    Summary,
    Title,
)
from feeds.importers.sources import Accepted, Rejected, Source
from feeds.messages import Place, faults, path
from feeds.model import Article, Attachment, Author, Correction, Image, Patch
from feeds.text import byline, legal, one_line, quoted, removed

LONGEST_GUID = 500
_UNFIT_GUID = f"which is longer than {LONGEST_GUID} characters or not plain text"
# A string deeper than record → authors → one author → name is not valid anyway.
_DEEPEST = 4
_NEEDED = ("id", "title", "published")
_FILLED = {"type": "string", "minLength": 1}
_TWO_BODIES: dict[str, Any] = {
    "required": ["body_html", "body_text"],
    "properties": {"body_html": _FILLED, "body_text": _FILLED},
}
_EMPTY: tuple[object, ...] = (None, "", [], (), {})


def read_record(mapping: Mapping[str, object], source: Source) -> tuple[Patch, tuple[str, ...]]:
    """Make a patch of a record; the notes name the changes that made it fit.

    A key that is null, or empty where it is optional text, clears the field. Raises ArticleError,
    whose message lists every fault with its key, separated by `; `.
    """
    notes: list[str] = []
    cleaned = {
        _key(key): value if key == "id" else _legal(value, (key,), notes)
        for key, value in mapping.items()
    }
    try:
        record = ArticleRecord.model_validate(cleaned, context=source)
    except ValidationError as error:
        raise ArticleError("; ".join(map(str, faults(error, ArticleRecord)))) from None
    if names := left_out(record.body_html or ""):
        notes.append(f"body_html: feeds leave out {', '.join(names)}")
    return _patch(record, source), tuple(notes)


def read_item(
    mapping: Mapping[str, object], source: Source, line: int, guid: str | None = None
) -> Accepted | Rejected:
    """Make a patch of a record as `read_record` does; a faulty record is rejected.

    `guid` is the id that readers know the article by. One that a feed cannot carry as it is is
    left out, so that the store mints another.
    """
    try:
        patch, notes = read_record(mapping, source)
    except ArticleError as error:
        return Rejected(line, str(error))
    if guid and len(guid) <= LONGEST_GUID and one_line(guid) == guid:
        patch = replace(patch, given={**patch.given, "guid": guid})
    elif guid:
        notes += (f"guid: readers get another for {quoted(guid)}, {_UNFIT_GUID}",)
    return Accepted(patch, line, notes)


def read_fitting(
    mapping: dict[str, Any], source: Source, line: int, guid: str | None = None
) -> Accepted | Rejected:
    """Read the record of another system as `read_item` does, without the values that do not fit.

    A note names each of them. Only the id, the title and the date of publication must fit. The
    record is changed.
    """
    left_out = list[str]()
    while places := dict(_unfit(mapping, source)):
        # From the end, since the places in a list move up.
        for place in sorted(places, reverse=True):
            *parents, last = place
            _at(mapping, parents).pop(last)
        # What follows from that is no news.
        left_out = left_out or [f"{path(at)} is left out: it {why}" for at, why in places.items()]
    item = read_item(mapping, source, line, guid)
    return item if isinstance(item, Rejected) else replace(item, notes=(*left_out, *item.notes))


def _unfit(mapping: dict[str, Any], source: Source) -> Iterator[tuple[Place, str]]:
    """Give the places of the optional values that do not fit, or lack a part that they need."""
    try:
        ArticleRecord.model_validate(mapping, context=source)
    except ValidationError as error:
        for fault in faults(error, ArticleRecord):
            *parents, last = fault.place
            holder = _at(mapping, parents)
            place = (
                tuple(parents) if isinstance(holder, dict) and last not in holder else fault.place
            )
            if place and place[0] not in _NEEDED:
                yield place, fault.sentence


def _at(mapping: Any, place: Sequence[int | str]) -> Any:
    return reduce(getitem, place, mapping)


def record_of(article: Article) -> dict[str, Any]:
    """Give the record of a stored article, without the keys that hold nothing.

    Read back, and merged into the same article, it changes nothing.
    """
    keys = {key: getattr(article, key) for key in ArticleRecord.model_fields if key != "minor"}
    keys["views"] = article.views or None
    return {key: _plain(value) for key, value in filled(keys).items()}


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return value.isoformat()
        case Correction():
            return value.text
        case Author() | Image() | Attachment():
            return filled(asdict(value))
        case tuple():
            return [_plain(each) for each in value]
        case _:
            return value


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class AuthorRecord(_Record):
    """One of `authors`."""

    name: Name
    id: AuthorId | None = None
    email: Email | None = None
    url: Address | None = None


class ImageRecord(_Record):
    """`image`."""

    url: OwnAddress
    type: ImageType | None = None
    length: Number | None = None
    width: Number | None = None
    height: Number | None = None
    alt: Line | None = None
    credit: Line | None = None


class AttachmentRecord(_Record):
    """One of `attachments`."""

    url: OwnAddress
    type: MediaType
    length: Number | None = None
    title: Line | None = None
    duration: Number | None = None


class ArticleRecord(_Record):
    """An article; only a new one needs a title and a date of publication."""

    model_config = ConfigDict(json_schema_extra={"not": _TWO_BODIES})

    id: Id
    # Only a new article needs these two, but nothing may clear them: null is no default of theirs.
    title: Title = ""
    published: Moment = datetime.min.replace(tzinfo=UTC)
    updated: Moment | None = None
    url: Address | None = None
    subtitle: Line | None = None
    summary: Summary | None = None
    body_html: Body | None = None
    # The rule of this one looks at the one before.
    body_text: OnlyBody | None = None
    authors: Names[AuthorRecord] | None = None
    sections: Names[Name] | None = None
    tags: Names[Name] | None = None
    image: ImageRecord | None = None
    language: Language | None = None
    comments: Number | None = None
    views: Number | None = None
    status: Literal["live", "withdrawn"] | None = None
    correction: Line | None = None
    attachments: Names[AttachmentRecord] | None = None
    minor: bool = False


def _key(key: str) -> str:
    """Escape a key that pydantic could not report; no key of an article is like that."""
    return key if key.isprintable() else ascii(key)


def filled(keys: Mapping[str, Any]) -> dict[str, Any]:
    """Give the keys that hold something."""
    return {key: value for key, value in keys.items() if value not in _EMPTY}


def _legal(value: Any, place: tuple[int | str, ...], notes: list[str]) -> Any:
    """Remove illegal characters from every string of a value, and note each place."""
    if isinstance(value, str):
        if value.isprintable():
            return value
        cleaned = legal(value)
        if cleaned != value and (dropped := removed(value)):
            notes.append(f"{path(place)}: removed {', '.join(dropped)}")
        return cleaned
    if isinstance(value, list) and len(place) < _DEEPEST:
        return [_legal(each, (*place, at), notes) for at, each in enumerate(value)]
    if isinstance(value, dict) and len(place) < _DEEPEST:
        return {_key(key): _legal(each, (*place, key), notes) for key, each in value.items()}
    return value


def _patch(record: ArticleRecord, source: Source) -> Patch:
    given = {key: getattr(record, key) for key in record.model_fields_set - {"id", "minor"}}
    for key in given.keys() & {"sections", "tags"}:
        given[key] = tuple(dict.fromkeys(filter(None, given[key] or ())))
    if source.section and not given.get("sections"):
        given["sections"] = (one_line(source.section),)
    if record.authors is not None:
        named = (_author(each) for each in record.authors if each.name)
        given["authors"] = tuple(dict.fromkeys(named))
    if record.attachments is not None:
        given["attachments"] = tuple(
            Attachment(**filled(vars(each))) for each in record.attachments
        )
    if record.image is not None:
        given["image"] = Image(**filled(vars(record.image)))
    cleared = {key: value if value or value == 0 else None for key, value in given.items()}
    return Patch(record.id, cleared, record.minor)


def _author(record: AuthorRecord) -> Author:
    name, address = byline(record.name)
    return Author(name, record.email or address, record.url, record.id or None)
