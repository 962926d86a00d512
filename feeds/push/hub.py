"""What the built-in hub asks and tells its subscribers (WebSub, 5 and 7)."""

import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from urllib.parse import urlencode

from feeds.catalog import document_url, hub_url
from feeds.config import WebSub
from feeds.errors import CipherError
from feeds.http_client import Answer
from feeds.push.cipher import decrypt
from feeds.push.outcome import Outcome, outcome_of
from feeds.push.sender import Sender
from feeds.store import Receiver

_IS_OVER = Outcome(is_over=True)


def distribute(receiver: Receiver, head: int, sender: Sender) -> Outcome:
    """Send a subscriber the bytes of its topic (WebSub, 7).

    If there is a secret, they are signed with it (7.1), or not sent. If the topic or the hub is
    gone, the subscriber will be told that it is denied.
    """
    websub, document = sender.config.websub, sender.document(receiver.topic, head)
    if document is None or not websub.has_hub:
        sender.store.receivers.request(Receiver("denied", receiver.url, receiver.topic))
        return Outcome(fault="the feed, or the hub, is gone", is_over=True)
    body, topic = document.body, document_url(document.path, sender.config)
    links = f'<{hub_url(sender.config)}>; rel="hub", <{topic}>; rel="self"'
    try:
        signature = _signature(receiver.secret, body, websub) if receiver.secret else {}
    except CipherError as error:
        return Outcome(fault=str(error))
    headers = {"Content-Type": document.media_type, "Link": links, **signature}
    answer = sender.stranger.request("POST", receiver.url, body, headers)
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
    return sender.stranger.request("GET", f"{receiver.url}{joint}{query}")
