"""Webhooks that CMSs send: an event of an article becomes a save, or withdraws the article.

Who sends knows the hook's own secret; a bearer token is not asked for.
"""

import hmac
import logging
import re
import time
from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import Headers

from feeds.config import Config, Hook
from feeds.errors import ArticleError
from feeds.importers import (
    Accepted,
    Item,
    LeftOut,
    Rejected,
    Source,
    ghost,
    read_item,
    read_object,
    wordpress,
)
from feeds.importers.mapped import as_object, mapped, values_of
from feeds.model import Patch
from feeds.store import Store
from feeds.text import quoted
from feeds.web.api import same_secret
from feeds.web.articles import save, source_of

logger = logging.getLogger(__name__)

_GHOST = "X-Ghost-Signature"
_MOST_SECONDS_OLD = 300
_MILLISECONDS = re.compile("[0-9]{1,15}")
_KEY = re.compile(r"(?:^|(?<=; ))(\w+)[^:; ]*(?=: )")


def hook_routes(store: Store, config: Config) -> Blueprint:
    """Build the routes below `/api/hooks`."""
    routes = Blueprint("hooks", __name__, url_prefix="/api/hooks")

    @routes.post("/<name>")
    def post(name: str) -> ResponseReturnValue:
        """Save, or withdraw, the article of an event; accept an event of anything else."""
        hook = config.api.hooks.get(name)
        if hook is None:
            abort(404, "There is no such hook in the config.")
        body = request.get_data()
        _refuse_others(hook, request.headers, body)
        event = _EVENTS[hook.format](read_object(body), hook, source_of(config))
        if event is None or isinstance(event, str):
            reason = event or "an event that is not about a post"
            logger.warning("hook %s: ignored: %s", name, reason)
            return {"outcome": "ignored", "notes": [reason]}, 202
        try:
            return _save(event, store, config)
        except ArticleError as error:
            raise ArticleError(_with_queries(str(error), hook.article)) from None

    return routes


def _refuse_others(hook: Hook, headers: Headers, body: bytes) -> None:
    """Abort a request that does not show that its sender knows the secret."""
    if hook.format == "ghost":
        _refuse_others_than_ghost(hook.secret, headers.get(_GHOST, ""), body)
    elif hook.header:
        if not same_secret(headers.get(hook.header, ""), hook.secret):
            abort(403, f"{hook.header} is not the secret of this hook.")
    else:
        given = headers.get(hook.signature or "", "").lower().removeprefix("sha256=")
        if not same_secret(given, _signature(hook.secret, body)):
            abort(403, f"{hook.signature} is not the body's HMAC-SHA256, in hex.")


def _refuse_others_than_ghost(secret: str, header: str, body: bytes) -> None:
    """Check `sha256=<hex>, t=<milliseconds>`; the signature of old versions leaves the time out."""
    given = dict(part.strip().partition("=")[::2] for part in header.split(","))
    sent, digest = given.get("t", ""), given.get("sha256", "")
    if not any(same_secret(digest, _signature(secret, body + t)) for t in (sent.encode(), b"")):
        abort(403, f"{_GHOST} is not Ghost's signature with the secret of this hook.")
    if not _MILLISECONDS.fullmatch(sent) or abs(time.time() - int(sent) / 1000) > _MOST_SECONDS_OLD:
        abort(403, f"{_GHOST} is not of the last five minutes; is one of the two clocks wrong?")


def _signature(secret: str, signed: bytes) -> str:
    return hmac.digest(secret.encode(), signed, "sha256").hex()


def _event_of_ghost(payload: Mapping[str, Any], _: Hook, source: Source) -> Item | None:
    """Read `{"post": {"current": …, "previous": …}}`; a deleted post has no current state."""
    post = as_object(payload.get("post"))
    current, previous = as_object(post.get("current")), as_object(post.get("previous"))
    return ghost.read_post(current or {**previous, "status": "deleted"}, source)


def _mapped_event(payload: Mapping[str, Any], hook: Hook, source: Source) -> Item | str:
    name = str(next(iter(values_of(payload, hook.event)), "")) if hook.event else ""
    if name in hook.withdraw:
        record = mapped(payload, {"id": hook.article["id"]}) | {"status": "withdrawn"}
    elif hook.event and name not in hook.save:
        return f"the event {quoted(name)} is neither in save nor in withdraw"
    else:
        record = {"status": "live"} | mapped(payload, hook.article)
    return read_item(record, source, 0)


_EVENTS: Mapping[str | None, Callable[[Mapping[str, Any], Hook, Source], Item | str | None]] = {
    "ghost": _event_of_ghost,
    "wordpress": lambda payload, _, source: wordpress.read_post(payload, source),
    None: _mapped_event,
}


def _save(item: Item, store: Store, config: Config) -> ResponseReturnValue:
    if isinstance(item, Rejected):
        raise ArticleError(item.reason)
    if isinstance(item, LeftOut):
        item = Accepted(Patch(item.id, {"status": "withdrawn"}), 0)
    is_withdrawn = item.patch.given.get("status") == "withdrawn"
    if is_withdrawn and not store.articles.known([item.patch.id]):
        return {"outcome": "ignored", "notes": ["it is not public, and never was"]}, 202
    return save(item.patch, item.notes, store, config)


def _with_queries(reason: str, queries: Mapping[str, str]) -> str:
    """Name beside each key at fault the query that its value came from."""
    return _KEY.sub(lambda m: f"{m[0]} ({queries[m[1]]})" if m[1] in queries else m[0], reason)
