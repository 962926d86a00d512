"""The pictures of a body: each becomes one `<img>` whose `src` every reader can load."""

import re
from itertools import islice
from typing import NamedTuple

import lxml.html
from lxml import etree

from feeds.text import legal
from feeds.urls import is_http, resolved

_LAZY = ("data-src", "data-original", "data-lazy-src", "data-lazy", "data-url", "data-echo")
_LAZY_SETS = ("data-srcset", "data-lazy-srcset")
# The width of a picture on a large screen; wider ones only cost the reader's time.
_WIDEST = 1600
_SHARPEST = 2
_MOST_CANDIDATES = 20
# WHATWG HTML, 4.8.4.3.10: a comma may stand in an address, but not at its ends.
_CANDIDATE = re.compile(r"([^\s,](?:\S*[^\s,])?)(?:\s+([^,]*))?")
_DESCRIPTOR = re.compile(r"([1-9]\d{0,4})w|(\d{1,2}(?:\.\d{1,3})?)x", re.ASCII)
_DROPPED = "dropped"


class _Candidate(NamedTuple):
    """One picture of a `srcset`, by its width in pixels or else by its density."""

    url: str
    descriptor: str
    width: int
    density: float


def resolve_pictures(body: lxml.html.HtmlElement, base_url: str) -> None:
    """Give each `<img>` its real address; drop images without one, and elements marked by `drop`.

    An image that a script would load later gets the address that the script would use. Of a
    `srcset`, or of the sources of its `<picture>` where it has nothing itself, the widest picture
    up to 1,600 pixels becomes `src`.
    """
    around = {each.tag for each in body.iter("noscript", "picture", "source")}
    if "noscript" in around:
        _resolve_fallbacks(body)
    for image in body.iter("img"):
        _resolve(image, base_url)
    if around:
        _unwrap(body)
    etree.strip_elements(body, _DROPPED, with_tail=False)


def shown_from(image: lxml.html.HtmlElement) -> set[str]:
    """Give every address that an image can be shown from."""
    picture = next(image.iterancestors("picture"), image)
    sets = (each.get("srcset", "") for each in picture.iter("img", "source"))
    return {image.get("src", ""), *(url for each in sets for url, _ in _CANDIDATE.findall(each))}


def address_of(image: lxml.html.HtmlElement) -> str:
    """Give the address that a picture has, or that a script would load it from later."""
    return _first(image, _LAZY) or image.get("src", "")


def drop(element: lxml.html.HtmlElement) -> None:
    """Mark an element for `resolve_pictures` to drop; dropping them one by one is quadratic."""
    element.tag = _DROPPED


def _resolve_fallbacks(body: lxml.html.HtmlElement) -> None:
    if any(_first(image, _LAZY + _LAZY_SETS) for image in body.iter("img")):
        # The fallback of an image that a script loads repeats that image.
        etree.strip_elements(body, "noscript", with_tail=False)
    else:
        etree.strip_tags(body, "noscript")


def _unwrap(body: lxml.html.HtmlElement) -> None:
    """Take images out of their `<picture>` and its sources, which lxml does not know are empty."""
    for source in body.iter("source"):
        if next(source.iterancestors("audio", "video"), None) is None:
            source.tag = "picture"
    etree.strip_tags(body, "picture")


def _resolve(image: lxml.html.HtmlElement, base_url: str) -> None:
    src = address_of(image)
    is_loaded = is_http(resolved(src, base_url))
    candidates = _candidates(_set_of(image), base_url)
    if not candidates and not is_loaded:
        candidates = _of_picture(image, base_url)
    if candidates and (candidates[0].width or not is_loaded):
        src = _best(candidates)
    elif not is_loaded:
        drop(image)
    image.attrib.pop("srcset", None)
    # The parser read entities such as &#8;, but writes no illegal characters.
    image.set("src", legal(src))
    if candidates:
        srcset = ", ".join(f"{each.url} {each.descriptor}" for each in candidates)
        image.set("srcset", legal(srcset))


def _first(element: lxml.html.HtmlElement, names: tuple[str, ...]) -> str:
    return next(filter(None, map(element.get, names)), "")


def _set_of(element: lxml.html.HtmlElement) -> str:
    """Give the `srcset` that counts; beside a lazy address it is a placeholder, like `src`."""
    given = "" if _first(element, _LAZY) else element.get("srcset", "")
    return _first(element, _LAZY_SETS) or given


def _of_picture(image: lxml.html.HtmlElement, base_url: str) -> list[_Candidate]:
    """Give the candidates of the first source of an image's `<picture>` that has any."""
    for picture in image.iterancestors("picture"):
        for source in islice(picture.iter("source"), _MOST_CANDIDATES):
            if candidates := _candidates(_set_of(source), base_url):
                return candidates
    return []


def _candidates(srcset: str, base_url: str) -> list[_Candidate]:
    matches = islice(_CANDIDATE.finditer(srcset), _MOST_CANDIDATES)
    return [found for match in matches if (found := _candidate(match, base_url))]


def _candidate(match: re.Match[str], base_url: str) -> _Candidate | None:
    url = resolved(match[1], base_url)
    descriptor = (match[2] or "1x").split()[0]
    size = _DESCRIPTOR.fullmatch(descriptor)
    if size is None or not is_http(url):
        return None
    return _Candidate(url, descriptor, int(size[1] or 0), float(size[2] or 1))


def _best(candidates: list[_Candidate]) -> str:
    """Give the widest that is not too wide, or without widths the sharpest up to 2x."""
    fitting = [one for one in candidates if one.width <= _WIDEST and one.density <= _SHARPEST]
    order = sorted(fitting or candidates, key=lambda one: (one.width, one.density))
    return order[-1 if fitting else 0].url
