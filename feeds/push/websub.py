"""WebSub: other hubs are told which topics changed, and the subscribers of our own get them.

The recommendation leaves to publishers and hubs how they agree on changes (6). The hubs that
anybody can use take the form of PubSubHubbub 0.3, 7.1: `hub.mode=publish`, and each topic as a
`hub.url`.
"""

import hmac
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from urllib.parse import urlencode

from feeds.catalog import document_url, hub_url
from feeds.config import Config, WebSub
from feeds.http_client import Answer, request
from feeds.push.cipher import decrypt
from feeds.push.sending import Outcome, Sender, in_turn, outcome_of
from feeds.store import Receiver

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_MOST_TOPICS = 100  # in one request
_IS_OVER = Outcome(is_over=True)


def receivers(config: Config) -> Iterator[Receiver]:
    """Give the hubs of others that the config names."""
    return (Receiver("hub", url) for url in config.websub.others)


def ping(receiver: Receiver, head: int, sender: Sender) -> Outcome:
    """Tell a hub of all topics that changed since it was told last, in their order."""
    topics = sender.store.documents.topics(receiver.position, head)
    parts = (topics[at : at + _MOST_TOPICS] for at in range(0, len(topics), _MOST_TOPICS))
    return in_turn((_ping(receiver.url, each, sender) for each in parts), head)


def _ping(hub: str, topics: Sequence[tuple[str, int]], sender: Sender) -> Outcome:
    urls = [("hub.url", document_url(path, sender.config)) for path, _ in topics]
    form = urlencode([("hub.mode", "publish"), *urls]).encode()
    return outcome_of(request("POST", hub, form, _FORM, only_public=False), topics[-1][1])


def distribute(receiver: Receiver, head: int, sender: Sender) -> Outcome:
    """Send a subscriber the bytes of its topic (WebSub, 7).

    If there is a secret, they are signed with it (7.1), or not sent: raises CipherError. If the
    topic or the hub is gone, the subscriber will be told that it is denied.
    """
    websub, document = sender.config.websub, sender.document(receiver.topic, head)
    if document is None or not websub.has_hub:
        sender.store.receivers.request(Receiver("denied", receiver.url, receiver.topic))
        return Outcome(fault="the feed, or the hub, is gone", is_over=True)
    body, topic = document.body, document_url(document.path, sender.config)
    links = f'<{hub_url(sender.config)}>; rel="hub", <{topic}>; rel="self"'
    signature = _signature(receiver.secret, body, websub) if receiver.secret else {}
    headers = {"Content-Type": document.media_type, "Link": links, **signature}
    answer = request("POST", receiver.url, body, headers, only_public=not websub.allow_private)
    if answer.status == HTTPStatus.GONE:
        return Outcome(fault="it answers 410", is_over=True)
    return outcome_of(answer, document.last_modified)


def _signature(secret: str, body: bytes, websub: WebSub) -> dict[str, str]:
    method = websub.signature
    signature = hmac.digest(decrypt(secret, websub.key), body, method)
    return {"X-Hub-Signature": f"{method}={signature.hex()}"}


def verify(receiver: Receiver, head: int, sender: Sender) -> Outcome:
    """Ask a subscriber whether it means its request; if so, do as it asks (WebSub, 5.3).

    It is asked again if its server failed, or is busy.
    """
    asked, challenge = int(time.time()), secrets.token_urlsafe(32)
    parameters = {"hub.challenge": challenge}
    if receiver.kind == "subscribe":
        parameters["hub.lease_seconds"] = f"{receiver.lease}"
    answer = _get(receiver, receiver.kind, parameters, sender)
    outcome = outcome_of(answer, head)
    if outcome.fault:
        is_busy = answer.status == HTTPStatus.TOO_MANY_REQUESTS
        is_over = answer.status < HTTPStatus.INTERNAL_SERVER_ERROR and not is_busy
        return replace(outcome, is_over=is_over)
    if answer.body != challenge.encode():
        return Outcome(fault="it does not repeat the challenge", is_over=True)
    if receiver.kind == "subscribe":
        sender.store.receivers.subscribe(receiver, asked)
    else:
        sender.store.receivers.unsubscribe(receiver)
    return _IS_OVER


def deny(receiver: Receiver, _: int, sender: Sender) -> Outcome:
    """Tell a subscriber that it gets no more, whatever it answers (WebSub, 5.2)."""
    reason = {"hub.reason": "The feed is gone, moved, has another hub, or sends you no more."}
    _get(receiver, "denied", reason, sender)
    return _IS_OVER


def _get(receiver: Receiver, mode: str, parameters: Mapping[str, str], sender: Sender) -> Answer:
    """Get a callback, whose own query comes first (WebSub, 5.1.1)."""
    topic = document_url(receiver.topic, sender.config)
    query = urlencode({"hub.mode": mode, "hub.topic": topic, **parameters})
    joint = "&" if "?" in receiver.url else "?"
    only_public = not sender.config.websub.allow_private
    return request("GET", f"{receiver.url}{joint}{query}", only_public=only_public)
