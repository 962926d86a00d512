"""From a record, a mapping of JSON values, to a `Patch`; every importer ends here.

`DESIGN.md`, "An article, as JSON Lines or in the API", has the keys. The rule of a key checks and
cleans in one step; one that fails raises ValueError, which completes the sentence that begins with
the key. The rules need a `Source` as the context of the validation.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationError,
    ValidationInfo,
)

from feeds.errors import ArticleError
from feeds.html import left_out
from feeds.importers.sources import Source
from feeds.messages import faults, path, quoted
from feeds.model import Article, Attachment, Author, Correction, Image, Patch
from feeds.text import (
    LANGUAGE,
    LARGEST_NUMBER,
    LONGEST_ID,
    article_id_of,
    byline,
    legal,
    moment,
    one_line,
    removed,
)
from feeds.urls import resolved, web_address

LONGEST_NAME = 200
LONGEST_LINE = 2_000
LONGEST_SUMMARY = 50_000
MOST_NAMES = 100

# A string deeper than record → authors → one author → name is not valid anyway.
_DEEPEST = 4
_EMPTY: tuple[object, ...] = (None, "", [], ())
_WITH_HOST = re.compile(r"[a-z][a-z0-9+.-]*:|//|[?#]", re.IGNORECASE)
_EMAIL = re.compile(r"(?:[^@\s<>]+@[^@\s<>]+)?")
_IMAGE_TYPE = re.compile(r"(?:image/[a-z0-9][a-z0-9.+-]*)?")
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+-]*")


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
    return _patch(record, source, notes), tuple(notes)


def record_of(article: Article) -> dict[str, Any]:
    """Give the record of a stored article, without the keys that hold nothing.

    Read back, and merged into the same article, it changes nothing.
    """
    record: dict[str, Any] = {}
    for key in ArticleRecord.model_fields.keys() - {"minor"}:
        value = getattr(article, key)
        if value in _EMPTY or (key == "views" and value == 0):
            continue
        match value:
            case datetime():
                record[key] = value.isoformat()
            case Correction():
                record[key] = value.text
            case Image():
                record[key] = _filled(value)
            case (Author() | Attachment(), *_):
                record[key] = [_filled(each) for each in value]
            case _:
                record[key] = value
    return record


def _filled(part: Author | Image | Attachment) -> dict[str, Any]:
    return {key: value for key, value in asdict(part).items() if value is not None}


def _id(value: str) -> str:
    if article_id := article_id_of(value.strip()):
        return article_id
    raise ValueError(
        f"must be 1 to {LONGEST_ID} characters without white space or control characters,"
        f" not {quoted(value)}"
    )


def _author_id(value: str) -> str:
    return _id(value) if value.strip() else ""


def _line(longest: int) -> AfterValidator:
    def rule(value: str) -> str:
        line = one_line(value)
        if len(line) > longest:
            raise ValueError(f"is longer than {longest} characters")
        return line

    return AfterValidator(rule)


def _not_empty(value: str) -> str:
    if not value:
        raise ValueError("is empty")
    return value


def _moment(value: object, info: ValidationInfo[Source]) -> datetime:
    return moment(value.strip() if isinstance(value, str) else str(value), info.context.timezone)


def _address(value: str) -> str:
    return web_address(value.strip())


def _own_address(value: str, info: ValidationInfo[Source]) -> str:
    """Leave the paper's own host out of an address, as bodies do, since it may change."""
    given = value.strip()
    if not given:
        raise ValueError("is empty; leave the whole object out")
    address = web_address(resolved(given, info.context.base_url))
    return address if _WITH_HOST.match(given) else address[address.index("/", len("https://")) :]


def _email(value: str) -> str:
    email = one_line(value)
    if not _EMAIL.fullmatch(email):
        raise ValueError(f"{quoted(value)} is not an e-mail address")
    return email


def _media_type(allowed: re.Pattern[str], example: str) -> AfterValidator:
    def rule(value: str) -> str:
        media_type = one_line(value).lower()
        if not allowed.fullmatch(media_type):
            raise ValueError(f'must be a media type such as "{example}", not {quoted(value)}')
        return media_type

    return AfterValidator(rule)


def _language(value: str) -> str:
    language = value.strip()
    if LANGUAGE.fullmatch(language):
        return language
    hyphened = language.replace("_", "-")
    hint = f"; write {quoted(hyphened)}" if LANGUAGE.fullmatch(hyphened) else ""
    raise ValueError(f'must be a language tag such as "ko-KR", not {quoted(value)}{hint}')


def _body(value: str) -> str:
    return value if value.strip() else ""


def _only_body(value: str, info: ValidationInfo[Source]) -> str:
    if value and info.data.get("body_html"):
        raise ValueError('an article has either "body_html" or "body_text"; leave one out')
    return value


