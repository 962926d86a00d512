"""Rules for strings: legal in XML, NFC, ids, dates, names, slugs, shortened between graphemes."""

import hashlib
import re
import unicodedata
from contextlib import suppress
from datetime import UTC, datetime, tzinfo
from html import unescape
from itertools import islice
from uuid import NAMESPACE_OID, uuid5

import regex

# XML 1.0, production 2 (Char). C1 controls are legal there, but readers disagree on them.
_ILLEGAL = re.compile(r"[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Of a character beyond the first plane, old systems write two halves: &#55357;&#56832;
_REFERENCE = re.compile(rb"&#(?:[0-9]{5,4000}|x[0-9a-f]{4,4000});", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\n]+")
_GRAPHEME = regex.compile(r"\X")
# An e-mail address in a byline. It begins where ASCII begins (홍길동kim@…), unless it ends in other
# letters; and only at the start of a run of such letters, so that a long name takes no longer.
_BEFORE_AT = r"(?:(?<![a-z0-9_.+-])[a-z0-9_.+-]+|(?<![\w.+-])[\w.+-]*[^\W\x00-\x7f])"
_ADDRESS = re.compile(
    rf"[(<\[]{{0,2}}({_BEFORE_AT}@[\w-]+(?:\.[\w-]+)+)[)>\]]{{0,2}}", re.IGNORECASE
)
_AROUND_ADDRESS = " ,;:/|=·"
_MOMENT = re.compile(
    r"[0-9W-]{7,10}(?:[T ][0-9:]+(?:[.,][0-9]+)?(?:Z|[+-][0-9:]+)?)?", re.IGNORECASE
)
_BEFORE_SHORT_HOUR = re.compile(" (?=[0-9]:)")  # Excel writes 9:00
_EXAMPLE = '"2018-01-23T15:26:43+09:00" or "2018-01-23 15:26"'
_EARLIEST_YEAR, _LATEST_YEAR = 1900, 2199
_NOT_IN_SLUG = regex.compile(r"[^\p{L}\p{M}\p{N}]+")

# RFC 5646, 2.1, without grandfathered tags; no language of more than three letters is registered.
LANGUAGE = re.compile(
    r"[a-z]{2,3}(?:-[a-z]{3}){0,3}(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|\d[a-z0-9]{3}))*(?:-[a-wyz0-9](?:-[a-z0-9]{2,8})+)*"
    r"(?:-x(?:-[a-z0-9]{1,8})+)?",
    re.ASCII | re.IGNORECASE,
)
"""A language tag (BCP 47)."""

_IRI = re.compile(r'[a-z][a-z0-9+.-]*:[^\s<>"{}|\\^`]+', re.ASCII | re.IGNORECASE)

LARGEST_NUMBER = 2**31 - 1
"""The largest number that an article or a count can have."""

_LONGEST_QUOTED = 60
LONGEST_ID = 200
"""Characters of an article's id."""
# NFC makes one character of up to four, and is slow for very long texts.
_LONGEST_DECOMPOSED = 4 * LONGEST_ID


def legal(text: str) -> str:
    """Remove characters that XML 1.0 cannot carry, and end every line with a line feed.

    A C1 control is almost always a cp1252 byte decoded as Latin-1, so it becomes the character
    that was meant, as in HTML (WHATWG, numeric character references).
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _ILLEGAL.sub(lambda match: _from_cp1252(match[0]), text)


def legal_references(xml: bytes) -> bytes:
    """Put U+FFFD for references to no character; XML parsers refuse the whole document for one."""
    return _REFERENCE.sub(
        lambda m: b"&#xFFFD;" if unescape(m[0].decode()) == "\ufffd" else m[0], xml
    )


def removed(text: str) -> tuple[str, ...]:
    """Name the characters that `legal` would drop, as `U+0008`, each once, in order."""
    dropped = (c for c in _ILLEGAL.findall(text) if c != "\r" and not _from_cp1252(c))
    return tuple(dict.fromkeys(f"U+{ord(c):04X}" for c in dropped))


def clean(text: str) -> str:
    """Legal, NFC, no white space around it."""
    return unicodedata.normalize("NFC", legal(text)).strip()


def one_line(text: str) -> str:
    """Clean, and on one line: runs of blanks and line ends become one blank."""
    if (
        text.isprintable()
        and "  " not in text
        and text.strip() == text
        and unicodedata.is_normalized("NFC", text)
    ):
        return text  # a tenth of the cost, and nearly always
    return _SPACES.sub(" ", clean(text))


def article_id_of(text: str) -> str:
    """Give the NFC form of an article's id; empty if no article can have this id."""
    if len(text) > _LONGEST_DECOMPOSED:
        return ""
    composed = unicodedata.normalize("NFC", text)
    if " " in composed or not composed.isprintable() or len(composed) > LONGEST_ID:
        return ""
    return composed


def iri(guid: str) -> str:
    """Give a guid as an IRI: itself if it is one, else the UUID of its name (RFC 9562, 5.5).

    Atom takes nothing else for an id (RFC 4287, 4.2.6); RSS and JSON Feed take any text.
    """
    return guid if _IRI.fullmatch(guid) else uuid5(NAMESPACE_OID, guid).urn


def moment(text: str, zone: tzinfo) -> datetime:
    """Read ISO 8601, or a date and time with a blank between, as UTC in whole seconds.

    Without an offset it is local time in `zone`; a local time that occurs twice means the first.
    ValueError when it is not a date, or not one of a newspaper article.
    """
    if _MOMENT.fullmatch(text):
        with suppress(ValueError, OverflowError):
            local = datetime.fromisoformat(_BEFORE_SHORT_HOUR.sub(" 0", text.upper()))
            utc = local.replace(microsecond=0, tzinfo=local.tzinfo or zone).astimezone(UTC)
            if _EARLIEST_YEAR <= utc.year <= _LATEST_YEAR:
                return utc
    years = f"between {_EARLIEST_YEAR} and {_LATEST_YEAR}"
    raise ValueError(f"must be a date such as {_EXAMPLE}, {years}, not {quoted(text)}")


def language_tag(text: str) -> str:
    """Check a language tag (BCP 47); ValueError with the tag that was probably meant."""
    if LANGUAGE.fullmatch(text):
        return text
    meant = text.partition(".")[0].replace("_", "-")
    advice = f"; write {quoted(meant)}" if LANGUAGE.fullmatch(meant) else ""
    raise ValueError(f'must be a language tag such as "ko-KR" (BCP 47), not {quoted(text)}{advice}')


def quoted(text: str) -> str:
    """Show a piece of input in a message: short, unprintable characters escaped."""
    return f'"{repr(shorten(text[:400], _LONGEST_QUOTED))[1:-1]}"'


def shorten(text: str, limit: int) -> str:
    """At most `limit` graphemes, cut at a blank where one is near, and marked with `…`."""
    graphemes = list(islice((m.group() for m in _GRAPHEME.finditer(text)), limit + 1))
    if len(graphemes) <= limit:
        return text
    kept = "".join(graphemes[: limit - 1])
    at_blank = kept.rfind(" ")
    if at_blank > len(kept) * 0.8:
        kept = kept[:at_blank]
    return kept.rstrip() + "…"


def byline(name: str) -> tuple[str, str | None]:
    """Split a byline into a name and the e-mail address in it; feed readers would split it too.

    An address alone gives the name before its `@`.
    """
    found = _ADDRESS.search(name) if "@" in name else None
    if found is None:
        return name, None
    address = found.group(1)
    bare = " ".join(_ADDRESS.sub(" ", name).split()).strip(_AROUND_ADDRESS)
    return bare or address.partition("@")[0], address


def slug(name: str) -> str:
    """The part of a URL that stands for a name: letters and digits of any script, lower case.

    A name without a letter or digit gets a short hash, so that it has an address too.
    """
    lower = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).lower())
    kept = _NOT_IN_SLUG.sub("-", lower).strip("-")
    return kept or hashlib.sha256(lower.encode()).hexdigest()[:8]


def _from_cp1252(character: str) -> str:
    if "\x80" <= character <= "\x9f":
        return character.encode("latin-1").decode("cp1252", "ignore")
    return ""
