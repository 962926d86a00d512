"""For machines, besides documents: the list of all feeds, and whether the service is well."""

from collections.abc import Iterator

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as BaseResponse

from feeds.catalog import document_url, page_url
from feeds.config import Config
from feeds.formats.opml import Outline, render_opml
from feeds.model import FOLDERS
from feeds.phrases import phrases
from feeds.storage import Store


def machines(store: Store, config: Config) -> Blueprint:
    """Build the routes for machines."""
    routes = Blueprint("machines", __name__)

    @routes.get("/feeds.opml")
    def opml() -> BaseResponse:
        body = render_opml(config.site.title, list(_outlines(store, config)))
        response = Response(body, content_type="text/x-opml; charset=utf-8")
        response.cache_control.public = True
        response.cache_control.max_age = config.serve.min_age
        response.access_control_allow_origin = "*"
        response.add_etag()
        return response.make_conditional(request)

    @routes.get("/healthz")
    def healthz() -> Response:
        return Response("ok\n", content_type="text/plain; charset=utf-8")

    @routes.get("/readyz")
    def readyz() -> Response:
        store.documents.version()
        return Response("ok\n", content_type="text/plain; charset=utf-8")

    return routes


def _outlines(store: Store, config: Config) -> Iterator[Outline]:
    say = phrases(config.site.language)
    for status in store.documents.statuses():
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
