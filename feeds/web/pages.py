"""Pages for people, and documents that no web process has cached yet."""

import logging
from datetime import UTC, datetime

from flask import Blueprint, abort, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from feeds.config import Config
from feeds.errors import ArticleError, RenderError
from feeds.formats import ABOUT
from feeds.gate import render_checked
from feeds.pages import Elsewhere, Pages, Withdrawn
from feeds.rendition import Draft
from feeds.store import Store
from feeds.text import one_line
from feeds.web.documents import page_headers
from feeds.web.response import API, FOR_A_DAY, NO_STORE, moved, plain, problem

logger = logging.getLogger(__name__)

_LONGEST_SEARCH = 100  # characters
_ABOUT = plain("200 OK", ABOUT.rstrip("\n"), FOR_A_DAY)


def pages(store: Store, config: Config) -> Blueprint:
    """Build the route of the pages, which finds those that no web process has in memory."""
    routes = Blueprint("pages", __name__)
    made = Pages(store, config)

    @routes.get("/", defaults={"path": ""})
    @routes.get("/<page:path>")
    def page(path: str) -> ResponseReturnValue:
        found = made.find(f"/{path}", datetime.now(UTC))
        if isinstance(found, Elsewhere):
            return moved(found.url) if found.is_permanent else redirect(found.url)
        if isinstance(found, Draft):
            return _page(f"/{path}", found)
        return abort(410 if isinstance(found, Withdrawn) else 404)

    @routes.get("/feeds/about")
    def about() -> ResponseReturnValue:
        return _ABOUT

    @routes.get("/feeds/search")
    def search() -> ResponseReturnValue:
        text = one_line(request.args.get("q", ""))[:_LONGEST_SEARCH]
        return made.search(text, datetime.now(UTC)), [NO_STORE]

    @routes.app_errorhandler(HTTPException)
    def refuse(error: HTTPException) -> ResponseReturnValue:
        """Give an error as a problem to a client of the API, as a page to all others."""
        headers = [each for each in error.get_headers() if each[0] != "Content-Type"]
        if request.path.startswith(API):
            return problem(f"{error.code} {error.name}", error.description or "", *headers)
        return made.templates.error(error.code or 500), error.code or 500, headers

    @routes.errorhandler(ArticleError)
    def held_back(_fault: ArticleError) -> ResponseReturnValue:
        return made.templates.error(404), 404

    return routes


def _page(path: str, draft: Draft) -> ResponseReturnValue:
    """Send a page, unless the client has the one that was made from the same sources."""
    etag = draft.source
    headers = [("ETag", f'W/"{etag}"'), *page_headers(draft.media_type)]
    if request.if_none_match.contains_weak(etag):
        return "", 304, headers
    try:
        body, _ = render_checked(draft.write, draft.check)
    except RenderError as fault:
        logger.error("%s: not published: %s", path, fault)  # noqa: TRY400 - the fault says it all
        abort(500)
    return body, [("Content-Type", draft.media_type), *headers]
