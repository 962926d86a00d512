"""The Flask application behind the web processes, and the headers that its responses share."""

import logging
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus

from flask import Flask, Response, redirect, request, send_from_directory
from flask.typing import ResponseReturnValue
from werkzeug.routing import BaseConverter

from feeds import sample
from feeds.config import Config
from feeds.errors import ArticleError, StoreError
from feeds.health import publishing_health
from feeds.rendition import codings
from feeds.store import Store
from feeds.translations import translations
from feeds.web.api import api
from feeds.web.canonical import redirects
from feeds.web.desk import PREFIX, desk
from feeds.web.documents import CODINGS, IDENTITY, choose_coding, page_headers
from feeds.web.hooks import hook_routes
from feeds.web.hub import hub
from feeds.web.openapi import description
from feeds.web.pages import pages
from feeds.web.response import A_DAY, API, FOR_A_DAY, NO_STORE, plain, problem, unavailable

logger = logging.getLogger(__name__)

_MOST_BYTES = 2**24  # of a request's body
_STORE_AWAY = unavailable("The paper's store cannot be read just now.", 30)
_PLAIN_TEXT = ("Content-Type", "text/plain; charset=utf-8")
_NO_METRICS = plain(
    "501 Not Implemented", "There are no metrics: pip install 'feeds[metrics]'.", NO_STORE
)
# Smaller responses would shrink by less than their headers grow.
_WORTH_CODING = 500


def create_app(store: Store, config: Config, token: str | None = None) -> Flask:
    """Build the application over one paper's store and settings; `token` opens the write API."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = _MOST_BYTES
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = A_DAY
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    words = translations(config.site.language)
    app.jinja_env.globals |= {"_": words.gettext, "ngettext": words.ngettext, "site": config.site}
    app.url_map.merge_slashes = False
    app.url_map.converters |= {"id": _Id, "page": _Page}
    app.before_request(redirects(store, config))
    app.after_request(_finish)
    app.register_error_handler(StoreError, _store_is_away)
    app.register_error_handler(
        ArticleError, lambda fault: problem("422 Unprocessable Content", str(fault))
    )
    app.add_url_rule("/api/openapi.json", view_func=description)
    for routes in (pages, hook_routes):
        app.register_blueprint(routes(store, config))
    app.register_blueprint(api(store, config, token))
    app.register_blueprint(desk(store, config, token))
    if config.websub.has_hub:
        app.register_blueprint(hub(store, config))

    @app.get("/favicon.ico")
    def favicon() -> ResponseReturnValue:
        """Redirect to the paper's icon, unless its address is this one, or it has none."""
        icon = config.site.icon
        if icon in (None, f"{config.site.url}/favicon.ico"):
            return plain("404 Not Found", "There is no icon.", FOR_A_DAY)
        return redirect(icon), [FOR_A_DAY]

    if config.indexnow and not config.indexnow.location:
        key = config.indexnow.key
        app.add_url_rule(f"/{key}.txt", "indexnow", lambda: (key, [_PLAIN_TEXT]))
    app.add_url_rule("/sample/<path:path>", "sample", partial(send_from_directory, sample.FILES))
    app.add_url_rule("/readyz", "readyz", partial(_readyz, store, config))
    app.add_url_rule("/metrics", "metrics", partial(_metrics, store, config))
    return app


def _readyz(store: Store, config: Config) -> ResponseReturnValue:
    """Say whether feeds are kept up to date; articles that are held back are no reason to fail."""
    try:
        health = publishing_health(store, config, datetime.now(UTC))
    except StoreError as error:
        logger.error("%s", error)  # noqa: TRY400 - its traceback says no more
        body: dict[str, object] = {"reason": "The store cannot be read; the log says why."}
    else:
        if not health.is_stuck:
            return {"ready": True, "reason": None}, [NO_STORE]
        _, reason, advice = health.troubles()[0]
        heard = health.heard and health.heard.isoformat()
        body = {"reason": reason, "advice": advice, "heard": heard}
    headers = [NO_STORE, ("Retry-After", "30")]
    return {"ready": False, **body}, HTTPStatus.SERVICE_UNAVAILABLE, headers


def _metrics(store: Store, config: Config) -> ResponseReturnValue:
    try:
        from feeds.web.metrics import exposition
    except ModuleNotFoundError:  # prometheus_client is an extra
        return _NO_METRICS
    body, media_type = exposition(store, config, request.headers.get("Accept", ""))
    return body, [("Content-Type", media_type), NO_STORE]


class _Id(BaseConverter):
    """The CMS's id in a path: any characters, also `/` at its start, end or twice in a row."""

    regex = ".+"
    part_isolating = False


class _Page(_Id):
    """The path of a page: any but those of the API."""

    regex = "(?!api/).+"


def _store_is_away(error: StoreError) -> ResponseReturnValue:
    logger.error("%s", error)
    return _STORE_AWAY


def _finish(response: Response) -> Response:
    """Add the headers that a route left out, and answer 304 to a client that has the text."""
    response.headers["X-Content-Type-Options"] = "nosniff"
    if response.mimetype == "text/html":
        for name, value in page_headers(response.content_type):
            if name != "Cache-Control":
                response.headers.setdefault(name, value)
    if request.path.startswith((API, PREFIX)):
        response.headers["Cache-Control"] = "private, no-store"
    elif "Cache-Control" not in response.headers:
        is_fault = response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
        response.headers["Cache-Control"] = "no-store" if is_fault else "public, max-age=60"
    # A file or a feed has its validators and its coding.
    if not response.direct_passthrough and "ETag" not in response.headers:
        _encode(response)
    return response


def _encode(response: Response) -> None:
    body = response.get_data()
    if len(body) >= _WORTH_CODING:
        response.vary.add("Accept-Encoding")
    if response.status_code == HTTPStatus.OK and not response.cache_control.no_store:
        # Weak: the same tag stands for the text in every coding.
        response.add_etag(weak=True)
        response.make_conditional(request)
    if len(body) < _WORTH_CODING or response.status_code == HTTPStatus.NOT_MODIFIED:
        return
    available = tuple(coding for coding in CODINGS if coding in codings())
    coding = choose_coding(request.headers.get("Accept-Encoding", ""), available)
    if coding != IDENTITY:
        response.set_data(codings()[coding](body))
        response.content_encoding = coding
