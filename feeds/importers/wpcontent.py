"""WordPress' stored content as HTML: without block comments and shortcodes, with paragraphs.

The REST API has HTML already; exports and webhook plugins have what editors stored.
"""

import re
from html import unescape

from feeds.html import BLANK_LINE

_BLOCK_EDITOR = "<!-- wp:"
# Whatever is not ended reaches to the end: to look for an end from each beginning takes too long.
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
# WordPress would show a player or a card in its place.
_ADDRESS = re.compile(r"^[ \t]*(https?://[^\s<>\"]+)[ \t]*$", re.MULTILINE)

_SHORTCODE = re.compile(
    r"(?<!\[)\[(?P<end>/?)(?P<name>[a-zA-Z][\w-]*)"
    r"(?P<attributes>(?:\s(?:[^\[\]\"']|\"[^\"]*\"|'[^']*')*+)?)/?\](?!\])",
    re.ASCII,
)
_ATTRIBUTE = re.compile(r"[\w-]\s*=\s*\S", re.ASCII)
# In old posts an attribute holds the caption.
_OLD_CAPTION = re.compile(r"\bcaption=(\"|')(.*?)\1", re.DOTALL)
_OF_WORDPRESS = frozenset("audio caption embed gallery playlist video wp_caption".split())
_CAPTION = re.compile(
    r"\[(?P<name>(?:wp_)?caption)(?P<attributes>[^\[\]]*)\]"
    r"(?P<inner>[^\[]*+(?:\[(?!/?(?P=name)\b)[^\[]*+)*+)\[/(?P=name)\]"
)
_IMAGE = re.compile(r"\s*((?:<a\b[^>]*>\s*)?<img\b[^>]*>(?:\s*</a>)?)(.*)", re.DOTALL)

_HOLD_LINES = frozenset("dt figcaption h1 h2 h3 h4 h5 h6 p summary".split())
_BLOCKS = "|".join(
    """address article aside audio blockquote caption center colgroup dd details div dl dt fieldset
    figcaption figure footer form h[1-6] header li main nav ol p section summary table tbody td
    tfoot th thead tr ul video""".split()
)
_BLOCK = re.compile(
    r"<(?P<kept>pre|script|style|svg|textarea)\b.*?(?:</(?P=kept)>|\Z)|<hr\b[^>]*(?:>|\Z)"
    rf"|<(?P<open>{_BLOCKS})(?=[\s/>])[^>]*(?:>|\Z)|</(?:{_BLOCKS})\s*>",
    re.IGNORECASE | re.DOTALL,
)
_LINE_END = re.compile(r"(<br\s*/?>)\s*\n|(<[a-z/][^>]*(?:>|\Z))|(?<!\s)\s*\n", re.IGNORECASE)


def content_html(content: str) -> str:
    """Give the HTML of a post's content, whether the block editor or the classic one wrote it.

    In the classic editor's, a blank line ends a paragraph and a line end is a `<br>`. A caption
    becomes a figure; other shortcodes leave the text that they enclose.
    """
    html = _COMMENT.sub("", content.replace("\r\n", "\n"))
    html = _without_shortcodes(_CAPTION.sub(_figure, html))
    html = _ADDRESS.sub(r'<a href="\1">\1</a>', html)
    return html.strip() if _BLOCK_EDITOR in content else _paragraphs(html)


def _figure(caption: re.Match[str]) -> str:
    image = _IMAGE.fullmatch(caption["inner"])
    if image is None:
        return caption["inner"]
    old = _OLD_CAPTION.search(caption["attributes"])
    text = image[2].strip() or unescape(old[2] if old else "")
    return f"<figure>{image[1]}<figcaption>{text}</figcaption></figure>"


def _without_shortcodes(html: str) -> str:
    """Remove shortcodes, but no words in brackets, such as `[sic]` and `[사설]`."""
    closed = {match["name"] for match in _SHORTCODE.finditer(html) if match["end"]}
    known = closed | _OF_WORDPRESS

    def replaced(match: re.Match[str]) -> str:
        is_known = match["name"] in known or _ATTRIBUTE.search(match["attributes"])
        return "" if is_known else match[0]

    return _SHORTCODE.sub(replaced, html)


def _paragraphs(html: str) -> str:
    """Make paragraphs of the text that stands in no block element."""
    parts, done, inside = [], 0, ""
    for tag in _BLOCK.finditer(html):
        parts += [_lines(html[done : tag.start()], inside), tag[0]]
        done, inside = tag.end(), (tag["open"] or "").lower()
    return "".join([*parts, _lines(html[done:], inside)])


def _lines(text: str, inside: str) -> str:
    """Give the paragraphs of a text; directly in a block element, one needs no `<p>`."""
    pieces = [_LINE_END.sub(_line_end, each) for each in BLANK_LINE.split(text.strip()) if each]
    if inside in _HOLD_LINES:
        return ("</p>\n<p>" if inside == "p" else "<br>").join(pieces)
    if inside and len(pieces) == 1:
        return pieces[0]
    return "\n".join(f"<p>{piece}</p>" for piece in pieces)


def _line_end(match: re.Match[str]) -> str:
    return match[1] or match[2] or "<br>"
