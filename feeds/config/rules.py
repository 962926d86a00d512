"""What one value may hold: each rule returns the value in its best form.

A rule raises ValueError, whose message completes the sentence that begins with the key.
"""

import re
from difflib import get_close_matches
from ipaddress import ip_network
from pathlib import Path
from stat import S_ISDIR
from urllib.parse import SplitResult, unquote, urlsplit
from zoneinfo import available_timezones

from feeds.model import FOLDERS
from feeds.text import LANGUAGE, clean, one_line, slug

_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?|[0-9a-f:.]*:[0-9a-f:.]*")
_WINDOW = re.compile(r"([1-9][0-9]{0,3})([hd])")
_FEED_PATH = re.compile(r"[^/?#]+(/[^/?#]+)*\.(rss|atom|json)")
_OUR_PATHS = {"/", "/feeds.opml", "/healthz", "/readyz"}
_SQLITE = "sqlite:///"
_POSTGRESQL = ("postgresql://", "postgresql+psycopg://")
_SERVER = re.compile(
    r"[a-z+]+://([^:/@?]*(:[^@]*)?@)?"  # user and password
    r"(\[[0-9a-f:.]+\]|[^]@:/?\[\s]*)(:(?P<port>[0-9]{1,5}))?"  # host and port
    r"(/[^@?\s]*)?(\?\S*)?",  # database and options
    re.IGNORECASE,
)
_HIGHEST_PORT = 65_535
_MEMORY = re.compile(r"sqlite:(//)?|sqlite:///(:memory:|file:.*)?(\?.*)?")


def title(text: str) -> str:
    """The name of the paper, on one line."""
    if cleaned := one_line(text):
        return cleaned
    raise ValueError("must not be empty; it is the name of the paper")


def _http(url: str) -> SplitResult:
    example = "must be a whole address such as https://www.news.example"
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode("ascii")
        port = parts.port
    except ValueError:
        raise ValueError(f"{example}; host or port cannot be read") from None
    if parts.scheme not in {"http", "https"} or not _HOST.fullmatch(host):
        raise ValueError(example)
    if "@" in parts.netloc:
        raise ValueError("must not hold a user name or password; everyone will read it")
    if not re.fullmatch("[!-~]*", url.replace(parts.netloc, "", 1)):
        raise ValueError("blanks and letters beyond ASCII must be percent-encoded")
    host = f"[{host}]" if ":" in host else host
    return parts._replace(netloc=host if port is None else f"{host}:{port}")


def site_url(url: str) -> str:
    """An absolute http(s) URL to write paths behind: no query, fragment or slash at its end."""
    if "?" in url or "#" in url:
        raise ValueError('must end before "?" and "#"; feeds and pages are below it')
    return _http(url).geturl().rstrip("/")


def picture(address: str) -> str:
    """An http(s) URL, or a path below the site's, which begins with a slash."""
    if re.fullmatch(r"/[!-.0-~][!-~]*", address):
        return address
    try:
        return _http(address).geturl()
    except ValueError as error:
        raise ValueError(f"must be a path such as /icon.png or an address: {error}") from None


def hub(name: str) -> str:
    """`built-in`, `none`, or a hub's URL."""
    if name in {"built-in", "none"}:
        return name
    try:
        return _http(name).geturl()
    except ValueError as error:
        raise ValueError(f"must be built-in, none or the address of a hub: {error}") from None


def language(tag: str) -> str:
    """A language tag by BCP 47."""
    if LANGUAGE.fullmatch(tag):
        return tag
    meant = tag.partition(".")[0].replace("_", "-")
    advice = f"write {meant}" if LANGUAGE.fullmatch(meant) else "such as ko, en or zh-Hant-TW"
    raise ValueError(f'"{tag}" is not a language tag (BCP 47); {advice}')


def timezone(name: str) -> str:
    """A name in the time zone database."""
    known = available_timezones()
    if name in known:
        return name
    near = [zone for zone in sorted(known) if zone.rpartition("/")[2].lower() == name.lower()]
    near = near or get_close_matches(name, sorted(known), n=1, cutoff=0.8)
    hint = f'did you mean "{near[0]}"?' if near else "they look like Asia/Seoul"
    raise ValueError(f'no such time zone as "{name}" ({hint})')


def iframe_host(host: str) -> str:
    """A host, in lower case."""
    if _HOST.fullmatch(host.lower()):
        return host.lower()
    raise ValueError(f'"{host}" must be a host alone, such as www.youtube.com')


