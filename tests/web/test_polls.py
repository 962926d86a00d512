"""A web process counts what clients ask for, by the programs that they are."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import time_machine
from werkzeug.test import Client, EnvironBuilder

from feeds.config import Config
from feeds.errors import StoreError
from feeds.store import Polls, Store
from feeds.web import polls
from feeds.web.polls import client_of, subscribers_of
from feeds.web.wsgi import Front
from tests.paper import publish, record, settings
from tests.web.conftest import away, front_of

FEED = "/feeds/latest.rss"


@pytest.fixture
def process(store: Store, config: Config, tmp_path: Path) -> Front:
    publish([record("1", body_text="본문 " * 500)], store, config, tmp_path)
    return front_of(store, config)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel("2026-03-02 10:59:00+00:00", tick=False) as moved:
        yield moved


def saved(process: Front, store: Store) -> dict[str, Polls]:
    """Save what was counted, and give all that is stored by client."""
    process.polls.save()
    return store.polls.by_client()


def test_requests_and_bytes_are_counted_by_client(
    front: Client, process: Front, store: Store
) -> None:
    newsboat = {"User-Agent": "newsboat/2.21.0 (Linux x86_64)"}
    whole = front.get(FEED, headers=newsboat)
    gzipped = front.get(FEED, headers={**newsboat, "Accept-Encoding": "gzip"})
    unchanged = front.get(FEED, headers={**newsboat, "If-None-Match": whole.headers["ETag"]})
    head = front.head(FEED, headers={"User-Agent": "curl/8.14.1"})
    assert [each.status_code for each in (gzipped, unchanged, head)] == [200, 304, 200]
    sent = len(whole.data) + len(gzipped.data)
    assert saved(process, store) == {
        "newsboat": Polls(
            requests=3, not_modified=1, sent=sent, saved=3 * len(whole.data) - sent, pollers=1
        ),
        "curl, wget": Polls(requests=1, pollers=1),
    }


def test_errors_below_feeds_are_counted(front: Client, process: Front, store: Store) -> None:
    agent = {"User-Agent": "Feedbin feed-id:1 - 2 subscribers"}
    responses = [
        front.get("/feeds/none.rss", headers=agent),
        front.get("/feeds/LATEST.rss", headers=agent),
        front.post(FEED, headers=agent),
    ]
    assert [each.status_code for each in responses] == [404, 301, 405]
    asked = Polls(requests=3, errors=2, subscribers=2, pollers=1)
    assert saved(process, store) == {"Feedbin": asked}


@pytest.mark.parametrize(
    "path", ["/", "/articles/1", "/none", "/healthz", "/views/1", "/api/articles/1"]
)
def test_other_addresses_are_not_counted(
    front: Client, process: Front, store: Store, path: str
) -> None:
    front.get(path)
    assert saved(process, store) == {}


def test_a_document_that_cannot_be_read_is_an_error(
    front: Client, process: Front, store: Store, tmp_path: Path
) -> None:
    with away(tmp_path):
        assert front.get(FEED).status_code == 503
    assert saved(process, store) == {"other": Polls(requests=1, errors=1, pollers=1)}


def test_pollers_are_different_addresses_in_an_hour(
    process: Front, store: Store, clock: time_machine.Traveller
) -> None:
    def ask(*addresses: str) -> None:
        for address in addresses:
            Client(process).get(FEED, environ_overrides={"REMOTE_ADDR": address})
        process.polls.save()

    ask("203.0.113.1", "203.0.113.2", "203.0.113.1")
    ask("203.0.113.2", "2001:db8::1", "2001:db8::2")  # two devices in one household
    clock.shift(60)
    ask("203.0.113.1", "203.0.113.9")
    assert [each.pollers for each in store.polls.by_hour(0).values()] == [3, 2]


def test_pollers_behind_our_own_proxy_are_told_apart(store: Store, tmp_path: Path) -> None:
    config = settings(tmp_path, views={"proxies": 1})
    publish([record("1")], store, config, tmp_path)
    process = front_of(store, config)
    for client in ("203.0.113.1", "203.0.113.2"):
        Client(process).get(FEED, headers={"X-Forwarded-For": f"10.9.9.9, {client}"})
    assert saved(process, store)["other"].pollers == 2


def test_counting_goes_on_while_the_store_is_away(
    front: Client, process: Front, store: Store, tmp_path: Path, clock: time_machine.Traveller
) -> None:
    front.get(FEED)
    with away(tmp_path):
        for _ in range(3):
            front.get(FEED)
            with pytest.raises(StoreError):
                process.polls.save()
            clock.shift(60)
    assert saved(process, store)["other"].requests == 4
    assert [each.requests for each in store.polls.by_hour(0).values()] == [2, 2]


def test_counting_takes_no_more_memory_than_allowed(
    front: Client, process: Front, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polls, "_MOST_SENDERS", 3)
    monkeypatch.setattr(polls, "_MOST_POLLERS", 2)
    for number in range(9):
        environ = {"REMOTE_ADDR": f"203.0.113.{number}"}
        front.get(FEED, headers={"User-Agent": "newsboat"}, environ_overrides=environ)
    found = saved(process, store)
    assert {name: (each.requests, each.pollers) for name, each in found.items()} == {
        "other": (6, 0),
        "newsboat": (3, 2),
    }


def test_no_request_is_lost_between_threads(front: Client, process: Front, store: Store) -> None:
    front.get(FEED)
    environ = EnvironBuilder(FEED).get_environ()
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(2) as pool:
            asked = [
                pool.submit(lambda: [process.get(environ) for _ in range(10_000)]) for _ in "ab"
            ]
            while not all(each.done() for each in asked):
                process.polls._name(0)  # saving takes longer, and catches fewer requests
    finally:
        sys.setswitchinterval(before)
    assert saved(process, store)["other"].requests == 20_001


SAFARI = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0"
# User agents as they were seen, by the name of their program.
AGENTS = {
    "Feedly": (
        "Feedly/1.0 (+http://www.feedly.com/fetcher.html; 16 subscribers; like FeedFetcher-Google)",
        "FeedlyBot/1.0 (http://feedly.com)",
    ),
    "Inoreader": ("Mozilla/5.0 (compatible; inoreader.com; 114 subscribers)",),
    "NewsBlur": (
        f"NewsBlur Feed Fetcher - 27 subscribers - https://www.newsblur.com/site/77/x ({SAFARI})",
    ),
    "Feedbin": ("Feedbin feed-id:1697787 - 102 subscribers",),
    "The Old Reader": (
        "Mozilla/5.0 (compatible; theoldreader.com; 1 subscribers; feed-id=cead6c3a837650eeef)",
    ),
    "BazQux": ("Mozilla/5.0 (compatible; BazQux/2.4; +https://bazqux.com/fetcher; 1 subscribers)",),
    "Flipboard": (
        "Mozilla/5.0 (compatible; FlipboardRSS/1.2; +http://flipboard.com/browserproxy)",
        "Mozilla/5.0 Firefox/28.0 (FlipboardProxy/1.6; +http://flipboard.com/browserproxy)",
    ),
    "Google": (
        "FeedFetcher-Google; (+http://www.google.com/feedfetcher.html)",
        "GoogleProducer; (+http://goo.gl/7y4SX)",
        "Googlebot-News",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    ),
    "Naver": ("Mozilla/5.0 (compatible; Yeti/1.1; +https://naver.me/spd)", "NAVER Blog Rssbot"),
    "Daum, Kakao": (
        "Mozilla/5.0 (compatible; Daum/4.1; +http://cs.daum.net/faq/15/4118.html?faqId=28966)",
    ),
    "Bing, MSN": (
        "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
        "msnbot/2.0b (+http://search.msn.com/msnbot.htm)",
    ),
    "Apple": (
        f"{SAFARI} (Applebot/0.1; +http://www.apple.com/go/applebot)",
        "AppleSyndication/56.1",
    ),
    "Slack": ("Slackbot 1.0 (+https://api.slack.com/robots)",),
    "FreshRSS": ("FreshRSS/1.11.2 (Linux; https://freshrss.org) like Googlebot",),
    "Miniflux": ("Mozilla/5.0 (compatible; Miniflux/2.2.9; +https://miniflux.app)",),
    "Tiny Tiny RSS": ("Tiny Tiny RSS/23.05-a4543de (Unsupported) (https://tt-rss.org/)",),
    "newsboat": ("newsboat/2.21.0 (Linux x86_64)",),
    "NetNewsWire": ("NetNewsWire (RSS Reader; https://netnewswire.com/)",),
    "Feeder": ("Feeder / 1.10.8(88)", f"Mozilla/5.0 (feeder.co; Macintosh) {CHROME} Safari/537.36"),
    "Thunderbird": ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.5",),
    "Liferea": ("Liferea/1.14.4 (Linux; https://lzone.de/liferea/) AppleWebKit (KHTML)",),
    "rss2email": ("rss2email/3.14 (https://github.com/rss2email/rss2email)",),
    "python-reader": ("python-reader/3.26 (+https://github.com/lemon24/reader)",),
    "feedparser": ("feedparser/6.0.12 +https://github.com/kurtmckee/feedparser/",),
    "SimplePie": ("SimplePie/1.8.0 (Feed Parser; http://simplepie.org; Allow like Gecko)",),
    "curl, wget": ("curl/8.14.1", "Wget/1.25.0"),
    "robots": (f"Mozilla/5.0 {CHROME} (compatible; GPTBot/1.0; +https://openai.com/gptbot)",),
    "browsers": (
        f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME} Safari/537.36",
        f"{SAFARI} NAVER(inapp; search; 2000; 12.13.0; 15PRO)",
        f"Mozilla/5.0 (Linux; Android 15; SM-S928N) {CHROME} Mobile Safari/537.36 DaumApps/7.9",
    ),
    "other": ("", "-", "Mozilla/5.0 (compatible; Reader of ours; +https://reader.example)", "돌"),
}


@pytest.mark.parametrize(
    ("name", "agent"), [(name, agent) for name, agents in AGENTS.items() for agent in agents]
)
def test_a_client_is_named(name: str, agent: str) -> None:
    assert client_of(agent) == name


@pytest.mark.parametrize(
    ("agent", "subscribers"),
    [
        (AGENTS["Feedly"][0], 16),
        (AGENTS["NewsBlur"][0], 27),
        (AGENTS["Feedbin"][0], 102),
        ("NewsBlur Feed Fetcher - 1 subscriber - http://www.newsblur.com/site/1/x", 1),
        (AGENTS["FreshRSS"][0], 0),
        ("Reader (99999999999999999999 subscribers)", 0),
        ("Reader (1.5 subscribers; -3 readers)", 0),
    ],
)
def test_the_subscribers_are_those_that_the_agent_reports(agent: str, subscribers: int) -> None:
    assert subscribers_of(agent) == subscribers
