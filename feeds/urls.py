"""Web addresses as strict as a feed document needs them: absolute, ASCII, plain http(s)."""

import re
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

LONGEST = 2000

_HOST = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\.?|\[[0-9a-f:.]+\]")
_AFTER_HOST = "-._~:/?@!$&'()*+,;=[]%"
_AS_IT_IS = r"(?:[A-Za-z0-9\-._~:/?@!$&'()*+,;=\[\]]|%[0-9A-Fa-f]{2})"
PLAIN = re.compile(
    r"https?://[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*(?::[1-5]?[0-9]{1,4})?"
    rf"(?:[/?]{_AS_IT_IS}*)?(?:#{_AS_IT_IS}+)?"
)
"""An address that needs no change."""
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


def web_address(text: str) -> str:
    """Give an absolute http(s) address as a URI; ValueError says what is wrong with it.

    Letters beyond ASCII become percent-encoded (RFC 3987, 3.1), a host takes its IDNA form, and
    an encoded character stays as it is.
    """
    if PLAIN.fullmatch(text) and len(text) <= LONGEST:
        return text
    if any(map(str.isspace, text)):
        raise ValueError("has white space in it; write a blank as %20")
    uri = _uri(text) if len(text) <= LONGEST else text
    if len(uri) > LONGEST:
        raise ValueError(f"is longer than {LONGEST} characters")
    return uri


def resolved(address: str, base_url: str) -> str:
    """Make an address absolute against `base_url`; empty if it is empty or cannot be."""
    try:
        return urljoin(base_url, address.strip()) if address.strip() else ""
    except ValueError:
        return ""


def is_http(url: str) -> bool:
    """Whether an absolute address is a web server's."""
    return url.lower().startswith(("http://", "https://"))


def _uri(text: str) -> str:
    try:
        parts = urlsplit(text)
        host, port = _host(parts.hostname or ""), parts.port
    except ValueError:
        raise ValueError("is not an address on the web") from None
    if parts.scheme not in ("http", "https") or not host:
        raise ValueError('must be an http(s) URL, such as "https://www.news.example"')
    if "@" in parts.netloc:
        raise ValueError("must not carry a user name or password")
    netloc = host if port is None else f"{host}:{port}"
    rest = (quote(part, safe=_AFTER_HOST) for part in (parts.path, parts.query, parts.fragment))
    return _LONE_PERCENT.sub("%25", urlunsplit((parts.scheme, netloc, *rest)))


def _host(name: str) -> str:
    """Give the ASCII form of a host; ValueError when it is not a host."""
    if ":" in name:
        name = f"[{name}]"
    elif not name.isascii():
        name = name.encode("idna").decode("ascii")
    if name and not _HOST.fullmatch(name):
        raise ValueError(name)
    return name
