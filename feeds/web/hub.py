"""Our own hub: it takes the requests of subscribers, which the worker then verifies (WebSub, 5.1).

It is for the feeds of this paper alone. Nobody can make it send much: networks, subscriptions and
callbacks' hosts have their limits.
"""

import logging
import math
import re
import time
from collections.abc import Hashable, Mapping
from dataclasses import replace
from urllib.parse import unquote

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from feeds.catalog import document_url
from feeds.config import Config
from feeds.errors import CipherError
from feeds.push.cipher import encrypt
from feeds.store import Crowd, Receiver, Store
from feeds.text import clean, quoted
from feeds.urls import web_address
from feeds.web.limits import Limit, client_network
from feeds.web.response import NO_STORE, plain

logger = logging.getLogger(__name__)

_MODES = ("subscribe", "unsubscribe")
_FORM = "application/x-www-form-urlencoded"
_MOST_BYTES = 16_384  # of a request; the longest callback, topic and secret take less
_DAY = 86_400
_LEASE, _SHORTEST_LEASE, _LONGEST_LEASE = 10 * _DAY, 3600, 30 * _DAY  # seconds
_BYTES_OF_NO_SECRET = 200
_NUMBER = re.compile("[0-9]{1,15}")

_MINUTE = 60
# An aggregator subscribes to all 220 feeds of a small paper at once.
_MOST_OF_A_NETWORK = 300  # requests a minute
_MOST_OF_A_SUBSCRIPTION = 5  # requests a minute; each may cause a request to the callback
# An aggregator may have callbacks of its own for some users, and may subscribe to 18,000 topics in
# three formats. The outbox verifies dozens of requests a second.
_MOST_OF_A_HOST = {
    "of_topic": (100, "This host has too many subscriptions to this topic."),
    "of_host": (60_000, "This host has too many subscriptions."),
    "waiting": (200, "Too many requests of this host are not verified yet."),
}

# If a web process kept this page, it would refuse each POST to its address.
_ABOUT = plain(
    "200 OK", "This is a WebSub hub. Subscribe with POST: https://www.w3.org/TR/websub/", NO_STORE
)
_ACCEPTED = plain("202 Accepted", "The callback will be asked to verify this.", NO_STORE)
_NO_SECRETS = plain("503 Service Unavailable", "This hub cannot encrypt secrets now.", NO_STORE)


def hub(store: Store, config: Config) -> Blueprint:
    """Build the route of the hub."""
    routes = Blueprint("hub", __name__)
    of_network = Limit(_MOST_OF_A_NETWORK, _MINUTE)
    of_subscription = Limit(_MOST_OF_A_SUBSCRIPTION, _MINUTE)

    @routes.errorhandler(HTTPException)
    def refuse(refusal: HTTPException) -> ResponseReturnValue:
        headers = (header for header in refusal.get_headers() if header[0] != "Content-Type")
        status = f"{refusal.code} {refusal.name}"
        return plain(status, refusal.description or "", NO_STORE, *headers)

    @routes.errorhandler(CipherError)
    def keep_no_secret(error: CipherError) -> ResponseReturnValue:
        logger.error("%s", error)
        return _NO_SECRETS

    @routes.get("/hub")
    def describe() -> ResponseReturnValue:
        return _ABOUT

    @routes.post("/hub")
    def accept() -> ResponseReturnValue:
        _count(of_network, client_network(config))
        form = _form()
        asked = Receiver(_mode(form), _callback(form), _topic(form, store, config))
        if asked.kind == "subscribe":
            asked = replace(asked, lease=_lease(form), secret=_secret(form, config))
        _count(of_subscription, (asked.url, asked.topic))
        _refuse_crowd(store.receivers.crowd(asked))
        store.receivers.request(asked)
        return _ACCEPTED

    return routes


def _count(limit: Limit, client: Hashable) -> None:
    if seconds := limit.take(client, time.time()):
        again = math.ceil(seconds)
        abort(429, f"Too many requests; try again in {again} seconds.", retry_after=again)


def _refuse_crowd(crowd: Crowd) -> None:
    """Refuse a request if its callback's host has too many; a renewal is never refused."""
    if crowd.known:
        return
    for field, (most, sentence) in _MOST_OF_A_HOST.items():
        if getattr(crowd, field) >= most:
            abort(429, sentence, retry_after=_MINUTE)


def _form() -> Mapping[str, str]:
    if request.mimetype != _FORM:
        abort(415, f"Send {_FORM} in UTF-8.")
    if (request.content_length or 0) > _MOST_BYTES:
        abort(413, f"A request has at most {_MOST_BYTES} bytes.")
    request.max_content_length = _MOST_BYTES
    return request.form


def _mode(form: Mapping[str, str]) -> str:
    mode = form.get("hub.mode", "")
    if mode not in _MODES:
        hint = "; this hub knows by itself when a feed changes" * (mode == "publish")
        abort(400, f"hub.mode must be subscribe or unsubscribe, not {quoted(mode)}{hint}")
    return mode


def _callback(form: Mapping[str, str]) -> str:
    """Read the callback, which is used exactly as it is given (WebSub, 8.3)."""
    url = form.get("hub.callback", "")
    try:
        uri = web_address(url)
    except ValueError as error:
        abort(400, f"hub.callback {error}")
    if "#" in uri:
        abort(400, "hub.callback must not have a fragment, which would not reach its server")
    if uri != url:
        abort(400, f"hub.callback must be written as a URI: {uri}")
    return url


def _topic(form: Mapping[str, str], store: Store, config: Config) -> str:
    """Read the topic, which must be written as a feed's self link, and give its path."""
    url = form.get("hub.topic", "")
    path = clean(unquote(url.removeprefix(document_url("", config))))
    if not store.documents.is_feed(path):
        abort(400, f"hub.topic must be the self link of a feed of {config.site.url}")
    if url != (wanted := document_url(path, config)):
        abort(400, f"hub.topic must be written as the feed's self link: {wanted}")
    return path


def _lease(form: Mapping[str, str]) -> int:
    text = form.get("hub.lease_seconds") or f"{_LEASE}"
    if not _NUMBER.fullmatch(text):
        abort(400, f"hub.lease_seconds must be a number of seconds, not {quoted(text)}")
    return min(max(int(text), _SHORTEST_LEASE), _LONGEST_LEASE)


def _secret(form: Mapping[str, str], config: Config) -> str | None:
    secret = form.get("hub.secret")
    if secret and len(secret.encode()) >= _BYTES_OF_NO_SECRET:
        abort(400, f"hub.secret must be shorter than {_BYTES_OF_NO_SECRET} bytes")
    return encrypt(secret, config.websub.key) if secret else None
