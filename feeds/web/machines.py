"""For machines: feeds that no web process knows yet, lists of feeds, an icon, and health."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from http import HTTPStatus

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from feeds.catalog import document_url, feeds_of, page_url
from feeds.config import Config
from feeds.formats.jsonfeed import ABOUT
from feeds.formats.opml import Outline, render_opml
from feeds.model import FOLDERS, LATEST
from feeds.phrases import phrases
from feeds.store import Status, Store
from feeds.web.addresses import response_of
from feeds.web.answer import answer_of
from feeds.web.reply import plain

_BRIEFLY = ("Cache-Control", "public, max-age=60")
_NO_FEED = plain(HTTPStatus.NOT_FOUND, "There is no such feed.", _BRIEFLY)

_A_DAY = 86_400


def machines(store: Store, config: Config) -> Blueprint:
    """Build the routes for machines."""
    routes = Blueprint("machines", __name__)

    @routes.get("/feeds/<path:path>")
    def feed(path: str) -> Response:
        """Answer for a document that was published a moment ago, or that is not there."""
        document = store.documents.get(path) if "\0" not in path else None
        answer = answer_of(document, config) if document else None
        return response_of(answer.choose(request.environ) if answer else _NO_FEED)

    @routes.get("/feeds.opml")
    def opml() -> Response:
        return _list_of_feeds(store, config, LATEST.kind, "section")

    @routes.get("/feeds/authors.opml")
    def authors() -> Response:
        return _list_of_feeds(store, config, "author")

    @routes.get("/feeds/tags.opml")
    def tags() -> Response:
        return _list_of_feeds(store, config, "tag")

    @routes.get("/feeds/about")
    def about() -> BaseResponse:
        return _for_a_day(Response(ABOUT, content_type="text/plain; charset=utf-8"))

    @routes.get("/favicon.ico")
    def favicon() -> BaseResponse:
        """Lead to the paper's icon, unless its address is this one, or it has none."""
        icon = config.site.icon_url
        if icon in (None, f"{config.site.url}/favicon.ico"):
            return _for_a_day(Response("There is no icon.\n", 404, mimetype="text/plain"))
        return _for_a_day(redirect(icon))

    @routes.get("/readyz")
    def readyz() -> Response:
        stuck = store.publishing.health().stuck(datetime.now(UTC), config.site.zone)
        return _plain(f"{stuck}\n", HTTPStatus.SERVICE_UNAVAILABLE) if stuck else _ok()

    return routes


def _for_a_day(response: BaseResponse) -> BaseResponse:
    response.cache_control.public = True
    response.cache_control.max_age = _A_DAY
    return response


def _ok() -> Response:
    return _plain("ok\n", HTTPStatus.OK)


def _plain(text: str, status: HTTPStatus) -> Response:
    response = Response(text, status, content_type="text/plain; charset=utf-8")
    response.cache_control.no_store = True
    return response


def _list_of_feeds(store: Store, config: Config, *kinds: str) -> Response:
    statuses = store.documents.statuses(*kinds)
    body = render_opml(config.site.title, list(_outlines(statuses, config)))
    response = Response(body, content_type="text/x-opml; charset=utf-8")
    response.cache_control.public = True
    response.cache_control.max_age = config.serve.min_age
    response.access_control_allow_origin = "*"
    return response


def _outlines(statuses: Iterable[Status], config: Config) -> Iterator[Outline]:
    """Give the feeds of the whole paper in their order, and then the others by path.

    A reader such as newsboat shows an article only in the first feed that has it.
    """
    say = phrases(config.site.language)
    order = [f"{feed.path}.rss" for feed in feeds_of(LATEST, config)]
    rank = {path: number for number, path in enumerate(order)}
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
