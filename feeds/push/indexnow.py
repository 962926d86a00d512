"""Telling search engines of addresses of articles that are new, changed or gone (IndexNow)."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from types import MappingProxyType
from urllib.parse import urlsplit

from feeds.catalog import article_url
from feeds.config import Config, IndexNow
from feeds.http_client import request
from feeds.push.sending import Outcome, Sender, outcome_of
from feeds.store import Receiver

_MOST_AT_ONCE = 10_000
_JSON = {"Content-Type": "application/json; charset=utf-8"}
_ADVICE: Mapping[int, str] = MappingProxyType(
    {
        HTTPStatus.FORBIDDEN: "see that {location} answers with the key from outside",
        HTTPStatus.UNPROCESSABLE_ENTITY: "see that site.url is the address that readers use,"
        " and that {location} answers with the key from outside",
    }
)


def receivers(config: Config) -> Iterator[Receiver]:
    """Give the endpoint of the config, if there is one."""
    if config.indexnow:
        yield Receiver("indexnow", config.indexnow.endpoint)


def location_of(key: str, config: Config) -> str:
    """Give the address at which this service shows a key."""
    return f"{config.site.url}/{key}.txt"


def submit(receiver: Receiver, head: int, sender: Sender) -> Outcome:
    """Submit the addresses of the articles that were announced since the last submission.

    Only addresses that the key speaks for, on its host and below its folder, are sent; those of
    articles under embargo are not.
    """
    settings, config = sender.config.indexnow, sender.config
    if settings is None:
        return Outcome(is_over=True)
    news = sender.store.announcements.after(receiver.position, _MOST_AT_ONCE, datetime.now(UTC))
    position = news[-1].stamp if news else head
    location = settings.location or location_of(settings.key, config)
    addresses = dict.fromkeys(article_url(each, config) for each in news if not each.is_embargoed)
    folder = _below(location).rpartition("/")[0] + "/"
    ours = [url for url in addresses if _below(url).startswith(folder)]
    if not ours:
        return Outcome(position)
    body = _submission(settings, location, ours)
    answer = request("POST", receiver.url, body, _JSON, only_public=False)
    outcome, advice = outcome_of(answer, position), _ADVICE.get(answer.status)
    if advice is None:
        return outcome
    return replace(outcome, fault=f"{outcome.fault}: {advice.format(location=location)}")


def _submission(settings: IndexNow, location: str, urls: list[str]) -> bytes:
    host = urlsplit(location).netloc
    about = {"host": host, "key": settings.key, "keyLocation": location, "urlList": urls}
    return json.dumps(about, ensure_ascii=False).encode()


def _below(url: str) -> str:
    """Give an address without its scheme: a key speaks for http and https."""
    return url.partition("://")[2]
