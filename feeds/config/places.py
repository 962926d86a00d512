"""The types of settings that name databases and folders; relative ones begin beside the config.

A validator raises ValueError as those of `validators` do.
"""

import re
from os.path import isdir, isfile
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, ValidationInfo

from feeds.text import quoted

_SQLITE = "sqlite:///"
_POSTGRESQL = ("postgresql://", "postgresql+psycopg://")
_POSTGRESQL_URL = re.compile(
    r"[a-z+]+://([^:/@?]*(:[^@]*)?@)?"  # user and password
    r"(\[[0-9a-f:.]+\]|[^]@:/?\[\s]*)(:[0-9]{1,5})?"  # host and port
    r"(/[^@?\s]*)?(\?\S*)?",  # database and options
    re.IGNORECASE,
)
_SQL_URL = re.compile(r"[a-z0-9]+(\+[a-z0-9_]+)?://.+", re.IGNORECASE)
_MEMORY = re.compile(r"sqlite:(//)?|sqlite:///(:memory:|file:.*)?(\?.*)?")


def _store(url: str, info: ValidationInfo) -> str:
    # The URL may hold a password, so no message repeats it.
    if url.startswith(_POSTGRESQL):
        if _POSTGRESQL_URL.fullmatch(url):
            return url
        raise ValueError(
            "must be like postgresql://user:password@host:5432/database;"
            ' write "@", ":" and "/" in a password as %40, %3A and %2F'
        )
    if _MEMORY.fullmatch(url):
        raise ValueError(f"must name a file, such as {_SQLITE}newsroom.db; memory is not kept")
    if not url.startswith(_SQLITE):
        raise ValueError(f"must begin with {_SQLITE} or {_POSTGRESQL[0]}")
    return _absolute(url, info)


def _sql_url(url: str, info: ValidationInfo) -> str:
    if not _SQL_URL.fullmatch(url):
        raise ValueError("must be like mysql+pymysql://user:password@host/database")
    return _absolute(url, info) if url.startswith(_SQLITE) else url


def _absolute(url: str, info: ValidationInfo) -> str:
    """Let the file of SQLite that a URL names begin in the folder of the config."""
    path = _beside_config(url.removeprefix(_SQLITE), info)
    if isdir(str(path).partition("?")[0]):  # noqa: PTH112 - Path.is_dir raises if it may not look
        raise ValueError("names a folder; name a file in it")
    return f"{_SQLITE}{path}"


def _spool(name: str, info: ValidationInfo) -> str:
    if name.strip() != name or not name:
        raise ValueError("must be the name of a folder, such as spool")
    path = _beside_config(name, info)
    for place in (path, *path.parents):
        if isfile(place):  # noqa: PTH113 - Path.is_file raises if it may not look
            raise ValueError(f"{place} is a file; name a folder")
    return str(path)


def _key_file(name: str, info: ValidationInfo) -> str:
    path = _beside_config(name, info)
    if not name or isdir(path):  # noqa: PTH112 - Path.is_dir raises if it may not look
        raise ValueError(f"{quoted(name)} must name a file; it is made when it is needed")
    return str(path)


def _templates(name: str, info: ValidationInfo) -> str:
    path = _beside_config(name, info)
    if not name or not isdir(path):  # noqa: PTH112 - Path.is_dir raises if it may not look
        raise ValueError(f"{quoted(name)} is not a folder; make it, or leave the key out")
    return str(path)


def _beside_config(name: str, info: ValidationInfo) -> Path:
    """Let a relative path begin in the folder of the config, if the settings are from a file."""
    folder: Path = (info.context or {}).get("folder", Path())
    return folder / name


KeyFile = Annotated[str, AfterValidator(_key_file)]
"""A file that exists or can be made; absolute if the config was read from a file."""
Spool = Annotated[str, AfterValidator(_spool)]
"""A folder that exists or can be made; absolute if the config was read from a file."""
SqlUrl = Annotated[str, AfterValidator(_sql_url)]
"""A URL of SQLAlchemy; the path of a SQLite file is absolute if the config was read from a file."""
StoreUrl = Annotated[str, AfterValidator(_store)]
"""The URL of a database; a path in it is absolute if the config was read from a file."""
Templates = Annotated[str, AfterValidator(_templates)]
"""A folder of templates; absolute if the config was read from a file."""
