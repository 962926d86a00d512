"""Renditions: feeds in one format, and pages, checked, in every content coding, with deltas."""

import gzip
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from importlib import import_module
from itertools import islice
from typing import Any

from feeds.errors import RenderError
from feeds.gate import Check, Write, render_checked
from feeds.model import PAGES, Bodies, Entry, Rendition, Term

Versions = Mapping[str, Mapping[str, str]]
"""Earlier versions of a document: by its ETag, the digest of each entry by the entry's id."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A document before it is written; `source` is a digest of everything that it is made from.

    A feed is written of its `entries`, or of some of them; `unusable` is as in `Contents`, and
    `deltas` the number of earlier versions that get a delta. A page has only the `guids` of the
    articles that it shows.
    """

    media_type: str
    source: str
    write: Write
    check: Check
    title: str = ""
    term: Term = PAGES
    guids: tuple[str, ...] = ()
    entries: Sequence[Entry] = ()
    unusable: Mapping[str, str] = field(default_factory=dict)
    deltas: int = 0


def rendered(path: str, draft: Draft, versions: Versions) -> Rendition:
    """Render a draft and pass it through the gate; a document that is refused has a fault.

    A feed of nothing but unusable articles is refused, so that the last good document stays.
    """
    rendition = Rendition(path, draft.term, draft.title, draft.media_type, draft.source)
    if draft.unusable and not draft.entries:
        reasons = (f"article {one} {reason}" for one, reason in draft.unusable.items())
        return replace(rendition, fault="; ".join(islice(reasons, 3)))
    try:
        body, held_back = render_checked(draft.write, draft.check, draft.entries)
    except RenderError as error:
        return replace(rendition, fault=str(error))
    kept = [entry for entry in draft.entries if entry.article_id not in held_back]
    digests = {entry.id: digest(entry) for entry in kept}
    return replace(
        rendition,
        etag=etag_of(body),
        digests=digests or dict.fromkeys(draft.guids, draft.source),
        bodies=encoded(body),
        deltas=_deltas(draft, kept, digests, versions),
        held_back={**draft.unusable, **held_back},
    )


def etag_of(body: bytes) -> str:
    """Give the weak entity tag of a body: the same for each of its codings."""
    return f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


def digest(*parts: object) -> str:
    """Hash data; equal data must have equal `repr`s."""
    return hashlib.blake2b(repr(parts).encode(errors="replace"), digest_size=12).hexdigest()


def encoded(body: bytes) -> Bodies:
    """Encode a body as identity and in all `codings`.

    The bytes hold no clock and no file name; other versions of the libraries may give other bytes.
    """
    return {"identity": body} | {coding: encode(body) for coding, encode in codings().items()}


@cache
def codings() -> Mapping[str, Callable[[bytes], bytes]]:
    """Give the encoder of each content coding (IANA's names) that has a library, but identity."""
    found: dict[str, Callable[[bytes], bytes]]
    found = {"gzip": lambda body: gzip.compress(body, 6, mtime=0)}
    # Python 3.14 includes it; for older versions the extra brings it.
    if zstd := _library("compression.zstd") or _library("backports.zstd"):
        found["zstd"] = lambda body: bytes(zstd.compress(body, 9))
    if brotli := _library("brotli"):
        found["br"] = lambda body: bytes(brotli.compress(body, quality=5))
    return found


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        return None


def _deltas(
    draft: Draft, entries: Sequence[Entry], digests: Mapping[str, str], versions: Versions
) -> dict[str, Bodies]:
    """Render, for each earlier version, only the entries that are new or changed since (RFC 3229).

    A version that shares no entry with the document gets no delta.
    """
    # Several versions may lack the same entries.
    delta = cache(partial(_delta, draft))
    deltas: dict[str, Bodies] = {}
    for etag, known in versions.items():
        news = tuple(entry for entry in entries if known.get(entry.id) != digests[entry.id])
        if len(news) < len(entries) and (bodies := delta(news)):
            deltas[etag] = bodies
    return deltas


def _delta(draft: Draft, news: Sequence[Entry]) -> Bodies:
    """Render a delta, which passes the gate as the whole document does; empty if it does not."""
    try:
        body, held_back = render_checked(draft.write, draft.check, news)
    except RenderError:
        return {}
    return {} if held_back else encoded(body)
