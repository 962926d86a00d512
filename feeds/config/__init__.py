"""`config.yaml` as frozen settings; all of its faults at once, each with its line and key.

`keys` says which settings there are, `rules` what one may hold, `pairs` what two may say together,
`outline` reads YAML and knows the lines, `wording` says in plain words what pydantic refused.
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from pydantic import ValidationError

from feeds.config import outline, rules, wording
from feeds.config.keys import Config, Feeds, MostRead, Serve, Site, Views, WebSub
from feeds.errors import ConfigError

__all__ = ["SITE_URL", "Config", "Feeds", "MostRead", "Serve", "Site", "Views", "WebSub"]
__all__ += ["find", "load"]

SITE_URL = "FEEDS_SITE_URL"
"""The environment variable that stands for `site.url`, for a run that is reached elsewhere."""

_NO_VARIABLES: Mapping[str, str] = MappingProxyType({})
_DEFAULT = Path("config.yaml")
_VARIABLE = "FEEDS_CONFIG"


def find(explicit: Path | None, environ: Mapping[str, str]) -> Path:
    """Choose the file: `explicit`, else the one that FEEDS_CONFIG names, else ./config.yaml.

    Raises ConfigError when that one is not there; the next in the order is then not tried,
    because a mistyped name must not quietly start another paper.
    """
    named = environ.get(_VARIABLE)
    path = explicit or (Path(named) if named else _DEFAULT)
    if path.is_file():
        return path
    if explicit:
        raise ConfigError(f"{path}: no such file; give --config the path of a config.yaml")
    if named:
        raise ConfigError(f"{path}: no such file; {_VARIABLE} names it, set it right or unset it")
    raise ConfigError(
        f"no {path} in {Path.cwd()}; write one (site.title and site.url are enough),"
        f" or name yours with --config PATH or {_VARIABLE}"
    )


def load(path: Path, environ: Mapping[str, str] = _NO_VARIABLES) -> Config:
    """Read and validate a file; a relative SQLite path in it becomes absolute from its folder.

    FEEDS_SITE_URL stands for `site.url`. Raises ConfigError, with one `file:line: key: what` for
    each fault, in the order of the file.
    """
    read = outline.read(path)
    try:
        config = Config.model_validate(read.values, context={"folder": path.absolute().parent})
    except ValidationError as error:
        found = error.errors(include_url=False)
        faults = [wording.fault(each, read, Config) for each in found]
        raise outline.refusal(path, [*read.faults, *faults]) from None
    if read.faults:
        raise outline.refusal(path, read.faults)
    url = environ.get(SITE_URL)
    return _reached_at(url, config) if url else config


def _reached_at(url: str, config: Config) -> Config:
    try:
        site = config.site.model_copy(update={"url": rules.site_url(url)})
    except ValueError as error:
        raise ConfigError(f"{SITE_URL}: {error}") from None
    return config.model_copy(update={"site": site})
