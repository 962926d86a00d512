"""What the software talks about: frozen data, no behaviour, no dependencies.

Every `datetime` is aware. Every string is already clean (`feeds.text.clean`), except
`Article.body_html`, which is what the paper stored and becomes safe when an `Entry` is made of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Status = Literal["live", "withdrawn"]

FOLDERS = {"section": "sections", "author": "authors", "tag": "tags"}
"""Of each kind of term the folder below `/feeds/` that its feeds are in."""

KINDS = {folder: kind for kind, folder in FOLDERS.items()}
"""Of each of these folders the kind of its terms."""


@dataclass(frozen=True, slots=True, order=True)
class Term:
    """A subject of feeds: `Term("section", "지역")`; `Term("latest")` is the whole paper.

    The slug is the one that the store's registry gave to a name.
    """

    kind: str
    slug: str = ""

    @property
    def path(self) -> str:
        """The path of a section, author or tag: `sections/지역`."""
        return f"{FOLDERS.get(self.kind, self.kind)}/{self.slug}"


LATEST = Term("latest")

PAGES = Term("pages")
"""The subject of the pages for people that the worker keeps up to date."""


@dataclass(frozen=True, slots=True)
class Author:
    """A byline; `id` is the CMS's own, which tells people of one name apart (not published)."""

    name: str
    email: str | None = None
    url: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Image:
    """An article's picture; `length` in bytes, `width` and `height` in pixels."""

    url: str
    type: str | None = None
    length: int | None = None
    width: int | None = None
    height: int | None = None
    alt: str | None = None
    credit: str | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file to an article, such as audio, video or PDF; `length` in bytes, `duration` in s."""

    url: str
    type: str
    length: int | None = None
    title: str | None = None
    duration: int | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """A note on an article that was corrected, and when the note was saved."""

    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Article:
    """An article as the paper's CMS knows it.

    `id` is the CMS's own; `guid` is the one it was imported with, or the `tag:` URI that the store
    mints when it first sees the article, and never changes. A `published` in the future is an
    embargo. Exactly one of `body_html` and `body_text` is set, or neither. `views` are readers
    counted before this service counted.
    """

    id: str
    title: str
    published: datetime
    updated: datetime
    url: str | None = None
    subtitle: str | None = None
    summary: str | None = None
    body_html: str | None = None
    body_text: str | None = None
    authors: tuple[Author, ...] = ()
    sections: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    image: Image | None = None
    language: str | None = None
    comments: int | None = None
    views: int = 0
    status: Status = "live"
    correction: Correction | None = None
    attachments: tuple[Attachment, ...] = ()
    guid: str | None = None


@dataclass(frozen=True, slots=True)
class Patch:
    """Changes to an article, as one save brings them (RFC 7396).

    `given` has the values by field of `Article`; None clears a field, and an absent field keeps
    its value. A `minor` change leaves `updated` alone.
    """

    id: str
    given: Mapping[str, Any]
    minor: bool = False


@dataclass(frozen=True, slots=True)
class Category:
    """A section or a tag of an entry; `scheme` is the URL below which its feeds live."""

    term: str
    scheme: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An article as a feed carries it: everything resolved, safe, absolute and in the paper's zone.

    Formats write exactly these fields, and the gate compares exactly these fields. `id` is the
    article's guid, `article_id` the CMS's id (for reports; not written). `summary` is plain
    text, `content` safe HTML or None when the paper sends summaries only. `rank` counts from 1.
    """

    article_id: str
    id: str
    link: str
    title: str
    published: datetime
    updated: datetime
    summary: str
    subtitle: str | None = None
    content: str | None = None
    authors: tuple[Author, ...] = ()
    categories: tuple[Category, ...] = ()
    image: Image | None = None
    attachments: tuple[Attachment, ...] = ()
    language: str | None = None
    comments: int | None = None
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A related address of a channel: `rel` is an IANA link relation."""

    rel: str
    href: str
    type: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Tombstone:
    """The guid of an article that was withdrawn, and when (RFC 6721)."""

    id: str
    when: datetime


@dataclass(frozen=True, slots=True)
class Channel:
    """A feed without its entries, in one format.

    `id` is the feed's `tag:` URI, `link` the page for people, `self_url` where this document is
    published. `updated` is the latest change of any entry or tombstone, never the time of
    rendering. `links` are all further ones (hub, alternate formats, next, prev-archive). `ranked`
    says that the order of the entries is a rank. `author` is the paper's name, `about` the address
    that explains what JSON Feed has no key for. `icon` (small and square) and `logo` show it.
    """

    id: str
    title: str
    description: str
    link: str
    self_url: str
    language: str
    updated: datetime
    author: str
    about: str
    links: tuple[Link, ...] = ()
    ranked: bool = False
    icon: str | None = None
    logo: str | None = None
    tombstones: tuple[Tombstone, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that a document says otherwise than the articles it was made from.

    `article_id` is None when the channel, or the document as a whole, is at fault.
    """

    field: str
    expected: str
    found: str
    article_id: str | None = None


Bodies = Mapping[str, bytes]
"""One content by content coding: `identity` always, `gzip` always, others where installed."""


@dataclass(frozen=True, slots=True)
class Rendition:
    """A feed in one format, or a page, that went through the gate.

    `source` is a digest of everything that it is made from, and `digests` has the digest of each
    entry by the entry's id. `deltas` are as in `Document`. `held_back` is article id → reason. A
    rendition with a `fault` has no bodies, and must not be published.
    """

    path: str
    term: Term
    title: str
    media_type: str
    source: str
    etag: str = ""
    digests: Mapping[str, str] = field(default_factory=dict)
    bodies: Bodies = field(default_factory=dict)
    deltas: Mapping[str, Bodies] = field(default_factory=dict)
    held_back: Mapping[str, str] = field(default_factory=dict)
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A published feed document or page, or the mark of one that is gone for ever.

    `path` is its place below `/feeds/` (`sections/지역.rss`), or a page's own (`/`).
    `last_modified` is whole seconds since 1970 and grows with every change. `pace` is how many
    seconds lie between two changes, smoothed; None after the first. `deltas` are, by the ETag of an
    earlier version, documents of the entries that are new or changed since (RFC 3229). `bodies` is
    empty when it is gone.
    """

    path: str
    media_type: str
    etag: str
    last_modified: int
    pace: int | None
    bodies: Bodies
    deltas: Mapping[str, Bodies]

    @property
    def body(self) -> bytes:
        """Its bytes as they are without a content coding; empty when it is gone."""
        return self.bodies.get("identity", b"")
