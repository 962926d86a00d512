"""Webhooks to systems of the paper (Standard Webhooks 1.0)."""

import hmac
import json
import logging
import time
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from feeds.catalog import Feed, article_url, channel_of
from feeds.config import Config, Webhook
from feeds.entries import entries_of, entry_of
from feeds.errors import RenderError
from feeds.gate import feed_in, render_checked
from feeds.http_client import request
from feeds.model import LATEST, Article
from feeds.push.sending import Outcome, Sender, in_turn, outcome_of
from feeds.store import News, Receiver, Unreadable

logger = logging.getLogger(__name__)

_MOST_READ = "most-read"
_MOST_AT_ONCE = 50
_MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class _Event:
    """What a webhook is told; `stamp` is in microseconds since 1970."""

    type: str
    stamp: int
    data: Mapping[str, Any]


def receivers(config: Config) -> Iterator[Receiver]:
    """Give the webhooks of the config, twice if told of articles and of the most read."""
    for hook in config.hooks:
        if set(hook.on) - {_MOST_READ}:
            yield Receiver("hook", hook.url)
        if _MOST_READ in hook.on:
            yield Receiver("most-read", hook.url, "most-read.json")


def tell_news(receiver: Receiver, head: int, sender: Sender) -> Outcome:
    """Tell a webhook of the articles that were announced since it was told last, in their order.

    Each is told as it is when its turn comes.
    """
    hook = _hook_of(receiver, sender.config)
    news = sender.store.announcements.after(receiver.position, _MOST_AT_ONCE, datetime.now(UTC))
    told = (_tell_of(each, receiver.position, hook, sender) for each in news)
    return in_turn(told, news[-1].stamp if news else head)


def tell_order(receiver: Receiver, head: int, sender: Sender) -> Outcome:
    """Tell a webhook which articles are most read, in their order, unless it was told the same.

    The feed also changes when one of its articles does, and the order stays.
    """
    document = sender.document(receiver.topic, head)
    items = json.loads(document.body)["items"] if document else []
    order = [item["id"] for item in items]
    if document is None or sender.orders.get(receiver.url) == order:
        return Outcome(head)
    at = document.last_modified
    event = _Event(_MOST_READ, at * _MICROSECONDS, {"items": items})
    outcome = _tell(event, at, _hook_of(receiver, sender.config), sender)
    if outcome.fault is None:
        sender.orders[receiver.url] = order
    return outcome


def _hook_of(receiver: Receiver, config: Config) -> Webhook:
    return next(hook for hook in config.hooks if hook.url == receiver.url)


def _tell_of(news: News, since: int, hook: Webhook, sender: Sender) -> Outcome:
    event = _event_of(news, since, hook, sender)
    return _tell(event, news.stamp, hook, sender) if event else Outcome(news.stamp)


def _event_of(news: News, since: int, hook: Webhook, sender: Sender) -> _Event | None:
    """Make an event of an article announced since a stamp; None if the webhook is not told of it.

    A withdrawal is told even if the article's publication was not: that may have arrived before
    this process died, and nobody noted it.
    """
    found = sender.store.articles.listed(LATEST, [news.id], datetime.now(UTC))
    kind = ("published" if news.first > since else "updated") if found else "withdrawn"
    if kind not in hook.on:
        return None
    try:
        data = _item(found[0], sender.config) if found else _removed(news, sender.config)
    except RenderError as error:
        logger.warning("article %s was sent to no webhook: %s", news.id, error)
        return None
    return _Event(kind, news.stamp, data)


def _item(article: Article | Unreadable, config: Config) -> Mapping[str, Any]:
    """Give the item of an article in the JSON Feed, checked as there; raises RenderError."""
    entries, unusable = entries_of([article], partial(entry_of, config=config))
    if unusable:
        raise RenderError(unusable[article.id])
    channel = channel_of(Feed(LATEST, "latest"), "", "json", config)
    body, _ = render_checked(*feed_in("json", channel), entries)
    item: Mapping[str, Any] = json.loads(body)["items"][0]
    return item


def _removed(news: News, config: Config) -> Mapping[str, Any]:
    """Give what is left of the item of an article that readers may not see any more.

    The address of one under embargo may be new, with its new headline in it.
    """
    url = {} if news.is_embargoed else {"url": article_url(news, config)}
    return {"id": news.guid, **url, "date_modified": _time(news.stamp, config)}


def _tell(event: _Event, position: int, hook: Webhook, sender: Sender) -> Outcome:
    at = _time(event.stamp, sender.config)
    told = {"type": event.type, "timestamp": at, "data": event.data}
    body = json.dumps(told, ensure_ascii=False).encode()
    headers = _signed(body, f"{event.stamp}-{event.type}", int(time.time()), hook.secret)
    return outcome_of(request("POST", hook.url, body, headers, only_public=False), position)


def _signed(body: bytes, message_id: str, at: int, secret: str) -> dict[str, str]:
    """Give the headers of a message; its id is the same whenever the same event is told again."""
    key = b64decode(secret.removeprefix("whsec_"))
    signature = hmac.digest(key, f"{message_id}.{at}.".encode() + body, "sha256")
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{b64encode(signature).decode()}",
    }


def _time(stamp: int, config: Config) -> str:
    return datetime.fromtimestamp(stamp // _MICROSECONDS, config.site.zone).isoformat()
