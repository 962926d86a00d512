"""WordPress' posts: an object of its REST API, or a row of its posts table, becomes an article."""

from collections.abc import Mapping
from typing import Any

from feeds.html import words
from feeds.importers.fields import MOST_NAMES
from feeds.importers.mapped import as_list, as_object, as_objects, as_text
from feeds.importers.record import read_fitting
from feeds.importers.sources import Item, LeftOut, Source, named
from feeds.importers.wpcontent import content_html
from feeds.text import article_id_of, byline, quoted

_READ = ("publish", "future")
# The default category, which an editor did not choose.
_UNSORTED = ("Uncategorized", "미분류")
# Old exports say "tag".
_TAXONOMIES = {"category": "sections", "post_tag": "tags", "tag": "tags"}


def read_post(post: Mapping[str, Any], source: Source, line: int = 0) -> Item | None:
    """Read a post; None if it has no id.

    Takes the REST API's object (`GET /wp/v2/posts?_embed`), also as it answers a deletion, and
    the form of webhook plugins: a row of the posts table (`post_title`, …), beside which
    `post_permalink`, `post_thumbnail` and `taxonomies` may stand. A scheduled post is an embargo.

    A page or revision is left out, and so is a post that is not public (draft, pending, private,
    trash, with a password). A public post is live, so that it comes back.
    """
    post = _rest_object(post)
    if not post.get("id"):
        return None
    post_id, kind = str(post["id"]), post.get("type", "post")
    if kind != "post":
        return LeftOut(line, str(kind))
    if reason := _hidden_by(post):
        return LeftOut(line, reason, article_id_of(post_id))
    guid = words(_text(post.get("guid")))
    return named(read_fitting(_record(post), source, line, guid), f"post {quoted(post_id)}")


def _record(post: Mapping[str, Any]) -> dict[str, Any]:
    """Give the keys that a public post tells of.

    `updated` is WordPress' own, and the change `minor`: a renamed category is no news.
    """
    return {"id": str(post["id"]), "status": "live", **_dates(post), **_texts(post), **_links(post)}


def _hidden_by(post: Mapping[str, Any]) -> str | None:
    """Say in WordPress' word why readers cannot see a post; None if they can."""
    if (status := post.get("status", "publish")) not in _READ:
        return str(status)
    is_protected = post.get("password") or as_object(post.get("content")).get("protected")
    return "password" if is_protected else None


def _rest_object(post: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give a post in the shape of the REST API, whatever shape it came in."""
    if post.get("deleted") is True:
        return {**as_object(post.get("previous")), "status": "trash"}
    row = as_object(post.get("post", post))
    if "ID" not in row:
        return row
    rest = {key.removeprefix("post_"): value for key, value in row.items()} | {"id": row["ID"]}
    if "content" in rest:
        rest["content"] = content_html(_text(rest["content"]))
    embedded: dict[str, Any] = {}
    if "post_thumbnail" in post:
        rest["featured_media"] = post["post_thumbnail"] or 0
        embedded["wp:featuredmedia"] = [{"source_url": post["post_thumbnail"]}]
    if "taxonomies" in post:
        groups = map(as_object, as_object(post["taxonomies"]).values())
        embedded["wp:term"] = [list(group.values()) for group in groups]
    return {**rest, "link": post.get("post_permalink"), "_embedded": embedded}


def _dates(post: Mapping[str, Any]) -> dict[str, Any]:
    published, modified = _date(post, "date"), _date(post, "modified")
    if not published:
        return {}
    # A scheduled post was modified before it is published.
    return {"published": published, "updated": max(published, modified), "minor": True}


def _date(post: Mapping[str, Any], key: str) -> str:
    """Give a date in UTC, or where WordPress does not know that, in the paper's zone."""
    utc, local = _text(post.get(f"{key}_gmt")), _text(post.get(key))
    if utc and not utc.startswith("0000"):
        return f"{utc}Z"
    return "" if local.startswith("0000") else local


def _texts(post: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "title" in post:
        found["title"] = words(_text(post["title"]))
    if "content" in post:
        found["body_html"] = _text(post["content"]) or None
    if "excerpt" in post:
        found["summary"] = _summary(_text(post["excerpt"]), found.get("body_html") or "")
    if (comments := str(post.get("comment_count", ""))).isdecimal():
        found["comments"] = int(comments)
    return found


def _summary(excerpt: str, body: str) -> str | None:
    """Give an editor's excerpt, not one that WordPress made of the first words of the body."""
    summary = words(excerpt)
    if summary.endswith(("[…]", "[...]")) or "more-link" in excerpt:
        return None
    return summary if summary and summary != words(body) else None


def _links(post: Mapping[str, Any]) -> dict[str, Any]:
    embedded = as_object(post.get("_embedded"))
    found: dict[str, Any] = {}
    if url := _text(post.get("link")):
        found["url"] = url
    authors = [_author(each) for each in as_objects(embedded.get("author")) if each.get("name")]
    if authors:
        found["authors"] = authors
    if "wp:term" in embedded:
        found |= _names(embedded["wp:term"])
    if post.get("featured_media") == 0:
        found["image"] = None
    for media in as_objects(embedded.get("wp:featuredmedia")):
        if media.get("source_url"):
            found["image"] = _image(media)
    return found


def _author(author: Mapping[str, Any]) -> dict[str, Any]:
    # A name may be an e-mail address, which is not to be published.
    name, _ = byline(words(_text(author["name"])))
    return {"name": name, "id": str(author.get("id") or "")}


def _names(groups: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {key: [] for key in _TAXONOMIES.values()}
    for term in (term for group in as_list(groups) for term in as_objects(group)):
        name, key = words(_text(term.get("name"))), _TAXONOMIES.get(str(term.get("taxonomy")))
        if key and (key, name) not in {("sections", each) for each in _UNSORTED}:
            found[key].append(name)
    return {key: names[:MOST_NAMES] for key, names in found.items()}


def _image(media: Mapping[str, Any]) -> dict[str, Any]:
    details = as_object(media.get("media_details"))
    image = {
        "url": media["source_url"],
        "type": media.get("mime_type"),
        "length": details.get("filesize"),
        "width": details.get("width"),
        "height": details.get("height"),
        "alt": words(_text(media.get("alt_text")) or _text(media.get("caption"))),
    }
    return {key: value for key, value in image.items() if value}


def _text(value: Any) -> str:
    """Give a text, which the REST API keeps as `{"rendered": …}` where it is HTML."""
    return as_text(as_object(value).get("rendered", value))