T = TypeVar("T")
Id = Annotated[str, AfterValidator(_id)]
Line = Annotated[str, _line(LONGEST_LINE)]
# A name becomes an address, and a key of the store.
Name = Annotated[str, _line(LONGEST_NAME)]
Moment = Annotated[datetime, PlainValidator(_moment)]
Address = Annotated[str, AfterValidator(_address)]
Body = Annotated[str, AfterValidator(_body)]
# Every feed of the article carries each, and each has feeds of its own.
Names = Annotated[list[T], Field(max_length=MOST_NAMES)]
Number = Annotated[int, Field(ge=0, le=LARGEST_NUMBER)]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    def given(self) -> dict[str, Any]:
        """Give the keys that hold something."""
        return {key: value for key, value in vars(self).items() if value not in _EMPTY}


class AuthorRecord(_Record):
    """One of `authors`."""

    name: Name
    id: Annotated[str, AfterValidator(_author_id)] | None = None
    email: Annotated[str, AfterValidator(_email)] | None = None
    url: Address | None = None


class ImageRecord(_Record):
    """`image`."""

    url: Annotated[str, AfterValidator(_own_address)]
    type: Annotated[str, _media_type(_IMAGE_TYPE, "image/jpeg")] | None = None
    length: Number | None = None
    width: Number | None = None
    height: Number | None = None
    alt: Line | None = None
    credit: Line | None = None


class AttachmentRecord(_Record):
    """One of `attachments`."""

    url: Annotated[str, AfterValidator(_own_address)]
    type: Annotated[str, _media_type(_MEDIA_TYPE, "audio/mpeg")]
    length: Number | None = None
    title: Line | None = None
    duration: Number | None = None


class ArticleRecord(_Record):
    """A whole record; `body_html` stands before `body_text`, whose rule looks at it."""

    id: Id
    # Only a new article needs these two, but nothing may clear them: null is no default of theirs.
    title: Annotated[Line, AfterValidator(_not_empty)] = ""
    published: Moment = datetime.min.replace(tzinfo=UTC)
    updated: Moment | None = None
    url: Address | None = None
    subtitle: Line | None = None
    # It goes into every feed, even where no body does.
    summary: Annotated[str, _line(LONGEST_SUMMARY)] | None = None
    body_html: Body | None = None
    body_text: Annotated[Body, AfterValidator(_only_body)] | None = None
    authors: Names[AuthorRecord] | None = None
    sections: Names[Name] | None = None
    tags: Names[Name] | None = None
    image: ImageRecord | None = None
    language: Annotated[str, AfterValidator(_language)] | None = None
    comments: Number | None = None
    views: Number | None = None
    status: Literal["live", "withdrawn"] | None = None
    correction: Line | None = None
    attachments: Names[AttachmentRecord] | None = None
    minor: bool = False


def _key(key: str) -> str:
    """Escape a key that pydantic could not report; no key of an article is like that."""
    return key if key.isprintable() else ascii(key)


def _legal(value: Any, place: tuple[int | str, ...], notes: list[str]) -> Any:
    """Remove illegal characters from every string of a value, and note each place."""
    if isinstance(value, str):
        cleaned = value if value.isprintable() else legal(value)
        if cleaned != value and (dropped := removed(value)):
            notes.append(f"{path(place)}: removed {', '.join(dropped)}")
        return cleaned
    if isinstance(value, list) and len(place) < _DEEPEST:
        return [_legal(each, (*place, at), notes) for at, each in enumerate(value)]
    if isinstance(value, dict) and len(place) < _DEEPEST:
        return {_key(key): _legal(each, (*place, key), notes) for key, each in value.items()}
    return value


def _patch(record: ArticleRecord, source: Source, notes: list[str]) -> Patch:
    given = {key: getattr(record, key) for key in record.model_fields_set - {"id", "minor"}}
    for key in ("sections", "tags"):
        if key in given:
            given[key] = _names(key, given[key], notes)
    if source.section and not given.get("sections"):
        given["sections"] = (one_line(source.section),)
    if record.authors is not None:
        given["authors"] = _authors(record.authors, notes)
    if record.attachments is not None:
        given["attachments"] = tuple(Attachment(**each.given()) for each in record.attachments)
    if record.image is not None:
        given["image"] = Image(**record.image.given())
    cleared = {key: None if value in _EMPTY else value for key, value in given.items()}
    return Patch(record.id, cleared, record.minor)


def _names(key: str, names: list[str] | None, notes: list[str]) -> tuple[str, ...]:
    if names and "" in names:
        notes.append(f"{key}: an empty name is left out")
    return tuple(dict.fromkeys(filter(None, names or ())))


def _authors(records: list[AuthorRecord], notes: list[str]) -> tuple[Author, ...]:
    if not all(record.name for record in records):
        notes.append("authors: an author without a name is left out")
    return tuple(dict.fromkeys(_author(record) for record in records if record.name))


def _author(record: AuthorRecord) -> Author:
    name, address = byline(record.name)
    return Author(name, record.email or address, record.url, record.id or None)
