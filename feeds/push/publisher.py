"""Telling the hubs of others which topics changed.

WebSub leaves to publishers and hubs how they agree on that (6). The hubs that anybody can use take
the form of PubSubHubbub 0.3, 7.1: `hub.mode=publish`, and each topic as a `hub.url`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from urllib.parse import urlencode

from feeds.catalog import document_url
from feeds.config import Config
from feeds.errors import FetchError
from feeds.push.outcome import Outcome, outcome_of
from feeds.push.sender import Sender
from feeds.store import Receiver

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_MOST_TOPICS = 100  # in one request


def receivers(config: Config) -> Iterator[Receiver]:
    """Give the hubs of others that the config names."""
    return (Receiver("hub", url) for url in config.websub.others)


def ping(receiver: Receiver, head: int, sender: Sender) -> Outcome:
    """Tell a hub of all topics that changed since it was told last, in their order.

    The first of several requests that fails ends the delivery; what the hub took is not repeated.
    """
    topics, position = sender.store.documents.topics(receiver.position, head), None
    for first in range(0, len(topics), _MOST_TOPICS):
        some = topics[first : first + _MOST_TOPICS]
        outcome = _tell(receiver.url, some, sender)
        if outcome.fault:
            return replace(outcome, position=position)
        position = outcome.position
    return Outcome(head)


def _tell(hub: str, topics: Sequence[tuple[str, int]], sender: Sender) -> Outcome:
    urls = [("hub.url", document_url(path, sender.config)) for path, _ in topics]
    form = urlencode([("hub.mode", "publish"), *urls]).encode()
    try:
        return outcome_of(sender.trusted.request("POST", hub, form, _FORM), topics[-1][1])
    except FetchError as error:
        return Outcome(fault=str(error))
