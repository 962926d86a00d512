"""The types of single settings: their allowed values, and the form in which they are kept.

A validator raises ValueError with the second half of a sentence that begins with the key.
"""

import re
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import fields
from difflib import get_close_matches
from ipaddress import ip_network
from typing import Annotated, TypeVar
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, BeforeValidator, Strict, ValidationInfo

from feeds.messages import no_such_key
from feeds.model import KINDS, Article
from feeds.text import clean, language_tag, one_line, quoted, slug
from feeds.urls import web_address

BUILT_IN = "built-in"

T = TypeVar("T")
K = TypeVar("K")

_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?|[0-9a-f:.]*:[0-9a-f:.]*")
_HEADER = re.compile(r"[A-Za-z0-9-]+")
_HOOK = re.compile(r"[a-z0-9-]+")
_SQL_NAME = re.compile(r"[a-z][a-z0-9_]*")
_WINDOW = re.compile(r"[1-9][0-9]{0,3}[hd]")
_NO_URL_OF_A_HUB = re.compile("built-in")
_INDEXNOW_KEY = re.compile(r"[A-Za-z0-9-]{8,128}")
_LEAST_SECRET, _MOST_SECRET = 24, 64  # bytes
_PICTURE_PATH = re.compile(r"/[!-.0-~][!-~]*")
_FEED_PATH = re.compile(r"[^/?#]+(/[^/?#]+)*\.(rss|atom|json)")
_OUR_PATHS = {"/", "/feeds.opml", "/healthz", "/readyz"}
_FLAGS = {"yes": True, "on": True, "no": False, "off": False}
_ARTICLE_KEYS = sorted({each.name for each in fields(Article)} - {"guid"} | {"minor"})


def or_empty(part: object) -> object:
    """Accept a part whose keys are all commented out."""
    return {} if part is None else part


def _or_none(values: object) -> object:
    """Accept a list whose values are all commented out."""
    return () if values is None else values


def _hubs(value: object) -> object:
    """Accept one hub as a list of one."""
    if value == "none":
        return ()
    return (value,) if isinstance(value, str) else value


def _webhook_secret(text: str) -> str:
    """Check a secret of Standard Webhooks: `whsec_` and 24 to 64 bytes in base64."""
    if not text:
        raise ValueError("is missing; write it here, or set the variable FEEDS_WEBHOOK_<NUMBER>")
    try:
        size = len(b64decode(text.removeprefix("whsec_"), validate=True))
    except ValueError:
        size = 0
    if text.startswith("whsec_") and _LEAST_SECRET <= size <= _MOST_SECRET:
        return text
    raise ValueError(
        f"must be whsec_ and {_LEAST_SECRET} to {_MOST_SECRET} random bytes in base64;"
        " `openssl rand -base64 32` makes some"
    )


def _site_url(url: str) -> str:
    """Check an http(s) URL that paths can follow: no query, no fragment, no slash at its end."""
    if "?" in url or "#" in url:
        raise ValueError('must end before "?" and "#"; feeds and pages are below it')
    return _http(url).rstrip("/")


def _http(url: str) -> str:
    parts = urlsplit(web_address(url))
    return parts._replace(netloc=parts.netloc.lower()).geturl()


def _text(text: str) -> str:
    if line := one_line(text):
        return line
    raise ValueError("must not be empty")


def _flag(value: object) -> object:
    # YAML 1.1 took these words for true and false; files written for it go on working.
    return _FLAGS.get(value.lower(), value) if isinstance(value, str) else value


def _timezone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        cities = {zone.rpartition("/")[2].lower(): zone for zone in sorted(available_timezones())}
    near = get_close_matches(name.rpartition("/")[2].lower(), cities, n=1, cutoff=0.8)
    hint = f'did you mean "{cities[near[0]]}"?' if near else "write one such as Asia/Seoul"
    raise ValueError(f'"{name}" is not in the time zone database ({hint})')


def _matching(pattern: re.Pattern[str], wanted: str) -> AfterValidator:
    def check(text: str) -> str:
        if pattern.fullmatch(text):
            return text
        raise ValueError(f'"{text}" must be {wanted}')

    return AfterValidator(check)


def _url_or(pattern: re.Pattern[str], wanted: str) -> AfterValidator:
    def check(text: str) -> str:
        if pattern.fullmatch(text):
            return text
        try:
            return _http(text)
        except ValueError:
            raise ValueError(f"must be {wanted}, or a URL") from None

    return AfterValidator(check)


def _below_site(picture: str, info: ValidationInfo) -> str:
    return f"{info.data.get('url', '')}{picture}" if picture.startswith("/") else picture


def refuse_twice(names: Sequence[str]) -> Sequence[str]:
    """Give the names of a list; raises ValueError if one is in it twice."""
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ValueError(f"must not list {twice} twice")
    return names


def _old_path(path: str) -> str:
    path = clean(unquote(path))
    if not path.startswith("/") or "?" in path or "#" in path:
        raise ValueError('must begin with "/" and end before "?"')
    if path in _OUR_PATHS:
        raise ValueError("is an address of this service; remove the alias")
    if path.startswith("/feeds/"):
        raise ValueError("cannot be below /feeds/, where the feeds of this service are")
    return path


def _feed_path(path: str, info: ValidationInfo) -> str:
    path = clean(unquote(path))
    if path.startswith(("/", "feeds/")) or not _FEED_PATH.fullmatch(path):
        raise ValueError(f'"{path}" must be a feed below /feeds/, such as latest.rss')
    folder, _, window = path.rpartition(".")[0].rpartition("/")
    most_read = info.data.get("most_read")
    if folder == "most-read" and most_read and window not in most_read.windows:
        windows = ", ".join(most_read.windows)
        raise ValueError(f"{window} is not one of most_read.windows ({windows})")
    return path


