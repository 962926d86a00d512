"""HTML that is safe to show anywhere and means the same everywhere."""

import re
from functools import lru_cache
from html import escape
from urllib.parse import unquote, urldefrag, urlsplit

import lxml.html
import nh3
import regex
from lxml import etree

from feeds.html_checks import overgrown
from feeds.pictures import drop, resolve_pictures, shown_from
from feeds.text import legal
from feeds.urls import is_http, resolved

_TAGS = frozenset(
    "a abbr audio b bdi bdo blockquote br caption cite code col colgroup dd del details dfn div dl"
    " dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i iframe img ins kbd li mark ol p pre q rp rt"
    " ruby s samp section small source span strong sub summary sup table tbody td tfoot th thead"
    " time tr u ul var video wbr".split()
)
_ATTRIBUTES: dict[str, set[str]] = {
    "*": {"lang", "dir", "title"},
    "a": {"href"},
    "audio": {"src", "controls"},
    "col": {"span"},
    "colgroup": {"span"},
    "iframe": {"src", "width", "height", "allowfullscreen"},
    "img": {"src", "srcset", "alt", "width", "height"},
    "li": {"value"},
    "ol": {"start", "reversed"},
    "source": {"src", "type"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
    "video": {"src", "poster", "controls", "width", "height"},
}
_SCHEMES = {"http", "https", "mailto", "tel"}
_BLOCKS = (
    "address article aside blockquote br dd div dl dt figcaption figure h1 h2 h3 h4 h5 h6 hr li ol"
    " p pre section table td th tr ul"
).split()
_NO_FRAMES = frozenset({"body", "td", "th"})
_PARTS_OF_PICTURE = frozenset({"br", "figcaption", "source"})
_EMBEDS = regex.compile(r"<(image|img|iframe|noscript|source)\b", regex.IGNORECASE)
BLANK_LINE = regex.compile(r"\n[^\S\n]*\n\s*")
# A parser drops one line end here, so that every further cleaning would drop another.
_PRE = regex.compile(r'(<pre(?: [a-z]+="[^"]*")*>)\n+')

# A cleaner drops these elements with their content; without the tags a formula's words are text.
_MATHML = (
    "math maction menclose merror mfenced mfrac mi mmultiscripts mn mo mover mpadded mphantom"
    " mprescripts mroot mrow ms mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder"
    " munderover none semantics"
).split()
_FORMULA = regex.compile(rf"</?(?:{'|'.join(_MATHML)})(?:\s[^<>]*)?/?>", regex.IGNORECASE)
_MAYBE_FORMULA = regex.compile("<m", regex.IGNORECASE)
_LEFT_OUT = re.compile(r"<(applet|canvas|embed|form|math|object|svg)(?=[\s/>])", re.IGNORECASE)
# HTML in a text that should be plain.
_ELEMENTS = "|".join([*sorted(_TAGS), *"article aside center font picture script style".split()])
_HTML = regex.compile(rf"</?(?:{_ELEMENTS})(?:\s+[a-z][^<>]*|\s*/?)>|<!--", regex.IGNORECASE)
_NO_HTML = regex.compile(rf"<(?!/?(?:{_ELEMENTS})[\s/>]|!--)", regex.IGNORECASE)

# First pass of a body with pictures: only makes the tree well-formed, so that lxml can read it.
_TIDY = nh3.Cleaner(
    tags=set(_TAGS | {"noscript", "picture"}),
    attributes=_ATTRIBUTES | {"source": {"src", "srcset", "type"}},
    generic_attribute_prefixes={"data-"},
    url_schemes=_SCHEMES | {"data"},
    link_rel=None,
)
# Without its usual limits: 256 elements in each other, 10 MB of text.
_PARSER = lxml.html.HTMLParser(huge_tree=True)


def safe_html(html: str, base_url: str, iframe_hosts: frozenset[str] = frozenset()) -> str:
    """Keep an article's elements, drop all that can act or track the reader, make URLs absolute.

    Relative addresses are resolved against `base_url`. Images that a script would load later get
    their real address. An iframe stays only if its host is one of `iframe_hosts`.
    """
    html = legal(html)
    if _MAYBE_FORMULA.search(html):
        html = _FORMULA.sub("", html)
    if _EMBEDS.search(html):
        html = _resolve_embeds(legal(_TIDY.clean(html)), base_url, iframe_hosts)
    # A cleaner turns an entity such as &#8; into its character, hence legal() after each.
    return _PRE.sub(r"\1", legal(_cleaner(base_url).clean(html))).strip()


def left_out(html: str) -> tuple[str, ...]:
    """Name the elements that safe HTML leaves out, each once, in order.

    A formula (`math`) keeps its words only.
    """
    return tuple(dict.fromkeys(name.lower() for name in _LEFT_OUT.findall(html)))


def without_html(text: str) -> str:
    """Give the words of a text that should be plain but has HTML in it, as a CMS's excerpts do.

    Text without an HTML element is left alone: `A < B &amp; C` and `<기생충>` mean themselves.
    """
    if not _HTML.search(text):
        return text
    return words(_NO_HTML.sub("&lt;", text))


def words(html: str) -> str:
    """Give the words of any piece of HTML on one line; none if making it safe costs too much."""
    if "<" not in html and "&" not in html:
        return " ".join(html.split())
    return "" if overgrown(html) else plain_text(safe_html(html, ""))


def paragraphs(text: str) -> str:
    """Plain text as HTML: a blank line ends a paragraph, a line end is a `<br>`."""
    blocks = (block.strip() for block in BLANK_LINE.split(legal(text)))
    return "\n".join(
        f"<p>{escape(block, quote=False).replace(chr(10), '<br>')}</p>" for block in blocks if block
    )


def without_picture(html: str, url: str) -> tuple[str, str]:
    """Take a picture out of safe HTML, with its frame; give the rest of the HTML and its caption.

    `url` is any of the addresses that the picture can be shown from.
    """
    body = _tree(html)
    repeated = [image for image in body.iter("img") if _same(url) in map(_same, shown_from(image))]
    if not repeated:
        return html, ""
    captions = [_drop_with_frame(image) for image in repeated]
    rest = legal(_cleaner(url).clean(_inner_html(body))).strip()
    return rest, next(filter(None, captions), "")


def plain_text(html: str) -> str:
    """The words of safe HTML on one line, without picture captions."""
    if not html:
        return ""
    body = _tree(html)
    etree.strip_elements(body, "figcaption", with_tail=False)
    for block in body.iter(*_BLOCKS):
        block.text = f" {block.text or ''}"
        block.tail = f" {block.tail or ''}"
    return " ".join(legal(body.text_content()).split())


@lru_cache(maxsize=1024)
def _cleaner(base_url: str) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(_TAGS),
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        url_relative=lambda url: resolved(url, base_url) or None,
        link_rel=None,
    )


