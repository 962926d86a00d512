"""RSS and Atom of all versions, read by feedparser where lxml does not know better."""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta, timezone
from hashlib import sha256
from html import escape, unescape
from typing import Any, BinaryIO
from urllib.parse import quote, unquote, urlsplit
from xml.sax import SAXParseException

from feeds.html import words
from feeds.importers.fields import MOST_NAMES
from feeds.importers.htmlpage import ENCODINGS
from feeds.importers.record import filled, read_fitting
from feeds.importers.sources import Item, NextPage, Rejected, Source, named
from feeds.text import article_id_of, legal_references, quoted
from feeds.urls import is_http, resolved
from feeds.verify.parsing import ParseError, elements_of, line_of, number, parse, rfc822

_OURS = "feeds"
_MINTED = re.compile(r"tag:[^,]+,\d{4}-\d\d-\d\d:(.+)")
# Names of zones beside those of RFC 822.
_HOURS = {"KST": 9, "JST": 9, "HKT": 8, "MSK": 3, "CEST": 2, "CET": 1, "BST": 1}
_LONGEST_SUMMARY = 500
_DECLARATION = re.compile(rb"""\A\W*<\?xml\b[^>]*?\bencoding\s*=\s*["']([\w.-]+)[^>]*\?>""")
_PAGED = re.compile(r"(?:^|&)paged=(\d{1,9})")
_MEDIA = "{http://search.yahoo.com/mrss/}"
_CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
_FILES = ("application/", "audio/", "text/csv", "video/")
# WordPress.com has a portrait of the author before the article's own pictures.
_PORTRAITS = "gravatar.com/avatar"


def read_feed(stream: BinaryIO, source: Source) -> Iterator[Item]:
    """Read RSS 0.9x, 1.0 and 2.0, and Atom."""
    body = _mended(stream.read())
    parsed = _parsed(body)
    if not parsed.get("version"):
        yield Rejected(0, "cannot be read: it is neither RSS nor Atom")
        return
    _, elements = elements_of(body, len(parsed.entries))
    is_ours = parsed.feed.get("generator") == _OURS
    for entry, element in zip(parsed.entries, elements, strict=True):
        line = element.sourceline or 0
        try:
            record = _record(entry, element, parsed.feed, source.name)
        except Exception as error:  # noqa: BLE001 - a damaged entry can have any shape
            yield Rejected(line, f"an entry cannot be read ({error!r:.100})")
        else:
            yield read_entry(record, entry.get("id"), source, line, is_ours=is_ours)
    fault = parsed.get("bozo_exception")
    if isinstance(fault, SAXParseException):
        reason = f"not well-formed XML ({fault.getMessage()}): entries may be missing or damaged"
        yield Rejected(line_of(fault, body), reason)


def read_entry(
    record: dict[str, Any], guid: str | None, source: Source, line: int, *, is_ours: bool
) -> Item:
    """Read the record of an entry; values that are empty or do not fit are left out.

    An entry without a guid is known to readers by its link. The article's id is the guid, or in a
    feed of this service (`is_ours`) the id that the guid was made of.
    """
    guid = (guid or record.get("url") or "").strip()
    if not guid:
        return Rejected(line, "an entry has neither an id (guid) nor a link")
    minted = _MINTED.fullmatch(guid) if is_ours else None
    article_id = article_id_of(unquote(minted[1])) if minted else article_id_of(guid)
    record["id"] = article_id or sha256(guid.encode("utf-8", "replace")).hexdigest()
    own_page = f"{source.base_url.rstrip('/')}/articles/{quote(record['id'], safe='')}"
    if record.get("url") == own_page:
        del record["url"]
    # The service's own feeds have the subtitle in the content, too.
    heading = f"<h2>{escape(record.get('subtitle') or '', quote=False)}</h2>"
    record["body_html"] = (record.get("body_html") or "").removeprefix(heading).lstrip()
    return named(read_fitting(filled(record), source, line, guid), f"entry {quoted(guid)}")


def next_of_feed(body: bytes, url: str) -> NextPage | None:
    """Give the page with the next older entries: a link (RFC 5005), or WordPress' `?paged=2`."""
    feed = _parsed(_mended(body)).get("feed", {})
    links = {link.get("rel"): link.get("href") for link in feed.get("links", ())}
    if older := links.get("prev-archive") or links.get("next"):
        return NextPage(resolved(older, url))
    if "wordpress.org" not in feed.get("generator", ""):
        return None
    parts = urlsplit(url)
    page = _PAGED.search(parts.query)
    query = f"{_PAGED.sub('', parts.query)}&paged={int(page[1]) + 1 if page else 2}".lstrip("&")
    return NextPage(parts._replace(query=query).geturl(), is_guess=True)


def _mended(body: bytes) -> bytes:
    """Mend what would cost a parser all entries: a wrong byte, or a reference to no character.

    For one wrong byte, or a syllable that cp949 alone has, feedparser takes a document for cp1252.
    """
    declared = _DECLARATION.match(body)
    encoding = ENCODINGS.get(declared[1].decode().lower() if declared else "utf-8", "ascii")
    with suppress(UnicodeDecodeError):  # many that are in UTF-8 declare another encoding
        encoding = body.decode() and "utf-8"
    text = body.decode(encoding, "replace")
    if 2 * text.count("\ufffd") < len(text) - len(text.encode("ascii", "ignore")):
        body = _DECLARATION.sub(b"", text.encode())
    return legal_references(body)


