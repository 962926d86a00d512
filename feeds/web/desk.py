"""The desk, for staff: whether all is well, what is read, and articles to look up."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from feeds.config import Config
from feeds.errors import StoreError
from feeds.feed_states import feed_states
from feeds.store import Headline, Store
from feeds.text import one_line
from feeds.translations import translations
from feeds.web.editing import editing
from feeds.web.login import editor, is_from_here, login
from feeds.web.overview import overview_of
from feeds.web.places import in_words, place_of

logger = logging.getLogger(__name__)

PREFIX = "/staff"

_STYLE = (Path(__file__).with_name("templates") / "desk" / "style.css").read_text("utf-8")
_MOST_FOUND = 50  # articles
_MOST_FEEDS = 200
_LONGEST_QUERY = 200
_OPEN = {"desk.style", "desk.login.ask", "desk.login.sign_in"}
# The desk is not for a cache, a search engine or a frame, and no script runs in it.
_HEADERS = {
    "Cache-Control": "private, no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src data:; form-action 'self';"
        " base-uri 'none'; frame-ancestors 'none'"
    ),
}


def desk(store: Store, config: Config, token: str | None) -> Blueprint:
    """Build the routes; without a token all of them answer 403."""
    home, words = urlsplit(config.site.url).path + PREFIX, translations(config.site.language)
    _ = words.gettext
    routes = Blueprint("desk", __name__, url_prefix=PREFIX)
    routes.context_processor(lambda: {"home": home, "editor": editor(), "place_of": place_of})
    routes.add_app_template_filter(partial(in_words, words=words), "in_words")
    routes.add_app_template_filter(partial(datetime.fromtimestamp, tz=UTC), "moment")
    routes.register_error_handler(HTTPException, _explain)
    routes.register_error_handler(StoreError, _store_is_away)
    routes.after_request(_finish)

    @routes.before_request
    def guard() -> ResponseReturnValue | None:
        if not token and request.endpoint != "desk.style":
            return render_template("desk/off.html"), 403
        if request.method == "POST" and not is_from_here(request, config):
            abort(403, _("This request does not come from a page of the desk."))
        if request.endpoint in _OPEN or editor():
            return None
        if request.headers.get("Sec-Fetch-Site") == "cross-site":
            # The cookie does not come along from a link elsewhere, but it does from a page of ours.
            return render_template("desk/message.html", title=_("One moment…")), {"Refresh": "0"}
        return redirect(f"{home}/login", 303)

    @routes.get("/style.css")
    def style() -> Response:
        return Response(_STYLE, mimetype="text/css")

    @routes.route("/<path:_unknown>", methods=["GET", "POST"])
    def unknown(_unknown: str) -> ResponseReturnValue:
        abort(404, _("The desk has no such page."))

    if token:
        routes.register_blueprint(login(config, token, home))
    routes.register_blueprint(_lists(store, config))
    routes.register_blueprint(editing(store, config, home))
    return routes


def _lists(store: Store, config: Config) -> Blueprint:
    routes = Blueprint("lists", __name__)

    @routes.get("")
    @routes.get("/")
    def overview() -> str:
        return render_template(
            "desk/overview.html", **overview_of(store, config, datetime.now(UTC))
        )

    @routes.get("/feeds")
    def feeds() -> str:
        text = _asked()
        states = feed_states(store, config, about=text)
        states.sort(key=lambda state: state.fault is None)
        return render_template("desk/feeds.html", asked=text, states=states, most=_MOST_FEEDS)

    @routes.get("/search")
    def search() -> str:
        text = _asked()
        found: Sequence[Headline] = store.headlines.search(text, _MOST_FOUND) if text else ()
        return render_template("desk/search.html", text=text, found=found, most=_MOST_FOUND)

    return routes


def _asked() -> str:
    """Give what is searched for, without a NUL, which PostgreSQL refuses."""
    return one_line(request.args.get("q", "")[:_LONGEST_QUERY])


def _explain(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:
        return error
    return render_template("desk/message.html", told=error.description), error.code or 500


def _store_is_away(error: StoreError) -> ResponseReturnValue:
    logger.error("%s", error)
    return render_template("desk/message.html", told=str(error)), 503


def _finish(response: Response) -> Response:
    response.headers.update(_HEADERS)
    return response
