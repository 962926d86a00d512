"""Feeds that no web process has cached yet, the lists of feeds, and what explains their fields."""

from collections.abc import Iterator

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from feeds.catalog import document_url, feeds_of, page_url
from feeds.config import Config
from feeds.formats import ABOUT, Outline, render_opml
from feeds.model import FOLDERS, LATEST
from feeds.phrases import phrases
from feeds.store import Store
from feeds.web.response import plain, responses_to

_NOT_FOUND = plain(
    "404 Not Found", "There is no such feed.", ("Cache-Control", "public, max-age=60")
)


def documents(store: Store, config: Config) -> Blueprint:
    """Build the routes of feeds and lists of feeds."""
    routes = Blueprint("documents", __name__)

    @routes.get("/feeds/<path:path>")
    def feed(path: str) -> ResponseReturnValue:
        """Answer for a document that was published a moment ago, or does not exist."""
        document = store.documents.get(path) if "\0" not in path else None
        return responses_to(document, config).choose(request.environ) if document else _NOT_FOUND

    @routes.get("/feeds.opml", defaults={"kinds": (LATEST.kind, "section")})
    @routes.get("/feeds/authors.opml", defaults={"kinds": ("author",)})
    @routes.get("/feeds/tags.opml", defaults={"kinds": ("tag",)})
    def opml(kinds: tuple[str, ...]) -> ResponseReturnValue:
        body = render_opml(config.site.title, list(_outlines(store, config, kinds)))
        return body, {
            "Content-Type": "text/x-opml; charset=utf-8",
            "Cache-Control": f"public, max-age={config.serve.min_age}",
            "Access-Control-Allow-Origin": "*",
        }

    @routes.get("/feeds/about")
    def about() -> ResponseReturnValue:
        return ABOUT, {
            "Content-Type": "text/plain; charset=utf-8",
            "Cache-Control": "public, max-age=86400",
        }

    return routes


def _outlines(store: Store, config: Config, kinds: tuple[str, ...]) -> Iterator[Outline]:
    """Give the feeds of the whole paper in their order, and then the others by path.

    A reader such as newsboat shows an article only in the first feed that has it.
    """
    say = phrases(config.site.language)
    order = [f"{feed.path}.rss" for feed in feeds_of(LATEST, config)]
    rank = {path: number for number, path in enumerate(order)}
    statuses = store.documents.statuses(*kinds)
    for status in sorted(statuses, key=lambda status: rank.get(status.path, len(rank))):
        if status.last_modified is None or not status.path.endswith(".rss"):
            continue
        group = FOLDERS.get(status.term.kind)
        yield Outline(
            text=status.title,
            xml_url=document_url(status.path, config),
            html_url=page_url(status.term, config),
            language=config.site.language,
            group=say[group] if group else "",
        )
