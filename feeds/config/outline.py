"""A YAML file as plain values, with the line of every key; faults in plain words.

Which keys there may be is not known here. No object is ever constructed from a tag: a key is its
text, and a value is text, a whole number, true or false, nothing, a tuple or a dict.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from feeds.errors import ConfigError
from feeds.text import one_line

Key = tuple[int | str, ...]

_WHOLE_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_TRUE = {"true", "yes", "on"}
_MOST_VALUES = 100_000

# What the YAML parser says, by a part of it, and what that means to whoever wrote the file.
_SYNTAX = {
    "mapping values are not allowed": "a colon where none can be: a key needs a blank after its"
    ' colon, and text with ": " in it needs quotes',
    r"'\t' that cannot start": "indented with a tab; use blanks",
    "that cannot start any token": "text that begins with @, % or a backtick needs quotes",
    "undefined alias": 'text that begins with "*" needs quotes',
    "expected <block end>": "does not fit the lines above it; look at indentation and quotes",
    "unexpected end of stream": "a quote is opened here and not closed",
    "expected ',' or": "a bracket is opened here and not closed",
    "another document": 'a second document begins here ("---"); only one can be read',
}
_BEGINS_EARLIER = re.compile("unexpected end of stream|expected ',' or")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a file; `line` counts from 1, `key` is empty for the whole file."""

    line: int
    key: Key
    what: str


class _Endless(Exception):
    """Aliases repeat values without end."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.what)
        self.fault = fault


class Outline:
    """The plain values of a document, and the node and line of each key."""

    def __init__(self, root: yaml.Node | None) -> None:
        self.faults: list[Fault] = []
        self._above: list[yaml.Node] = []
        self._lines: dict[Key, int] = {(): 1}
        self._nodes: dict[Key, yaml.Node] = {}
        self.values = {} if root is None else self._value(root, ())

    def line(self, key: Key) -> int:
        """The line of a key, or of the nearest key above it that is written down."""
        while key not in self._lines:
            key = key[:-1]
        return self._lines[key]

    def node(self, key: Key) -> yaml.Node | None:
        """The value of a key as it was written, or None where the key is not in the file."""
        return self._nodes.get(key)

    def _value(self, node: yaml.Node, key: Key) -> object:
        self._nodes[key] = node
        if len(self._nodes) > _MOST_VALUES:
            raise _Endless(Fault(self.line(key), key, "more values than a file can have"))
        if node in self._above:
            raise _Endless(Fault(self.line(key), key, 'repeats with "*" what it stands in itself'))
        self._above.append(node)
        value = self._plain(node, key)
        self._above.pop()
        return value

    def _plain(self, node: yaml.Node, key: Key) -> object:
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, key)
        if isinstance(node, yaml.SequenceNode):
            return tuple(self._item(item, (*key, i)) for i, item in enumerate(node.value))
        return scalar(node)

    def _item(self, node: yaml.Node, key: Key) -> object:
        # What an alias repeats is written in a line before.
        self._lines[key] = max(_line(node), self.line(key[:-1]))
        return self._value(node, key)

    def _mapping(self, mapping: yaml.MappingNode, above: Key) -> dict[str, object]:
        values: dict[str, object] = {}
        for name, node in mapping.value:
            key = (*above, name.value) if isinstance(name, yaml.ScalarNode) else above
            if key == above:
                self.faults.append(Fault(_line(name), key, "a key must be plain text"))
            elif name.value in values:
                again = f"given twice, first in line {self._lines[key]}; keep one"
                self.faults.append(Fault(_line(name), key, again))
            else:
                self._lines[key] = _line(name)
                values[name.value] = self._value(node, key)
        return values


def read(path: Path) -> Outline:
    """Read a file that holds keys with values, or nothing; raises ConfigError if it does not.

    Keys given twice do not raise: they are the outline's `faults`, to be told with the others.
    """
    text = _text(path)
    try:
        outline = Outline(yaml.compose(text, Loader=yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        raise refusal(path, [_syntax_fault(error)]) from None
    except yaml.reader.ReaderError as error:
        raise refusal(path, [_character_fault(text, error.position)]) from None
    except _Endless as error:
        raise refusal(path, [error.fault]) from None
    except RecursionError:
        raise refusal(path, [Fault(1, (), "nested too deeply")]) from None
    if not isinstance(outline.values, dict):
        raise refusal(path, [Fault(1, (), 'must hold keys with values, such as "site:"')])
    return outline


def refusal(path: Path, faults: Sequence[Fault]) -> ConfigError:
    """The error that lists faults, one a line, in the order of the file."""
    ordered = sorted(faults, key=lambda fault: fault.line)
    return ConfigError("\n".join(f"{path}:{fault.line}: {_sentence(fault)}" for fault in ordered))


def scalar(node: yaml.Node) -> object:
    """A plain value; what no key can hold (a date, a fraction, 050, 0x1F) is left as its node."""
    kind = node.tag.rpartition(":")[2]
    if kind == "str":
        return node.value
    if kind == "null":
        return None
    if kind == "bool":
        return node.value.lower() in _TRUE
    if kind == "int" and _WHOLE_NUMBER.fullmatch(node.value):
        return int(node.value)
    return node


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise refusal(path, [Fault(line, (), "not UTF-8; save the file as UTF-8")]) from None


def _syntax_fault(error: yaml.MarkedYAMLError) -> Fault:
    problem = error.problem or ""
    mark = error.problem_mark
    if _BEGINS_EARLIER.search(problem) and error.context_mark:
        mark = error.context_mark
    what = next((words for part, words in _SYNTAX.items() if part in problem), problem)
    return Fault(mark.line + 1 if mark else 1, (), f"not YAML: {what}")


def _character_fault(text: str, position: int) -> Fault:
    line = text.count("\n", 0, position) + 1
    return Fault(line, (), f"not YAML: the character U+{ord(text[position]):04X} is not allowed")


def _sentence(fault: Fault) -> str:
    key = ".".join(part for part in fault.key if isinstance(part, str))
    return one_line(f"{key}: {fault.what}" if key else fault.what)


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
