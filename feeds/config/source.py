"""`config.yaml` as YAML 1.2, in which every key knows its line."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from feeds.errors import ConfigError
from feeds.text import one_line


def read(path: Path) -> Any:
    """Read a file; an empty one has no keys. No tag in it constructs an object.

    Raises ConfigError, with the line, for the first error in its YAML, such as a duplicate key.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
        values = YAML().load(text)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}:{line}: not UTF-8; save the file as UTF-8") from None
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        found = f"the character U+{error.character:04X} is not allowed"
        raise ConfigError(f"{path}:{line}: not YAML: {found}") from None
    except (YAMLError, ValueError, RecursionError) as error:
        raise ConfigError(f"{path}:{_marked(error)}") from None
    return {} if values is None else values


def line_of(values: Any, key: Sequence[int | str]) -> int:
    """Give the line of a key, counted from 1, or of the nearest key above it that is there."""
    line = 1
    for part in key:
        places = getattr(getattr(values, "lc", None), "data", None) or {}
        if part not in places:
            break
        line = places[part][0] + 1
        values = values[part]
    return line


def _marked(error: Exception) -> str:
    """Give the line of a YAML error and the parser's words, with where the broken part begins."""
    if not isinstance(error, MarkedYAMLError) or error.problem_mark is None:
        return f"1: not YAML: {one_line(str(error))}"
    said = error.problem.partition(" with value ")[0]  # of a duplicate key; it may be a password
    if error.context and error.context_mark:
        said += f" ({error.context} that begins in line {error.context_mark.line + 1})"
    return f"{error.problem_mark.line + 1}: not YAML: {one_line(said)}"
