"""What pydantic refuses, said to the one who wrote the YAML: what is wanted and what is there."""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import cast

import yaml
from pydantic import BaseModel
from pydantic_core import ErrorDetails

from feeds.config.outline import Fault, Key, Outline, scalar
from feeds.config.pairs import Disagreement
from feeds.text import one_line, shorten

_MEANT_PLAIN = re.compile("[1-9][0-9]*|true|false")
_ABOUT_THE_KEY = "[key]"  # pydantic's mark for a fault in a mapping's key instead of its value

# What is wanted, by pydantic's name of the error.
_WANTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "tuple_type": "a list such as [one, two]",
    "dict_type": "keys with values",
    "model_type": "keys with values",
    "literal_error": "{expected}",
    "greater_than_equal": "{ge} or more",
    "less_than_equal": "{le} or less",
    "too_short": "a list of {min_length} or more",
}


def fault(error: ErrorDetails, outline: Outline, model: type[BaseModel]) -> Fault:
    """Place and word one error that `model` found in the values of `outline`."""
    key = tuple(part for part in error["loc"] if part != _ABOUT_THE_KEY)
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, Disagreement):
        return _disagreement(cause, key, outline)
    return Fault(outline.line(key), key, _what(error, key, outline, model))


def _disagreement(cause: Disagreement, key: Key, outline: Outline) -> Fault:
    """Place a fault of several keys at the last of them that is in the file."""
    keys = [(*key[:-1], *each) for each in cause.keys]
    written = [each for each in keys if outline.node(each)]
    unset = [str(each[-1]) for each in keys if written and each not in written]
    default = f"; {unset[0]} is not set and has its default" if unset else ""
    at = max(written, key=outline.line, default=key)
    return Fault(outline.line(at), at, f"{cause}{default}")


def _what(error: ErrorDetails, key: Key, outline: Outline, model: type[BaseModel]) -> str:
    if error["type"] == "extra_forbidden":
        return _no_such_key(str(key[-1]), _keys(model, key[:-1]))
    if error["type"] == "missing":
        return "missing, and there is no default; add it"
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    node = outline.node(key)
    return error["msg"] if node is None else _wrong_value(error, node)


def _no_such_key(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, n=1)
    hint = f'did you mean "{near[0]}"?' if near else f"there are: {', '.join(known)}"
    return f"no such key ({hint})"


def _keys(model: type[BaseModel], path: Key) -> Sequence[str]:
    """The keys that a part of the model knows; only a model refuses a key, so each step is one."""
    for part in path:
        model = cast("type[BaseModel]", model.model_fields[str(part)].annotation)
    return list(model.model_fields)


def _wrong_value(error: ErrorDetails, node: yaml.Node) -> str:
    if node.tag.endswith(":null"):
        return "has no value; give it one, or take the key out"
    if error["type"] not in _WANTED:
        return error["msg"]
    wanted = _WANTED[error["type"]].format(**error.get("ctx", {})).replace("'", "")
    return f"must be {wanted}, but found {_found(node)}{_advice(error['type'], node)}"


def _found(node: yaml.Node) -> str:
    if isinstance(node, yaml.SequenceNode):
        return f"a list of {len(node.value)}"
    if not isinstance(node, yaml.ScalarNode):
        return "keys with values"
    if node.tag.endswith(":bool"):
        return f"{node.value}, which is {str(scalar(node)).lower()} in YAML"
    return f'"{_written(node)}"' if node.style else _written(node)


def _advice(wrong: str, node: yaml.Node) -> str:
    if not isinstance(node, yaml.ScalarNode):
        return ""
    if wrong == "string_type":
        return f'; put it in quotes: "{_written(node)}"'
    if wrong in {"int_type", "bool_type"} and node.style and _MEANT_PLAIN.fullmatch(node.value):
        return "; write it without quotes"
    return ""


def _written(node: yaml.Node) -> str:
    return shorten(one_line(node.value), 60)
