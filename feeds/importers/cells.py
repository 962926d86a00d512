"""From cells, the values of columns that are named like an article's keys, to a record."""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from feeds.errors import ArticleError
from feeds.importers.record import ArticleRecord
from feeds.importers.textpage import decode_page
from feeds.messages import no_such_key, path

SEPARATORS = ";|,"
"""A list that is not JSON is split at the first of these characters that it has."""

_KEYS = list(ArticleRecord.model_fields)
# A name may begin with a bracket too: [현장]
_JSON = re.compile(r'\s*(?:\{|\[\s*["{\]])')
# A spreadsheet, or the sum of a database, gives 12 as 12.0.
_WHOLE_NUMBER = re.compile(r"\s*(-?[0-9]{1,20})(?:\.0*)?\s*")
_FLAGS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


def keys_of(columns: Sequence[str]) -> list[str]:
    """Give the article's key of each column, whose name may be in any case.

    Raises ArticleError if a column is no key or is there twice, or if there is no `id`: all rows
    would fail alike.
    """
    keys = [column.strip().lower() for column in columns]
    counts = Counter(keys)
    faults = [(key, no_such_key(key, _KEYS)) for key in counts if key not in _KEYS]
    faults += [(key, "is there twice") for key, count in counts.items() if count > 1]
    faults += [] if "id" in counts else [("id", "is missing")]
    by_fault: dict[str, list[str]] = {}
    for key, fault in faults:
        by_fault.setdefault(fault, []).append(path((key,)))
    if by_fault:
        told = (f"column {', '.join(names)}: {fault}" for fault, names in by_fault.items())
        raise ArticleError("; ".join(told))
    return keys


def record_of_cells(cells: Mapping[str, object], separators: str = SEPARATORS) -> dict[str, object]:
    """Make a record of cells by their keys; None stays, and so clears the key.

    Lists are JSON, an array of the database, one object, or text with `separators`; `image` is JSON
    or a URL. Bytes are text in UTF-8 or cp949. Raises ArticleError if JSON cannot be read.
    """
    return {key: _value(key, cell, separators) for key, cell in cells.items()}


def _value(key: str, cell: object, separators: str) -> object:
    try:
        value = decode_page(cell) if isinstance(cell, bytes) else cell
        if value is None and key != "minor":  # which null does not clear
            return None
        return _READ.get(key, _text)(value, separators)
    except (ArticleError, RecursionError, ValueError) as error:
        raise ArticleError(f"{key}: {error}") from None


def _names(value: object, separators: str) -> object:
    value = _parsed(value, separators)
    if not isinstance(value, str):
        return value
    separator = next((each for each in separators if each in value), None)
    names = value.split(separator) if separator else [value]
    return [name.strip() for name in names if name.strip()]


def _authors(value: object, separators: str) -> object:
    names = _listed(_names(value, separators), separators)
    if not isinstance(names, list):
        return names
    return [{"name": each} if isinstance(each, str) else each for each in names]


def _listed(value: object, separators: str) -> object:
    value = _parsed(value, separators)
    return [value] if isinstance(value, dict) else value


def _image(value: object, separators: str) -> object:
    value = _parsed(value, separators)
    return {"url": value} if isinstance(value, str) else value


def _parsed(value: object, _: str) -> object:
    """Parse text that begins like JSON."""
    if not isinstance(value, str) or not _JSON.match(value):
        return value
    try:
        return json.loads(value)
    except json.JSONDecodeError as error:
        raise ArticleError(f"not JSON: {error.msg} (column {error.colno})") from None


def _number(value: object, _: str) -> object:
    whole = _WHOLE_NUMBER.fullmatch(str(value))
    return int(whole[1]) if whole else value


def _flag(value: object, _: str) -> object:
    return _FLAGS.get(str(value or 0).strip().lower(), value)


def _text(value: object, _: str) -> object:
    """Write a number or a date as text; the rules of records take dates as `str` writes them."""
    return value if isinstance(value, str | list | dict) else str(value)


_READ: Mapping[str, Callable[[Any, str], object]] = {
    "authors": _authors,
    "sections": _names,
    "tags": _names,
    "attachments": _listed,
    "image": _image,
    "comments": _number,
    "views": _number,
    "minor": _flag,
}
