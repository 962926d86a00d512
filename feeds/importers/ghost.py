"""Ghost's posts: what its API and webhooks tell of one becomes a record."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from feeds.html import plain_text, safe_html
from feeds.importers.fields import MOST_NAMES

Row = Mapping[str, Any]

_DEFAULTS = {"type": "post", "status": "draft", "visibility": "public"}
_READ = {"post", "published", "scheduled", "public"}
# Cards of a public post that only members see, or only others do.
_GATE = re.compile(r"<!--\s*kg-gated-block:(begin[^>]{0,200}|end)\s*-->")
_OPEN_TO_ALL = "nonMember:true"
_LAST_MILLISECOND = 10**13


def post_record(post: Row) -> dict[str, Any] | None:
    """Give the record of a post of Ghost's API, which webhooks send too; None if it is no post.

    The primary tag is the article's section; all public tags are its tags. The caption of the
    picture is its credit. A scheduled post is an embargo. The e-mail addresses of authors, with
    which they sign in, are not read. As of WordPress, `updated` is Ghost's own and the change
    `minor`, and a post that is not public gives `{"id": …, "status": "withdrawn"}`, to be saved if
    it is known.
    """
    if not post.get("id") or left_out(post) == "page":
        return None
    if left_out(post):
        return {"id": str(post["id"]), "status": "withdrawn"}
    published, updated = _date(post.get("published_at")), _date(post.get("updated_at"))
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
        "body_html": _public_html(_text(post.get("html"))),
        "authors": [
            {"name": each.get("name"), "id": str(each.get("id") or ""), "url": each.get("url")}
            for each in _rows_of(post.get("authors"))
        ],
        **_names(_rows_of(post.get("tags"))),
        "image": _image(post),
    }


def left_out(post: Row) -> str | None:
    """Say in Ghost's word why the public cannot read a post: its type, status or visibility."""
    for key, default in _DEFAULTS.items():
        if (word := str(post.get(key) or default)) not in _READ:
            return word
    return "sent" if post.get("email_only") else None


def _date(value: object) -> str:
    """Give a date as text; old and hand-made exports count milliseconds."""
    if isinstance(value, int) and 0 < value < _LAST_MILLISECOND:
        return datetime.fromtimestamp(value / 1000, UTC).isoformat()
    return _text(value)


def _url(post: Row) -> dict[str, str]:
    """Give the address of a post; one that is not out yet has that of a preview, or none."""
    url = _text(post.get("url"))
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
    alt, caption = (_text(post.get(f"feature_image_{each}")) for each in ("alt", "caption"))
    return {"url": url, "alt": alt, "credit": plain_text(safe_html(caption, ""))}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _rows_of(value: object) -> list[Row]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
