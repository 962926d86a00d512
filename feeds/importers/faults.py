"""Validation errors in plain words: which key, what is wrong with it, what to write instead."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from feeds.importers.fields import ArticleRecord, AuthorRecord, ImageRecord
from feeds.text import shorten

_AUTHOR = '{"name": "김민수"}'
_SHAPES = {
    "authors": f"[{_AUTHOR}]",
    "sections": '["지역"]',
    "tags": '["관악구"]',
    "image": '{"url": "/images/1.jpg"}',
}
_EXPECTED = {
    "int_type": "must be a whole number, without quotes",
    "greater_than_equal": "must not be negative",
    "literal_error": 'must be "live" or "withdrawn"',
}
_PARTS: dict[str, type[BaseModel]] = {"authors": AuthorRecord, "image": ImageRecord}


def faults(error: ValidationError) -> Iterator[str]:
    """Name every fault of a record as `key.path: what is wrong`."""
    for detail in error.errors(include_url=False):
        yield f"{_path(detail['loc'])}: {_words(detail)}"


def _path(loc: Sequence[int | str]) -> str:
    path = ""
    for part in loc:
        if isinstance(part, int):
            path += f"[{part}]"
        else:
            name = part if part.isprintable() and part else ascii(part)
            path += f".{shorten(name[:400], 60)}"
    return path.removeprefix(".")


def _words(detail: ErrorDetails) -> str:
    kind, loc, value = detail["type"], detail["loc"], detail["input"]
    if kind == "extra_forbidden":
        return f"no such key{_suggestion(loc)}"
    if kind == "missing":
        return "is missing"
    if kind == "value_error":
        return str(detail["ctx"]["error"])
    if value is None:
        return "must not be null"
    return _expected(detail)


def _suggestion(loc: Sequence[int | str]) -> str:
    record = _PARTS.get(str(loc[0]), ArticleRecord) if len(loc) > 1 else ArticleRecord
    near = get_close_matches(str(loc[-1])[:100], record.model_fields, n=1)
    return f' (did you mean "{near[0]}"?)' if near else ""


def _expected(detail: ErrorDetails) -> str:
    kind, loc = detail["type"], detail["loc"]
    if kind == "string_type":
        return f"must be a string{_in_quotes(detail['input'])}"
    if kind == "less_than_equal":
        return f"must be at most {detail['ctx']['le']}"
    if kind == "too_long":
        return f"has more than {detail['ctx']['max_length']} names"
    if kind in _EXPECTED:
        return _EXPECTED[kind]
    shape = _AUTHOR if loc[0] == "authors" and len(loc) > 1 else _SHAPES[str(loc[0])]
    return f"must look like {shape}"


def _in_quotes(value: object) -> str:
    """Show how to write a number as a string; one too long to be anybody's is not shown."""
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 10**20:
        return ""
    return f' (put the number in quotes: "{value}")'
