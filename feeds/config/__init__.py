"""`config.yaml` as frozen settings, or every error in it at once, each with its line and key.

The file is YAML 1.2. `models` lists the settings; `validators` and `places` say which values fit.
"""

from collections.abc import Mapping
from operator import itemgetter
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from feeds.config.models import Config, Feeds, MostRead, Section, Serve, Site, Views
from feeds.config.systems import Hook, IndexNow, Sql, Webhook, WebSub
from feeds.errors import ConfigError
from feeds.messages import Place, faults
from feeds.text import one_line

__all__ = ["SITE_URL", "Config", "Feeds", "Hook", "IndexNow", "MostRead", "Section", "Serve"]
__all__ += ["Site", "Sql", "Views", "WebSub", "Webhook", "find", "load"]

SITE_URL = "FEEDS_SITE_URL"
"""The environment variable that replaces `site.url` for one run."""

# Parts by name, the key in each that a variable replaces, and how the variable's name begins.
_SECRETS = ((("sql",), "url", "FEEDS_SQL_"), (("api", "hooks"), "secret", "FEEDS_HOOK_"))
_NO_VARIABLES: Mapping[str, str] = MappingProxyType({})
_DEFAULT = Path("config.yaml")
_VARIABLE = "FEEDS_CONFIG"


def find(explicit: Path | None, environ: Mapping[str, str]) -> Path:
    """Choose the file: `explicit`, else the one in FEEDS_CONFIG, else ./config.yaml.

    Raises ConfigError if the chosen file does not exist. The next choice is not tried then: a
    mistyped name must not start another newspaper.
    """
    named = environ.get(_VARIABLE)
    path = explicit or (Path(named) if named else _DEFAULT)
    if path.is_file():
        return path
    if explicit or named:
        source = "--config" if explicit else _VARIABLE
        raise ConfigError(f"{path}: no such file; {source} must be the path of a config.yaml")
    raise ConfigError(
        f"no {path} in {Path.cwd()}; write one (site.title and site.url are enough),"
        f" or name yours with --config PATH or {_VARIABLE}"
    )


def load(path: Path, environ: Mapping[str, str] = _NO_VARIABLES) -> Config:
    """Read and validate a file; relative paths in it become absolute from its folder.

    FEEDS_SITE_URL replaces `site.url`, FEEDS_SQL_NEWS `sql.news.url`, FEEDS_HOOK_GHOST
    `api.hooks.ghost.secret`, and FEEDS_WEBHOOK_1 the `secret` of the first of `hooks`. Raises
    ConfigError with one `file:line: key: message` for each error, in the order of the file; a value
    from a variable is named by the variable.
    """
    values = _read(path)
    replaced = _replace(values, environ)
    try:
        return Config.model_validate(values, context={"folder": path.absolute().parent})
    except ValidationError as error:
        found = []
        for fault in faults(error, Config):
            line, variable = _line_of(values, fault.place), replaced.get(fault.place)
            where = f"{variable}: {fault.sentence}" if variable else f"{path}:{line}: {fault}"
            found.append((line, where))
        raise ConfigError("\n".join(said for _, said in sorted(found, key=itemgetter(0)))) from None


def _replace(values: Any, environ: Mapping[str, str]) -> dict[Place, str]:
    """Put in the values of variables; give the variable of each key that was replaced."""
    variables: dict[Place, str] = {("site", "url"): SITE_URL}
    for parts, key, prefix in _SECRETS:
        for name in _part(values, parts) or ():
            variables[*parts, name, key] = f"{prefix}{name}".upper().replace("-", "_")
    listed = values.get("hooks") if isinstance(values, dict) else None
    for number in range(len(listed) if isinstance(listed, list) else 0):
        variables["hooks", number, "secret"] = f"FEEDS_WEBHOOK_{number + 1}"
    replaced = dict[Place, str]()
    for place, variable in variables.items():
        part = _part(values, place[:-1])
        if environ.get(variable) and part is not None:
            part[place[-1]] = environ[variable]
            replaced[place] = variable
    return replaced


def _part(values: Any, place: Place) -> dict[Any, Any] | None:
    for step in place:
        try:
            values = values[step]
        except (LookupError, TypeError):
            return None
    return values if isinstance(values, dict) else None


def _read(path: Path) -> Any:
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
    except (YAMLError, ValueError, RuntimeError) as error:  # also nested, or not implemented
        raise ConfigError(f"{path}:{_marked(error)}") from None
    return {} if values is None else values


def _line_of(values: Any, key: Place) -> int:
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
