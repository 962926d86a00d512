"""Pages for people, the lists of feeds, and documents that no web process has cached yet."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from urllib.parse import quote

from flask import Blueprint, Response, abort, render_template, request, send_from_directory
from flask.typing import ResponseReturnValue

from feeds import sample
from feeds.catalog import Feed, document_url, feeds_of, page_url, view_path
from feeds.config import Config
from feeds.entries import body_of, contents_of, corrected, entry_of
from feeds.errors import ArticleError
from feeds.formats import ABOUT, Outline, render_opml
from feeds.html import without_picture
from feeds.model import LATEST, Article, Entry, Term
from feeds.publish import name_of
from feeds.store import Store
from feeds.text import article_id_of
from feeds.translations import translations
from feeds.web.response import FOR_A_DAY, moved, plain, responses_to

_HELD_BACK = plain("404 Not Found", "This article cannot be shown.")
_ABOUT = plain("200 OK", ABOUT.rstrip("\n"), FOR_A_DAY)
_NO_FEED = plain("404 Not Found", "There is no such feed.", ("Cache-Control", "public, max-age=60"))


def pages(store: Store, config: Config) -> Blueprint:
    """Build the routes of the pages."""
    routes = Blueprint("pages", __name__)

    @routes.get("/")
    def paper() -> str:
        return _listing(LATEST, "", store, config)

    @routes.get("/sections/<slug>")
    def section(slug: str) -> str:
        term = Term("section", slug)
        # PostgreSQL refuses to look for a NUL.
        name = _section_name(term, store, config) if slug.isprintable() else None
        return _listing(term, name, store, config) if name else abort(404)

    @routes.get("/articles/<id:article_id>")
    def article(article_id: str) -> ResponseReturnValue:
        found = _visible(article_id, store) or _visible(article_id.rstrip("/"), store)
        if found is None:
            abort(404)
        if found.id != article_id:
            return moved(f"{config.site.url}/articles/{quote(found.id, safe='')}")
        if found.status == "withdrawn":
            return render_template("withdrawn.html"), 410
        entry, body, caption = entry_of(found, config), body_of(found, config), ""
        if entry.image:
            body, caption = without_picture(body, entry.image.url)
        body, view = corrected(body, found, config), view_path(found, config)
        return render_template("article.html", entry=entry, body=body, caption=caption, view=view)

    @routes.errorhandler(ArticleError)
    def held_back(_fault: ArticleError) -> ResponseReturnValue:
        return _HELD_BACK

    @routes.get("/sample/<path:name>")
    def sample_file(name: str) -> Response:
        return send_from_directory(sample.FILES, name)

    return routes


def feeds(store: Store, config: Config) -> Blueprint:
    """Build the routes of feeds and lists of feeds."""
    routes = Blueprint("feeds", __name__)

    @routes.get("/feeds/<path:path>")
    def feed(path: str) -> ResponseReturnValue:
        """Answer for a document that was published a moment ago, or does not exist."""
        document = store.documents.get(path) if "\0" not in path else None
        return responses_to(document, config).choose(request.environ) if document else _NO_FEED

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
        return _ABOUT

    return routes


def _visible(article_id: str, store: Store) -> Article | None:
    found = store.articles.get(article_id_of(article_id))
    return found if found and found.published <= datetime.now(UTC) else None


def _section_name(term: Term, store: Store, config: Config) -> str | None:
    """Name a section that has articles or a feed; None if there is no such section."""
    now = datetime.now(UTC)
    if not any(feeds_of(term, config)):  # it was moved in a circle
        return None
    if store.articles.name(term, now) or store.documents.statuses(term=term):
        return name_of(term, store, config, now)
    return None


def _listing(term: Term, name: str, store: Store, config: Config) -> str:
    newest, most_read, *_ = feeds_of(term, config)
    return render_template(
        "listing.html",
        name=name,
        newest=_entries(newest, store, config),
        most_read=_entries(most_read, store, config),
        feeds=[document_url(f"{feed.path}.rss", config) for feed in (newest, most_read)],
        sections=list(_sections(store, config)),
    )


def _sections(store: Store, config: Config) -> Iterator[tuple[str, str]]:
    for term in store.documents.terms("section"):
        if name := store.articles.name(term, datetime.now(UTC)):
            yield name, page_url(term, config)


def _entries(feed: Feed, store: Store, config: Config) -> Sequence[Entry]:
    return contents_of(feed, store, config, datetime.now(UTC)).entries


def _outlines(store: Store, config: Config, kinds: tuple[str, ...]) -> Iterator[Outline]:
    """Give the feeds of the whole paper in their order, and then the others by path.

    A reader such as newsboat shows an article only in the first feed that has it.
    """
    _ = translations(config.site.language).gettext
    groups = {"section": _("Sections"), "author": _("Authors"), "tag": _("Tags")}
    order = [f"{feed.path}.rss" for feed in feeds_of(LATEST, config)]
    rank = {path: number for number, path in enumerate(order)}
    statuses = store.documents.statuses(*kinds)
    for status in sorted(statuses, key=lambda status: rank.get(status.path, len(rank))):
        if status.last_modified is None or not status.path.endswith(".rss"):
            continue
        yield Outline(
            text=status.title,
            xml_url=document_url(status.path, config),
            html_url=page_url(status.term, config),
            language=config.site.language,
            group=groups.get(status.term.kind, ""),
        )
