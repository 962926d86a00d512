"""The types of a record's keys: each checks a value and cleans it in one step.

A rule that fails raises ValueError, which completes the sentence that begins with the key. The
rules need a `Source` as the context of the validation.
"""

import re
from datetime import datetime
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainValidator,
    ValidationInfo,
    WithJsonSchema,
)

from feeds.importers.sources import Source
from feeds.text import (
    LANGUAGE,
    LARGEST_NUMBER,
    LONGEST_ID,
    article_id_of,
    language_tag,
    moment,
    one_line,
    quoted,
)
from feeds.urls import LONGEST, PLAIN, resolved, web_address

LONGEST_NAME = 200
LONGEST_LINE = 2_000
LONGEST_SUMMARY = 50_000
MOST_NAMES = 100

_WITH_HOST = re.compile(r"[a-z][a-z0-9+.-]*:|//|[?#]", re.IGNORECASE)
_EMAIL = re.compile(r"(?:[^@\s<>]+@[^@\s<>]+)?")
_IMAGE_TYPE = re.compile(r"(?:image/[a-z0-9][a-z0-9.+-]*)?")
# In JSON Schema; the rules read other forms too. Every date in it is one of the calendar.
_DATE = (
    r"(?:20|19|21)\d\d-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])"
    r"|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
    r"|(?:20|19|21)(?:0[48]|[2468][048]|[13579][26])-02-29|2000-02-29"
)
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d)?"
# Short enough for the paper's address before it.
_PATH = rf"/(?:[A-Za-z0-9\-._~][A-Za-z0-9\-._~/]{{0,{LONGEST // 2}}})?"
_WORD = r"[^\s\p{C}]"
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+-]*")


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


def _body(value: str) -> str:
    return value if value.strip() else ""


def _only_body(value: str, info: ValidationInfo[Source]) -> str:
    if value and info.data.get("body_html"):
        raise ValueError('an article has either "body_html" or "body_text"; leave one out')
    return value


def _whole(value: object) -> object:
    """Read 3.0 as 3: JSON has one kind of number."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _text(**keywords: Any) -> WithJsonSchema:
    """Say in JSON Schema which texts a rule accepts as they are; it cleans others."""
    return WithJsonSchema({"type": "string"} | keywords)


T = TypeVar("T")
_STRIPPED = AfterValidator(str.strip)
ID_SCHEMA = _text(pattern=f"^{_WORD}{{1,{LONGEST_ID}}}$")
MOMENT_SCHEMA = _text(
    description="Without an offset, local time in the paper's zone.",
    pattern=f"^(?:{_DATE})[T ]{_TIME}$",
)
Id = Annotated[str, AfterValidator(_id), ID_SCHEMA]
AuthorId = Annotated[
    str, AfterValidator(_author_id), _text(pattern=rf"^\s*(?:{_WORD}{{1,{LONGEST_ID}}}\s*)?$")
]
Line = Annotated[str, _line(LONGEST_LINE), _text(maxLength=LONGEST_LINE)]
Title = Annotated[Line, AfterValidator(_not_empty), _text(maxLength=LONGEST_LINE, pattern=_WORD)]
# It goes into every feed, even where no body does.
Summary = Annotated[str, _line(LONGEST_SUMMARY), _text(maxLength=LONGEST_SUMMARY)]
# A name becomes an address, and a key of the store.
Name = Annotated[str, _line(LONGEST_NAME), _text(maxLength=LONGEST_NAME)]
Moment = Annotated[datetime, PlainValidator(_moment), MOMENT_SCHEMA]
Address = Annotated[
    str,
    _STRIPPED,
    AfterValidator(web_address),
    _text(pattern=f"^{PLAIN.pattern}$", maxLength=LONGEST),
]
OwnAddress = Annotated[
    str,
    AfterValidator(_own_address),
    _text(pattern=f"^(?:{PLAIN.pattern}|{_PATH})$", maxLength=LONGEST),
]
Email = Annotated[
    str, AfterValidator(_email), _text(pattern=r"^(?:[^@\s<>\p{C}]+@[^@\s<>\p{C}]+)?$")
]
ImageType = Annotated[
    str, _media_type(_IMAGE_TYPE, "image/jpeg"), _text(pattern=f"^{_IMAGE_TYPE.pattern}$")
]
MediaType = Annotated[
    str, _media_type(_MEDIA_TYPE, "audio/mpeg"), _text(pattern=f"^{_MEDIA_TYPE.pattern}$")
]
Language = Annotated[
    str,
    _STRIPPED,
    AfterValidator(language_tag),
    _text(pattern=f"^(?:{LANGUAGE.pattern.replace('a-z', 'A-Za-z')})$"),
]
Body = Annotated[str, AfterValidator(_body)]
OnlyBody = Annotated[Body, AfterValidator(_only_body)]
"""A body that stands behind `body_html` in its model, and is alone."""
# Every feed of the article carries each, and each has feeds of its own.
Names = Annotated[list[T], Field(max_length=MOST_NAMES)]
Number = Annotated[int, Field(ge=0, le=LARGEST_NUMBER), BeforeValidator(_whole)]
