"""Ghost: what its API and webhooks tell of a post, and its export, as records.

An export is one JSON document with tables, read in constant memory but for tags and authors. It is
read once for each table, since a table that posts refer to may come after them.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC
from typing import Any, BinaryIO

import ijson

from feeds.html import words
from feeds.importers.fields import MOST_NAMES
from feeds.importers.mapped import as_objects, as_text
from feeds.importers.record import read_fitting
from feeds.importers.sources import Item, LeftOut, Rejected, Source, named, seekable
from feeds.text import article_id_of, quoted

Row = Mapping[str, Any]

_DEFAULTS = {"type": "post", "status": "draft", "visibility": "public"}
_READ = {"post", "published", "scheduled", "public"}
# Cards of a public post that only members see, or only others do.
_GATE = re.compile(r"<!--\s*kg-gated-block:(begin[^>]{0,200}|end)\s*-->")
_OPEN_TO_ALL = "nonMember:true"
SIGN = re.compile(rb'\A\s*\{\s*"(db|meta)"\s*:')
"""How an export begins."""

_PATHS = {b"db": "db.item.data", b"meta": "data"}
# The site's address in an export.
_SITE = "__GHOST_URL__"
_WITH_LINKS = ("html", "feature_image")
_DETAILS = ("feature_image_alt", "feature_image_caption", "email_only")
# Words or cards in what Ghost makes the HTML of; an empty body has paragraphs there too.
_WRITTEN = re.compile(r'"text":|"cards":\s*\[\[|\],\s*\d+,\s*"[^"]')
_SOURCES = ("lexical", "mobiledoc")


def read_post(post: Row, source: Source) -> Item | None:
    """Read a post of Ghost's API, which webhooks send too; None if it has no id.

    A scheduled post is an embargo. What the public cannot read is left out, such as a page, a draft
    or a post for members. A public post is live, so that it comes back.
    """
    if not post.get("id"):
        return None
    post_id = str(post["id"])
    if reason := _hidden_by(post):
        return LeftOut(0, reason, article_id_of(post_id))
    return named(read_fitting(_record(post), source, 0, post_id), f"post {quoted(post_id)}")


def _hidden_by(post: Row) -> str | None:
    """Say in Ghost's word why the public cannot read a post: its type, status or visibility."""
    for key, default in _DEFAULTS.items():
        if (word := str(post.get(key) or default)) not in _READ:
            return word
    return "sent" if post.get("email_only") else None


def _record(post: Row) -> dict[str, Any]:
    """Give the record of a public post.

    The primary tag is the article's section; all public tags are its tags. The caption of the
    picture is its credit. The e-mail addresses of authors, with which they sign in, are not read.
    `updated` is Ghost's own, and the change `minor`, as in WordPress.
    """
    published, updated = (as_text(post.get(key)) for key in ("published_at", "updated_at"))
    return {
        "id": str(post["id"]),
        "status": "live",
        "minor": True,
        "title": post.get("title"),
        "published": published,
        # A scheduled post was changed before it is published.
        "updated": max(published, updated),
        **_url(post),
        "summary": post.get("custom_excerpt"),
        "body_html": _public_html(as_text(post.get("html"))),
        "authors": [
            {"name": each.get("name"), "id": str(each.get("id") or ""), "url": each.get("url")}
            for each in as_objects(post.get("authors"))
        ],
        **_names(as_objects(post.get("tags"))),
        "image": _image(post),
    }


def _url(post: Row) -> dict[str, str]:
    """Give the address of a post; one that is not out yet has that of a preview, or none."""
    url = as_text(post.get("url"))
    is_out = not url.endswith("/404/") and str(post.get("uuid")) not in url
    return {"url": url} if url and is_out else {}


def _public_html(html: str) -> str:
    """Leave out the cards that not everyone sees."""
    kept, is_public = [], True
    for at, part in enumerate(_GATE.split(html)):
        if at % 2:
            is_public = part == "end" or _OPEN_TO_ALL in part
        elif is_public:
            kept.append(part)
    return "".join(kept)


def _names(tags: Sequence[Row]) -> dict[str, list[Any]]:
    # As in Ghost, a post whose first tag is internal (#tag) has no primary one.
    names = [None if tag.get("visibility") == "internal" else tag.get("name") for tag in tags]
    public = [name for name in names if name is not None]
    return {"sections": public[:1] if names[:1] == public[:1] else [], "tags": public[:MOST_NAMES]}


def _image(post: Row) -> dict[str, Any] | None:
    if not (url := post.get("feature_image")):
        return None
    alt, caption = (as_text(post.get(f"feature_image_{each}")) for each in ("alt", "caption"))
    return {"url": url, "alt": alt, "credit": words(caption)}


def read_export(stream: BinaryIO, source: Source) -> Iterator[Item]:
    """Read the posts of an export one by one, after the tables that they refer to.

    Their guids are their ids, as in Ghost's own feed. Dates without an offset are in UTC. The site
    has Ghost's default addresses: `/<slug>/`.
    """
    try:
        with seekable(stream) as file:
            yield from _read_posts(file, replace(source, timezone=UTC))
    except (ijson.JSONError, UnicodeDecodeError) as error:
        yield Rejected(0, f"cannot be read: {str(error).partition(chr(10))[0].strip()}")


def _read_posts(file: BinaryIO, source: Source) -> Iterator[Item]:
    site = source.base_url.rstrip("/")
    details = {
        str(row.get("post_id")): {key: row[key] for key in _DETAILS if row.get(key)}
        for row in _rows(file, "posts_meta")
    }
    tags = _related(file, "tags", "posts_tags", "tag_id")
    authors = _related(file, "users", "posts_authors", "author_id")
    for row in _rows(file, "posts"):
        post_id = str(row.get("id"))
        yield _item(
            {
                **row,
                **details.get(post_id, {}),
                **{key: str(row.get(key) or "").replace(_SITE, site) for key in _WITH_LINKS},
                "url": row.get("slug") and f"{site}/{row['slug']}/",
                "authors": [
                    {**each, "url": each.get("slug") and f"{site}/author/{each['slug']}/"}
                    for each in authors(post_id)
                ],
                "tags": tags(post_id),
            },
            source,
        )


def _item(post: Row, source: Source) -> Item:
    is_made = post["html"] or not any(_WRITTEN.search(str(post.get(key))) for key in _SOURCES)
    if not is_made and not _hidden_by(post):
        name = f"post {quoted(str(post.get('id')))}"
        return Rejected(0, f"{name}: has no HTML; import the file into Ghost, and export it there")
    return read_post(post, source) or Rejected(0, "a post has no id")


def _related(file: BinaryIO, table: str, links: str, key: str) -> Callable[[str], list[Row]]:
    """Give a function from the id of a post to those rows of a table that it has, in its order."""
    rows = {str(row.get("id")): row for row in _rows(file, table)}
    found = defaultdict[str, list[tuple[int, str]]](list)
    for link in _rows(file, links):
        order = link.get("sort_order")
        place = (order if isinstance(order, int) else 0, str(link.get(key)))
        found[str(link.get("post_id"))].append(place)
    return lambda post_id: [rows[of] for _, of in sorted(found.get(post_id, ())) if of in rows]


def _rows(file: BinaryIO, table: str) -> Iterator[Row]:
    """Read a table row by row, from the beginning of the file."""
    file.seek(0)
    found = SIGN.search(file.readline(100))
    file.seek(0)
    path = _PATHS[found.group(1)] if found else "data"
    for row in ijson.items(file, f"{path}.{table}.item", use_float=True):
        if isinstance(row, dict):
            yield row