def _parsed(body: bytes) -> Any:
    """Parse without the feed's address, against which a guid such as "12" would be resolved."""
    try:
        return parse(body, "application/xml")
    except ParseError:
        return {}


def _record(entry: Any, element: Any, feed: Any, base: str) -> dict[str, Any]:
    link = resolved(entry.get("feedburner_origlink") or entry.get("link") or "", base)
    title = entry.get("title_detail") or {}
    language = entry.get("language") or title.get("language") or feed.get("language")
    return {
        "title": _words(title),
        "url": link if is_http(link) else None,
        # feedparser's own lookup would give `published` for a missing `updated`.
        "published": _iso_date(dict.get(entry, "published") or dict.get(entry, "created")),
        "updated": _iso_date(dict.get(entry, "updated")),
        "subtitle": entry.get("dcterms_alternative"),
        "language": language and language.replace("_", "-"),
        "comments": number(entry.get("slash_comments") or entry.get("thr_total")),
        "authors": _authors(element),
        "image": _image(entry, element),
        "attachments": _attachments(entry, element),
        **_texts(entry),
        **_names(entry),
    }


def _iso_date(text: str | None) -> str | None:
    """Give a date of RFC 822 as ISO 8601, without an offset where its zone is not known.

    Such a date is in the paper's zone; feedparser would take "KST", or no zone, for UTC.
    """
    date = rfc822(text or "")
    if text is None or date is None:
        return text
    hours = _HOURS.get(text.split()[-1])
    if date.tzinfo is None and hours is not None:
        date = date.replace(tzinfo=timezone(timedelta(hours=hours)))
    return date.isoformat()


def _texts(entry: Any) -> dict[str, Any]:
    """Tell the body from the summary: a long description without content beside it is the body."""
    description = entry.get("summary_detail", {})
    summary = _words(description)
    content = next(iter(entry.get("content", ())), None)
    if content is None and len(summary) > _LONGEST_SUMMARY:
        content = description
    if content is None:
        return {"summary": summary}
    # Not the body once more, nor what WordPress made of its beginning.
    is_made = content.value == (description or content).value or "[…]" in summary
    texts = {"summary": None if is_made else summary}
    if content.type == "text/plain":
        return texts | {"body_text": content.value}
    # Without any tag, its lines are its paragraphs.
    is_text = "<" not in content.value
    return texts | (
        {"body_text": unescape(content.value)} if is_text else {"body_html": content.value}
    )


def _words(detail: Any) -> str:
    value: str = detail.get("value", "")
    return value if detail.get("type") == "text/plain" else words(value)


def _names(entry: Any) -> dict[str, list[str]]:
    """Give the categories as tags, and as sections those that this service publishes as such."""
    names: dict[str, list[str]] = {"sections": [], "tags": []}
    for tag in entry.get("tags", ()):
        is_section = (tag.get("scheme") or "").endswith("/feeds/sections/")
        names["sections" if is_section else "tags"].append(tag.get("label") or tag.get("term"))
    return {key: list(filter(None, found))[:MOST_NAMES] for key, found in names.items()}


def _authors(element: Any) -> list[dict[str, str | None]]:
    """Give the authors; feedparser cuts their e-mail addresses, and gives them to the next one."""
    people = element.findall(_CREATOR) or [
        each for each in element.iterfind("{*}author") if "itunes" not in each.tag
    ]
    return [
        {
            "name": each.findtext("{*}name") or each.text or "",
            "email": each.findtext("{*}email"),
            "url": each.findtext("{*}uri"),
        }
        for each in people[:MOST_NAMES]
    ]


def _image(entry: Any, element: Any) -> dict[str, Any] | None:
    """Give the widest picture of Media RSS, or else an enclosure or a thumbnail."""
    media = [
        each
        for each in element.iter(f"{_MEDIA}content")
        if _is_image(each.get("medium"), each.get("type")) and _PORTRAITS not in each.get("url", "")
    ]
    if media:
        widest = max(media, key=lambda each: number(each.get("width")) or 0)
        return _file(widest) | {
            "width": number(widest.get("width")) or None,
            "height": number(widest.get("height")) or None,
            "alt": widest.findtext(f"{_MEDIA}title") or widest.findtext(f"{_MEDIA}description"),
            "credit": widest.findtext(f"{_MEDIA}credit") or element.findtext(f"{_MEDIA}credit"),
        }
    linked = [each for each in entry.get("enclosures", ()) if _is_image(None, each.get("type"))]
    return next(map(_file, linked + entry.get("media_thumbnail", [])), None)


def _is_image(medium: str | None, media_type: str | None) -> bool:
    return medium == "image" or (media_type or "").startswith("image/")


def _attachments(entry: Any, element: Any) -> list[dict[str, Any]]:
    """Give the audio, videos and documents of Media RSS and of the enclosures, each once."""
    found: dict[str | None, dict[str, Any]] = {}
    for media in element.iter(f"{_MEDIA}content"):
        found[media.get("url")] = _file(media) | {
            "title": media.findtext(f"{_MEDIA}title"),
            "duration": number(media.get("duration")),
        }
    for each in entry.get("enclosures", ()):
        known = {key: value for key, value in _file(each).items() if value}
        found[each.get("href")] = found.get(each.get("href"), {}) | known
    return [each for each in found.values() if (each.get("type") or "").startswith(_FILES)]


def _file(file: Any) -> dict[str, Any]:
    return {
        "url": file.get("url") or file.get("href"),
        "type": file.get("type"),
        "length": number(file.get("fileSize") or file.get("length")) or None,
    }
