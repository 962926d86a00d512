"""The keys of an article record and the rule of each; `DESIGN.md`, "An article, as JSON Lines".

The rules check and clean in one step. A rule that fails raises ValueError with the rest of a
sentence that begins with the key. Validation needs a `Source` as context.
"""

import re
import unicodedata
from datetime import UTC, datetime, tzinfo
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator, ValidationInfo

from feeds.importers.reader import Source
from feeds.text import LANGUAGE, LONGEST_ID, one_line, shorten
from feeds.urls import resolved, web_address

LONGEST_NAME = 200
LONGEST_LINE = 2_000
LONGEST_SUMMARY = 50_000
MOST_NAMES = 100
LARGEST_NUMBER = 2**31 - 1
EARLIEST_YEAR, LATEST_YEAR = 1900, 2199

_MOMENT = re.compile(
    r"[0-9W-]{7,10}(?:[T ][0-9:]+(?:[.,][0-9]+)?(?:Z|[+-][0-9:]+)?)?", re.IGNORECASE
)
_NO_PATH = re.compile(r"[a-z][a-z0-9+.-]*:|//|[?#]", re.IGNORECASE)
_EMAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+")
_MEDIA_TYPE = re.compile(r"image/[a-z0-9][a-z0-9.+-]*")


def tidy(text: str) -> str:
    """`feeds.text.one_line`, at a tenth of the cost for a string that is tidy already."""
    if (
        text.isprintable()
        and "  " not in text
        and text.strip() == text
        and unicodedata.is_normalized("NFC", text)
    ):
        return text
    return one_line(text)


def quoted(text: str) -> str:
    """A piece of input as an error message shows it: short, what cannot be printed escaped."""
    return f'"{repr(shorten(text[:400], 60))[1:-1]}"'


def moment(value: str, zone: tzinfo) -> datetime:
    """Read ISO 8601, or a date and time with a blank between, as UTC in whole seconds.

    Without an offset it is local time in `zone`; of a local time that came twice, the first.
    ValueError when it is not a date, or not one of a newspaper article.
    """
    if not _MOMENT.fullmatch(value):
        raise ValueError(f"{_EXPECTED_DATE}, not {quoted(value)}")
    try:
        local = datetime.fromisoformat(value.upper())
        utc = local.replace(microsecond=0, tzinfo=local.tzinfo or zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{_EXPECTED_DATE}, but {quoted(value)} does not exist") from None
    if not EARLIEST_YEAR <= utc.year <= LATEST_YEAR:
        raise ValueError(f"must be between {EARLIEST_YEAR} and {LATEST_YEAR}, not {quoted(value)}")
    return utc


_EXPECTED_DATE = 'must be a date such as "2018-01-23T15:26:43+09:00" or "2018-01-23 15:26"'


def _id(value: str) -> str:
    identifier = value.strip()
    if not identifier:
        raise ValueError("is empty")
    if " " in identifier or not identifier.isprintable():
        raise ValueError(f"{quoted(value)} has white space or a control character in it")
    identifier = one_line(identifier)
    if len(identifier) > LONGEST_ID:
        raise ValueError(f"is longer than {LONGEST_ID} characters")
    return identifier


def _author_id(value: str) -> str:
    return _id(value) if value.strip() else ""


def _title(value: str) -> str:
    title = _line(value)
    if not title:
        raise ValueError("is empty")
    return title


def _moment(value: object, info: ValidationInfo[Source]) -> datetime:
    if not isinstance(value, str):
        raise ValueError(_EXPECTED_DATE)  # noqa: TRY004 - pydantic reports no TypeError
    return moment(value.strip(), info.context.timezone)


def _address(value: str) -> str:
    return web_address(value.strip())


def _image_address(value: str, info: ValidationInfo[Source]) -> str:
    """Leave an address on the paper's own site without its host, as bodies do: it may change."""
    given = value.strip()
    if not given:
        raise ValueError('is empty (leave the whole "image" out)')
    address = web_address(resolved(given, info.context.base_url))
    return address if _NO_PATH.match(given) else address[address.index("/", len("https://")) :]


def _email(value: str) -> str:
    email = tidy(value)
    if email and not _EMAIL.fullmatch(email):
        raise ValueError(f"{quoted(value)} is not an e-mail address")
    return email


def _media_type(value: str) -> str:
    media_type = tidy(value).lower()
    if media_type and not _MEDIA_TYPE.fullmatch(media_type):
        raise ValueError(f'must be a media type such as "image/jpeg", not {quoted(value)}')
    return media_type


def _language(value: str) -> str:
    language = value.strip()
    if LANGUAGE.fullmatch(language):
        return language
    hyphened = language.replace("_", "-")
    hint = f" (write {quoted(hyphened)})" if LANGUAGE.fullmatch(hyphened) else ""
    raise ValueError(f'must be a language tag such as "ko-KR", not {quoted(value)}{hint}')


def _only_body(value: str, info: ValidationInfo[Source]) -> str:
    if value.strip() and (info.data.get("body_html") or "").strip():
        raise ValueError('an article has either "body_html" or "body_text" (leave one out)')
    return value


def _name(value: str) -> str:
    name = tidy(value)
    if len(name) > LONGEST_NAME:  # it becomes an address, and a key of the store
        raise ValueError(f"is longer than {LONGEST_NAME} characters")
    return name


def _line(value: str) -> str:
    line = tidy(value)
    if len(line) > LONGEST_LINE:
        raise ValueError(f"is longer than {LONGEST_LINE} characters")
    return line


def _summary(value: str) -> str:
    summary = tidy(value)
    if len(summary) > LONGEST_SUMMARY:  # it goes into every feed, even where no body does
        raise ValueError(f"is longer than {LONGEST_SUMMARY} characters")
    return summary


T = TypeVar("T")
Line = Annotated[str, AfterValidator(_line)]
Name = Annotated[str, AfterValidator(_name)]
Moment = Annotated[datetime, PlainValidator(_moment)]
Address = Annotated[str, AfterValidator(_address)]
# Each is in every feed of the article, and each has feeds of its own.
Names = Annotated[list[T], Field(max_length=MOST_NAMES)]
Number = Annotated[int, Field(ge=0, le=LARGEST_NUMBER)]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class AuthorRecord(_Record):
    """One of `authors`."""

    name: Name
    id: Annotated[str, AfterValidator(_author_id)] | None = None
    email: Annotated[str, AfterValidator(_email)] | None = None
    url: Address | None = None


class ImageRecord(_Record):
    """`image`."""

    url: Annotated[str, AfterValidator(_image_address)]
    type: Annotated[str, AfterValidator(_media_type)] | None = None
    length: Number | None = None
    width: Number | None = None
    height: Number | None = None
    alt: Line | None = None
    credit: Line | None = None


class ArticleRecord(_Record):
    """A whole record; `body_html` stands before `body_text`, whose rule looks at it."""

    id: Annotated[str, AfterValidator(_id)]
    title: Annotated[str, AfterValidator(_title)]
    published: Moment
    updated: Moment | None = None
    url: Address | None = None
    subtitle: Line | None = None
    summary: Annotated[str, AfterValidator(_summary)] | None = None
    body_html: str | None = None
    body_text: Annotated[str, AfterValidator(_only_body)] | None = None
    authors: Names[AuthorRecord] | None = None
    sections: Names[Name] | None = None
    tags: Names[Name] | None = None
    image: ImageRecord | None = None
    language: Annotated[str, AfterValidator(_language)] | None = None
    comments: Number | None = None
    views: Number | None = None
    status: Literal["live", "withdrawn"] | None = None