def term_path(path: str) -> str:
    """Check the path of a section, author or tag, and give it with a slug: `sections/지역`."""
    folder, _, name = clean(unquote(path)).partition("/")
    if folder not in KINDS or not name:
        folders = ", ".join(KINDS)
        raise ValueError(f'"{path}" must be below one of {folders}, such as sections/지역')
    return f"{folder}/{slug(name)}"


def _slug(name: str) -> str:
    return slug(_text(unquote(name)))


def _new_term_path(path: str) -> str:
    return path if path == "gone" else term_path(path)


def _network(name: str) -> str:
    try:
        return str(ip_network(name))
    except ValueError as error:
        raise ValueError(f"must be an address or a network such as 192.0.2.0/24: {error}") from None


def _edit_url(pattern: str) -> str:
    if pattern.count("{id}") != 1:
        raise ValueError("must have {id} in it once, such as https://cms.example/edit/{id}")
    return web_address(pattern).replace("%7Bid%7D", "{id}")


def _article_pattern(pattern: str) -> str:
    if not pattern.startswith("/") or pattern.count("{id}") != 1 or not pattern.isprintable():
        raise ValueError(f'"{pattern}" must be a path with one {{id}} in it, such as /news/{{id}}')
    return pattern


def _secret(text: str) -> str:
    if not text:
        raise ValueError("is missing; write it here, or set the variable FEEDS_HOOK_<NAME>")
    if not text.isascii() or not text.isprintable():
        raise ValueError("must be ASCII, as headers are")
    return text


def _query(text: str) -> str:
    import jsonpath  # slow, and few papers need it

    try:
        jsonpath.JSONPathEnvironment(strict=True).compile(text)
    except jsonpath.JSONPathError as error:
        reason = f"is not a JSONPath query (RFC 9535), such as $.article.title: {error.args[0]}"
        raise ValueError(f"{quoted(text)} {reason}") from None
    return text


def _article_key(key: str) -> str:
    if key not in _ARTICLE_KEYS:
        raise ValueError(no_such_key(key, _ARTICLE_KEYS))
    return key


# YAML has no tuples.
Listed = Annotated[tuple[T, ...], Strict(strict=False)]
Parts = Annotated[Listed[T], BeforeValidator(_or_none)]
"""A list whose values may all be commented out; none of them has a default."""
Keyed = Annotated[Mapping[K, T], BeforeValidator(or_empty)]

ArticleKey = Annotated[str, AfterValidator(_article_key)]
ArticlePattern = Annotated[str, AfterValidator(_article_pattern)]
"""The path of articles on the newspaper's site, with `{id}` in the place of the id."""
EditUrl = Annotated[str, AfterValidator(_edit_url)]
"""The address at which the CMS opens an article, with `{id}` in the place of the id."""
FeedPath = Annotated[str, AfterValidator(_feed_path)]
"""A feed's path below `/feeds/`, decoded and NFC."""
Flag = Annotated[bool, BeforeValidator(_flag)]
Header = Annotated[str, _matching(_HEADER, "the name of a header, such as X-Webhook-Secret")]
HookName = Annotated[str, _matching(_HOOK, "of a-z, 0-9 and -, since it is part of an address")]
Host = Annotated[
    str, AfterValidator(str.lower), _matching(_HOST, "a host alone, such as www.youtube.com")
]
Hub = Annotated[str, _url_or(_NO_URL_OF_A_HUB, "built-in, none")]
Hubs = Annotated[Listed[Hub], BeforeValidator(_hubs)]
IndexNowKey = Annotated[
    str,
    _matching(_INDEXNOW_KEY, "8 to 128 of a-z, A-Z, 0-9 and -; `feeds indexnow` makes a key"),
]
Language = Annotated[str, AfterValidator(language_tag)]
Network = Annotated[str, AfterValidator(_network)]
"""A network in CIDR notation; a single address is a network of one."""
NewTermPath = Annotated[str, AfterValidator(_new_term_path)]
"""The new path of a section, author or tag, or `gone`."""
OldPath = Annotated[str, AfterValidator(_old_path)]
"""A path of the old CMS, decoded and NFC, as the path of a request is."""
Picture = Annotated[
    str, _url_or(_PICTURE_PATH, "a path such as /icon.png"), AfterValidator(_below_site)
]
"""An http(s) URL; the file may have a path below the site's, which begins with a slash."""
Query = Annotated[str, AfterValidator(_query)]
"""A JSONPath query (RFC 9535)."""
Secret = Annotated[str, AfterValidator(_secret)]
SiteUrl = Annotated[str, AfterValidator(_site_url)]
Slug = Annotated[str, AfterValidator(_slug)]
"""The part of a path that stands for a section, author or tag, decoded and NFC."""
SqlName = Annotated[str, _matching(_SQL_NAME, "lower-case letters, digits and _, such as news")]
"""The name of a query, which is part of the name of a variable."""
TermPath = Annotated[str, AfterValidator(term_path)]
"""A section, author or tag as in the path of its feeds: `sections/지역`."""
Text = Annotated[str, AfterValidator(_text)]
"""Plain text on one line."""
Timezone = Annotated[str, AfterValidator(_timezone)]
Url = Annotated[str, AfterValidator(_http)]
WebhookSecret = Annotated[str, AfterValidator(_webhook_secret)]
Window = Annotated[str, _matching(_WINDOW, "hours or days, such as 24h or 7d")]
Windows = Annotated[Listed[Window], AfterValidator(refuse_twice)]
