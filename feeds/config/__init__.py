"""`config.yaml` as frozen settings, or every error in it at once, each with its line and key.

`models` lists the settings, `validators` says what a value may be, `source` reads YAML.
"""

from collections.abc import Mapping
from operator import itemgetter
from pathlib import Path
from types import MappingProxyType

from pydantic import ValidationError

from feeds.config import source
from feeds.config.models import Config, Feeds, MostRead, Serve, Site, Views, WebSub
from feeds.config.validators import site_url
from feeds.errors import ConfigError
from feeds.messages import faults

__all__ = ["SITE_URL", "Config", "Feeds", "MostRead", "Serve", "Site", "Views", "WebSub"]
__all__ += ["find", "load"]

SITE_URL = "FEEDS_SITE_URL"
"""The environment variable that replaces `site.url` for one run."""

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
    if explicit:
        raise ConfigError(f"{path}: no such file; give --config the path of a config.yaml")
    if named:
        raise ConfigError(f"{path}: no such file; correct {_VARIABLE}, which names it, or unset it")
    raise ConfigError(
        f"no {path} in {Path.cwd()}; write one (site.title and site.url are enough),"
        f" or name yours with --config PATH or {_VARIABLE}"
    )


def load(path: Path, environ: Mapping[str, str] = _NO_VARIABLES) -> Config:
    """Read and validate a file; relative paths in it become absolute from its folder.

    FEEDS_SITE_URL replaces `site.url`. Raises ConfigError with one `file:line: key: message` for
    each error, in the order of the file.
    """
    values = source.read(path)
    try:
        config = Config.model_validate(values, context={"folder": path.absolute().parent})
    except ValidationError as error:
        raise ConfigError(_every_error(path, values, error)) from None
    url = environ.get(SITE_URL)
    return _reached_at(url, config) if url else config


def _every_error(path: Path, values: object, error: ValidationError) -> str:
    found = [(source.line_of(values, fault.place), str(fault)) for fault in faults(error, Config)]
    return "\n".join(f"{path}:{line}: {fault}" for line, fault in sorted(found, key=itemgetter(0)))


def _reached_at(url: str, config: Config) -> Config:
    try:
        site = config.site.model_copy(update={"url": site_url(url)})
    except ValueError as error:
        raise ConfigError(f"{SITE_URL}: {error}") from None
    return config.model_copy(update={"site": site})
