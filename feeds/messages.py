"""Validation errors of pydantic in plain words: the place of each, and a sentence about it.

They are read by the author of a config, an article or a request, who need not be a developer. A
rule of our own raises ValueError; its text completes the sentence that begins with the key.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from feeds.text import quoted, shorten

Place = tuple[int | str, ...]

# The wording of pydantic is for developers.
_WANTED = {
    "model_type": "be keys with values",
    "dict_type": "be keys with values",
    "list_type": "be a list",
    "tuple_type": "be a list",
    "string_type": "be text",
    "int_type": "be a whole number",
    "bool_type": "be true or false",
    "greater_than_equal": "be {ge} or more",
    "less_than_equal": "be {le} or less",
    "literal_error": "be {expected}",
    "too_short": "have {min_length} or more values",
    "too_long": "have {max_length} or fewer values",
}
_MEANT_PLAIN = re.compile("0|[1-9][0-9]*|true|false")
_LONGEST_NUMBER = 20
_LONGEST_KEY = 60
_ABOUT_THE_KEY = "[key]"  # pydantic's mark for a fault in a mapping's key instead of its value


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong: its keys and list positions, and a sentence."""

    place: Place
    sentence: str

    def __str__(self) -> str:
        return f"{path(self.place)}: {self.sentence}" if self.place else self.sentence


def faults(error: ValidationError, model: type[BaseModel]) -> Iterator[Fault]:
    """Give every fault that `model` found."""
    for detail in error.errors(include_url=False):
        place = tuple(part for part in detail["loc"] if part != _ABOUT_THE_KEY)
        yield Fault(place, _sentence(detail, place, model))


def path(place: Place) -> str:
    """Write a place as `authors[0].name`; long keys are shortened, unprintable ones escaped."""
    written = ""
    for part in place:
        if isinstance(part, int):
            written += f"[{part}]"
        else:
            name = part if part and part.isprintable() else ascii(part)
            written += f".{shorten(name[:400], _LONGEST_KEY)}"
    return written.removeprefix(".")


def no_such_key(key: str, known: Sequence[str]) -> str:
    """Say that there is no such key, and suggest the key that was probably meant."""
    near = get_close_matches(key[:100], known, n=1)
    hint = f'did you mean "{near[0]}"?' if near else f"there are: {', '.join(known) or 'none'}"
    return f"no such key ({hint})"


def _sentence(detail: ErrorDetails, place: Place, model: type[BaseModel]) -> str:
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    if kind == "extra_forbidden":
        return no_such_key(str(place[-1]), _keys(model, place[:-1]))
    if kind == "missing":
        return "is missing"
    if value is None:
        return "has no value; give it one, or leave the key out"
    if kind == "value_error":
        return str(context["error"])
    if kind not in _WANTED:
        return detail["msg"]
    wanted = _WANTED[kind].format(**context).replace("'", '"')
    return f"must {wanted}, not {_found(value)}{_advice(kind, value)}"


def _keys(model: type[BaseModel], place: Place) -> list[str]:
    """Give the keys that the part of a model at `place` knows."""
    for key in place:
        # Positions in a list and keys of a mapping lead to no other model.
        if field := model.model_fields.get(str(key)):
            model = next(_models(field.annotation), model)
    return list(model.model_fields)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if inner := get_args(annotation):
        for each in inner:
            yield from _models(each)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation


def _found(value: object) -> str:
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    if isinstance(value, dict):
        return "keys with values"
    if isinstance(value, bool):
        return str(value).lower()
    return shorten(str(value), _LONGEST_NUMBER)


def _advice(kind: str, value: object) -> str:
    if kind == "string_type" and isinstance(value, bool | int | float):
        return f'; put it in quotes: "{_found(value)}"'
    if kind in {"int_type", "bool_type"} and isinstance(value, str):
        return "; write it without quotes" if _MEANT_PLAIN.fullmatch(value) else ""
    return ""