def window(name: str) -> str:
    """Hours or days, as they stand in a feed's path."""
    if _WINDOW.fullmatch(name):
        return name
    raise ValueError(f'"{name}" must be hours or days, such as 24h or 7d')


def each_once(names: tuple[str, ...]) -> tuple[str, ...]:
    """No name twice."""
    if len(set(names)) < len(names):
        raise ValueError("the same one is given twice")
    return names


def old_path(path: str) -> str:
    """The path of an old address, decoded and NFC, as a request's path is compared with it."""
    path = clean(unquote(path))
    if not path.startswith("/") or "?" in path or "#" in path:
        raise ValueError('the old address must begin with "/" and end before "?"')
    if path in _OUR_PATHS:
        raise ValueError("this service answers there itself; take the alias out")
    if path.startswith("/feeds/"):
        raise ValueError("an alias cannot stand below /feeds/, where the feeds themselves are")
    return path


def feed_path(path: str) -> str:
    """A feed's path below `/feeds/`, decoded and NFC, as documents are named."""
    path = clean(unquote(path))
    if path.startswith(("/", "feeds/")) or not _FEED_PATH.fullmatch(path):
        raise ValueError(f'"{path}" must be a feed below /feeds/, such as latest.rss')
    return path


def term_path(path: str) -> str:
    """A section, author or tag as in the address of its feeds: `sections/지역`."""
    folder, _, name = clean(unquote(path)).partition("/")
    if folder not in FOLDERS.values() or not name:
        raise ValueError(
            f'"{path}" must be one of {", ".join(FOLDERS.values())}, such as sections/지역'
        )
    return f"{folder}/{slug(name)}"


def new_term_path(path: str) -> str:
    """What a section, author or tag became: another one, or `gone`."""
    return path if path == "gone" else term_path(path)


def store(url: str, folder: Path | None) -> str:
    """A database URL; a relative SQLite path becomes absolute from `folder`, if that is known.

    The message never repeats the URL, which may hold a password.
    """
    if url.startswith(_POSTGRESQL):
        return _postgresql(url)
    if _MEMORY.fullmatch(url):
        raise ValueError(f"must name a file, such as {_SQLITE}newsroom.db; memory is not kept")
    if not url.startswith(_SQLITE):
        raise ValueError(f"must begin with {_SQLITE} or {_POSTGRESQL[0]}")
    path = url.removeprefix(_SQLITE)
    if folder is None:
        return url
    if _is_folder(folder / path.partition("?")[0]):
        raise ValueError("names a folder; name the file in it that is to be the store")
    return f"{_SQLITE}{folder / path}"


def _postgresql(url: str) -> str:
    match = _SERVER.fullmatch(url)
    if match is None or int(match["port"] or 0) > _HIGHEST_PORT:
        raise ValueError(
            "must be like postgresql://user:password@host:5432/database;"
            ' write "@", ":" and "/" in a password as %40, %3A and %2F'
        )
    return url


def hours(name: str) -> int:
    """How many hours a window such as `24h` or `7d` has."""
    return int(name[:-1]) * (1 if name.endswith("h") else 24)


def folder(name: str, base: Path | None) -> str:
    """The name of a folder that is there or can be made, absolute from `base` if that is known."""
    if name.strip() != name or not name:
        raise ValueError("must be the name of a folder, such as spool")
    if base is None:
        return name
    path = base / name
    for place in (path, *path.parents):
        if _is_folder(place) is False:
            raise ValueError(f"{place} is a file, no folder; name another place")
    return str(path)


def _is_folder(path: Path) -> bool | None:
    """Say what stands under a name; None if nothing does, or nothing that can be seen."""
    try:
        return S_ISDIR(path.stat().st_mode)
    except (OSError, ValueError):
        return None


def network(name: str) -> str:
    """An address, or a network in CIDR notation."""
    try:
        return str(ip_network(name))
    except ValueError as error:
        raise ValueError(f"must be an address or a network such as 192.0.2.0/24: {error}") from None


def article_address(pattern: str) -> str:
    """The path of articles on the paper's site, with `{id}` where the id is."""
    if not pattern.startswith("/") or pattern.count("{id}") != 1 or not pattern.isprintable():
        raise ValueError(f'"{pattern}" must be a path with one {{id}} in it, such as /news/{{id}}')
    return pattern
