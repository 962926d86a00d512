"""Ghost's export: one JSON document with tables, read in constant memory but for tags and authors.

It is read once for each table, since a table that posts refer to may come after them.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import BinaryIO

import ijson

from feeds.importers.ghost import Row, left_out, post_record
from feeds.importers.record import read_fitting
from feeds.importers.sources import Item, LeftOut, Rejected, Source
from feeds.text import quoted

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


def read_export(stream: BinaryIO, source: Source) -> Iterator[Item]:
    """Read the posts of an export one by one, after the tables that they refer to.

    Their guids are their ids, as in Ghost's own feed. Dates without an offset are in UTC. The site
    has Ghost's default addresses: `/<slug>/`.
    """
    if not stream.seekable():
        with TemporaryFile() as copy:
            copyfileobj(stream, copy)
            yield from read_export(copy, source)
        return
    try:
        yield from _read_posts(stream, replace(source, timezone=UTC))
    except ijson.JSONError as error:
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
    post_id = str(post.get("id"))
    if reason := left_out(post):
        return LeftOut(0, reason, post_id)
    name = f"post {quoted(post_id)}"
    if not post["html"] and any(_WRITTEN.search(str(post.get(key))) for key in _SOURCES):
        return Rejected(0, f"{name}: has no HTML; import the file into Ghost, and export it there")
    item = read_fitting(post_record(post) or {}, source, 0, post_id)
    return replace(item, reason=f"{name}: {item.reason}") if isinstance(item, Rejected) else item


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
