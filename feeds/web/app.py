"""The Flask application behind the documents: pages for people and answers for machines."""

import logging

from flask import Flask
from werkzeug.routing import BaseConverter

from feeds.config import Config
from feeds.errors import StoreError
from feeds.phrases import phrases
from feeds.store import Store
from feeds.web.addresses import addresses
from feeds.web.api import api
from feeds.web.headers import SCRIPT, STYLE, finish
from feeds.web.machines import machines
from feeds.web.pages import pages

logger = logging.getLogger(__name__)

_MOST_BYTES = 2**24  # of a request's body
_A_DAY = 86_400


def create_app(store: Store, config: Config, token: str | None = None) -> Flask:
    """Build the application over one paper's store and settings; `token` opens the write API."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = _MOST_BYTES
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = _A_DAY
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals |= {"site": config.site, "say": phrases(config.site.language)}
    app.jinja_env.globals |= {"style": STYLE, "script": SCRIPT}
    app.after_request(finish)
    app.url_map.merge_slashes = False
    app.url_map.converters["id"] = _Id
    app.register_error_handler(StoreError, _store_is_away)
    app.register_blueprint(addresses(config))
    app.register_blueprint(pages(store, config))
    app.register_blueprint(machines(store, config))
    app.register_blueprint(api(store, config, token))
    return app


class _Id(BaseConverter):
    """The CMS's id in an address: any characters, also `/` at its start, end or twice in a row."""

    regex = ".+"
    part_isolating = False


def _store_is_away(error: StoreError) -> tuple[str, int, dict[str, str]]:
    logger.error("%s", error)
    headers = {"Retry-After": "30", "Content-Type": "text/plain; charset=utf-8"}
    return "The paper's store cannot be read just now.\n", 503, headers