def _resolve_embeds(html: str, base_url: str, iframe_hosts: frozenset[str]) -> str:
    body = _tree(html)
    for iframe in body.iter("iframe"):
        player = _player(resolved(iframe.get("src", ""), base_url), iframe_hosts)
        if not player:
            drop(iframe)
        else:
            iframe.set("src", legal(player))
            # Its fallback is raw text, which each further cleaning would escape once more.
            iframe.text = None
            del iframe[:]
    resolve_pictures(body, base_url)
    return _inner_html(body)


def _same(url: str) -> str:
    """Give the part that all addresses of one picture have in common."""
    return unquote(urldefrag(url).url)


def _drop_with_frame(image: lxml.html.HtmlElement) -> str:
    """Drop an image with the elements that hold nothing else, and give its caption as HTML."""
    caption = ""
    while (frame := image.getparent()).tag not in _NO_FRAMES and _is_all(image, frame):
        for each in frame.findall("figcaption"):
            caption = _inner_html(each).strip()
        image = frame
    image.drop_tree()
    return caption


def _is_all(image: lxml.html.HtmlElement, frame: lxml.html.HtmlElement) -> bool:
    others = [each.tag for each in frame if each is not image]
    words = [frame.text, *(each.tail for each in frame)]
    return _PARTS_OF_PICTURE.issuperset(others) and not any(text and text.strip() for text in words)


def _player(src: str, hosts: frozenset[str]) -> str:
    """Give the https address of a player; empty if its host is not in `hosts`, or it has a port."""
    try:
        parts = urlsplit(src)
        is_at_its_port = parts.port is None or (parts.scheme, parts.port) == ("https", 443)
    except ValueError:
        return ""
    # Browsers take a backslash for a slash, which ends the host earlier than urlsplit does.
    if not (is_http(src) and is_at_its_port and parts.hostname in hosts) or "\\" in src:
        return ""
    return src if parts.scheme == "https" else parts._replace(scheme="https").geturl()


def _tree(html: str) -> lxml.html.HtmlElement:
    document = f"<html><body>{html}</body></html>"
    return lxml.html.document_fromstring(document, parser=_PARSER).find("body")


def _inner_html(body: lxml.html.HtmlElement) -> str:
    head = escape(body.text or "", quote=False)
    return head + "".join(lxml.html.tostring(child, encoding="unicode") for child in body)
