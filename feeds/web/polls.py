"""Counts, in a web process, what client programs ask for; names them later, in a thread."""

import re
import threading
import time
from collections import Counter
from functools import lru_cache
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from feeds.config import Config
from feeds.store import SECONDS, Polls, PollsKey, Store
from feeds.views import client_address, read_origin
from feeds.web.cache import PREFIX

_LONGEST = 1_000  # characters of what tells a sender
_MOST_SENDERS = 10_000  # between two calls of `save`; all others are counted as one
_MOST_POLLERS = 100_000  # in an hour
_FORWARDED = "HTTP_X_FORWARDED_FOR"

_Sender = tuple[str, str, str]
"""User agent, address of the connection, and the addresses that proxies named."""

# The first pattern that is found names the client: a reader may contain a robot's name (Feedly is
# "like FeedFetcher-Google"), and nearly all of them contain a browser's.
_CLIENTS = {
    "Feedly": r"feedly",
    "Inoreader": r"inoreader",
    "NewsBlur": r"NewsBlur",
    "Feedbin": r"Feedbin",
    "The Old Reader": r"theoldreader",
    "BazQux": r"BazQux",
    "Feedspot": r"Feedspot",
    "Netvibes": r"Netvibes",
    "Superfeedr": r"Superfeedr",
    "Flipboard": r"Flipboard",
    "FreshRSS": r"FreshRSS",
    "Miniflux": r"Miniflux",
    "Tiny Tiny RSS": r"Tiny Tiny RSS",
    "CommaFeed": r"CommaFeed",
    "Nextcloud News": r"Nextcloud-News",
    "NetNewsWire": r"NetNewsWire",
    "Reeder": r"^Reeder",
    "Feeder": r"^Feeder ?/|feeder\.co",
    "Thunderbird": r"Thunderbird/",
    "newsboat": r"newsboat",
    "Liferea": r"Liferea",
    "Akregator": r"Akregator",
    "rss2email": r"rss2email",
    "python-reader": r"python-reader",
    "feedparser": r"feedparser",
    "SimplePie": r"SimplePie",
    "Naver": r"\bYeti/|NAVER Blog Rssbot",
    "Daum, Kakao": r"\bDaum(oa)?\b|kakaotalk-scrap",
    "Google": r"google|AppEngine",
    "Bing, MSN": r"bingbot|BingPreview|adidxbot|\bmsn",
    "Apple": r"Applebot|AppleNewsBot|AppleSyndication|Apple-PubSub",
    "Slack": r"Slackbot|Slack-ImgProxy",
    "Discord": r"Discordbot|MonitoRSS",
    "Telegram": r"TelegramBot",
    "Facebook": r"facebookexternalhit|facebookcatalog",
    "curl, wget": r"^(curl|Wget)/",
    "robots": r"bot\b|crawl|spider",
    "browsers": r"^(Mozilla|Opera)/(?!.*https?://)",  # which a browser never names
}
_PATTERNS = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _CLIENTS.items()}
_SUBSCRIBERS = re.compile(r"(?<![\d.,])(\d{1,7}) subscribers?\b")


class PollCounter:
    """Counts responses by the user agent and the address of their client.

    Call `save` every few seconds: it adds the counts to those of the hour in the store. Addresses
    stay in memory until then, and for the rest of the hour as hashes with a key of this process.
    """

    def __init__(self, store: Store, config: Config) -> None:
        self._store = store
        self._proxies = config.views.proxies
        self._counting = threading.Lock()
        self._tallies = dict[_Sender, Counter[str]]()
        self._unsaved = dict[PollsKey, Polls]()
        self._hour = 0
        self._met = set[int]()
        self._pollers = Counter[str]()

    def count(self, environ: WSGIEnvironment, status: str, sent: int = 0, saved: int = 0) -> None:
        """Count a response, with the bytes of its body, and those that it is shorter than whole."""
        found = environ.get
        sender = found("HTTP_USER_AGENT", ""), found("REMOTE_ADDR", ""), found(_FORWARDED, "")
        with self._counting:
            tally = self._tallies.get(sender) or self._begin(sender)
            tally["requests"] += 1
            if status >= "4":
                tally["errors"] += 1
            elif environ["REQUEST_METHOD"] == "GET":
                tally["not_modified"] += "304" <= status < "305"
                tally["sent"] += sent
                tally["saved"] += saved

    def watching(self, environ: WSGIEnvironment, start_response: StartResponse) -> StartResponse:
        """Give a `start_response` that counts what an application answers below `/feeds/`."""
        if not environ["PATH_INFO"].startswith(PREFIX):
            return start_response

        def counted(status: str, *rest: Any) -> Any:
            self.count(environ, status)
            return start_response(status, *rest)

        return counted

    def _begin(self, sender: _Sender) -> Counter[str]:
        if len(self._tallies) >= _MOST_SENDERS or sum(map(len, sender)) > _LONGEST:
            sender = "", "", ""
        return self._tallies.setdefault(sender, Counter())

    def save(self) -> None:
        """Add what was counted to the store; raises StoreError, and keeps the counts then."""
        self._name(int(time.time()) // SECONDS)
        if self._unsaved:
            self._store.polls.add(self._unsaved)
            self._unsaved.clear()

    def _name(self, hour: int) -> None:
        """Move the counts from senders to client programs, of which there are few."""
        if hour != self._hour:
            self._hour = hour
            self._met.clear()
            self._pollers.clear()
        with self._counting:
            tallies, self._tallies = self._tallies, {}
        for (agent, remote, forwarded), tally in tallies.items():
            client = client_of(agent)
            address = client_address(remote, forwarded, self._proxies)
            self._meet(client, address)
            most = {"subscribers": subscribers_of(agent), "pollers": self._pollers[client]}
            before = self._unsaved.get((hour, client), Polls())
            self._unsaved[hour, client] = before + Polls(**tally, **most)

    def _meet(self, client: str, address: str) -> None:
        poller = hash((client, read_origin(address).household))
        if poller not in self._met and len(self._met) < _MOST_POLLERS:
            self._met.add(poller)
            self._pollers[client] += 1


@lru_cache(maxsize=4096)  # some dozens of patterns are tried
def client_of(agent: str) -> str:
    """Name the program that sends a user agent."""
    found = (name for name, pattern in _PATTERNS.items() if pattern.search(agent))
    return next(found, "other")


def subscribers_of(agent: str) -> int:
    """Give the number of subscribers that an aggregator reports for a feed in its user agent."""
    found = _SUBSCRIBERS.search(agent)
    return int(found[1]) if found else 0
