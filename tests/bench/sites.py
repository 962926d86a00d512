"""Sites that other software would answer with, for granian to serve as it serves ours.

The two that build a feed hold its 50 entries in memory, with bodies that are safe already, so that
they need no database; they compress and make validators per request, with what their framework
brings for it.
"""

import gzip
import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import django
from django.contrib.syndication.views import Feed as DjangoFeed
from django.core.wsgi import get_wsgi_application
from django.urls import path as django_path
from django.utils.feedgenerator import Enclosure
from flask import Flask, Response, request

from feeds.catalog import Feed, authority, channel_of
from feeds.entries import entry_of
from feeds.model import Entry, Term
from feeds.store.saving import mint_guid
from tests.bench.articles import articles
from tests.bench.korean import SECTIONS
from tests.bench.peers import FullRss, feedgen_rss
from tests.bench.publish import CONFIG

ARTICLES = 50
SECTION = Term("section", SECTIONS[0])
GZIPPED = "GZIPPED"
"""The variable that names the file with the bytes that the bare callable answers with."""


@cache
def section_entries() -> Sequence[Entry]:
    """The newest articles of one section, ready to be written."""
    host = authority(CONFIG)
    everything = articles(ARTICLES * len(SECTIONS))
    newest = (each for each in everything if SECTION.slug in each.sections)
    return [
        entry_of(replace(each, guid=mint_guid(each.id, each.published, host)), CONFIG)
        for each in newest
    ]


def bare() -> WSGIApplication:
    """Answer with what was made before: what the server alone can do."""
    body = Path(os.environ[GZIPPED]).read_bytes()
    etag = ("ETag", 'W/"1"')
    headers = [etag, ("Content-Encoding", "gzip"), ("Content-Length", str(len(body)))]

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if "HTTP_IF_NONE_MATCH" in environ:
            start_response("304 Not Modified", [etag])
            return [b""]
        start_response("200 OK", headers)
        return [body]

    return answer


def flask() -> WSGIApplication:
    """Flask, with feedgen per request."""
    app = Flask(__name__)
    channel = channel_of(Feed(SECTION, "section"), SECTION.slug, "rss", CONFIG)

    @app.get("/feed.rss")
    def feed() -> Response:
        body = feedgen_rss(channel, section_entries())
        response = Response(body, content_type="application/rss+xml; charset=utf-8")
        response.set_etag(hashlib.sha1(body).hexdigest(), weak=True)
        response.make_conditional(request)
        if response.status_code == 200 and request.accept_encodings["gzip"]:
            response.data = gzip.compress(body, 6)
            response.headers["Content-Encoding"] = "gzip"
        return response

    return app


class _Section(DjangoFeed):
    # What the framework asks a feed class for, by its names.
    feed_type = FullRss
    title = description = SECTION.slug
    link = CONFIG.site.url

    def items(self) -> Sequence[Entry]:
        return section_entries()

    def item_title(self, item: Entry) -> str:
        return item.title

    def item_description(self, item: Entry) -> str:
        return item.summary

    def item_link(self, item: Entry) -> str:
        return item.link

    def item_guid(self, item: Entry) -> str:
        return item.id

    def item_pubdate(self, item: Entry) -> datetime:
        return item.published

    def item_author_name(self, item: Entry) -> str:
        return item.authors[0].name

    def item_author_email(self, item: Entry) -> str | None:
        return item.authors[0].email

    def item_categories(self, item: Entry) -> list[str]:
        return [category.term for category in item.categories]

    def item_enclosures(self, item: Entry) -> list[Enclosure]:
        image = item.image
        return [Enclosure(image.url, str(image.length), image.type)] if image else []

    def item_extra_kwargs(self, item: Entry) -> dict[str, Any]:
        return {"content": item.content}


urlpatterns = [django_path("feed.rss", _Section())]


def in_django() -> WSGIApplication:
    """Django's syndication framework, with its middleware for validators and gzip."""
    django.setup()
    application: WSGIApplication = get_wsgi_application()
    return application
