"""What the hubs of others are told, out of the outbox and over HTTP."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request

from feeds.model import PAGES
from feeds.store import Receiver, Store
from tests.newsroom import SITE, in_each_format
from tests.paper import publish, record, settings
from tests.processes import eventually
from tests.push import test_discovery
from tests.push.news import Listener, configure, pushing
from tests.store.samples import rendition

# What the recommendation (https://www.w3.org/TR/websub/) asks of publishers, and its tests.
RULES = {
    "3.1 MUST advertise the topic and its hubs": "every_feed_names_its_hubs_and_exactly_one_self",
    "4 MUST do so in headers, or in the document": "every_feed_names_its_hubs_and_exactly_one_self",
    "4 SHOULD in headers of GET": "every_feed_names_its_hubs_and_exactly_one_self",
    "4 SHOULD in headers of HEAD": "head_has_the_headers_of_get",
    "4 SHOULD in headers of other responses": "a_304_and_a_delta_name_them_too",
    "4 SHOULD in XML that is a topic": "every_feed_names_its_hubs_and_exactly_one_self",
    "4 SHOULD in HTML that is a topic": "a_page_is_no_topic_but_leads_to_some",
    "4 expected to tell each hub": "each_hub_is_told_of_all_feeds_of_a_changed_article_at_once",
    "4.1 one representation at a self": "a_topic_has_one_representation",
    "6 MUST tell hubs of a change": "each_hub_is_told_of_all_feeds_of_a_changed_article_at_once",
    "6 MUST, if a hub was down": "a_hub_that_was_down_is_told_once_of_all_that_changed",
    "6.1 should redirect to a new topic": "another_address_leads_to_the_topic",
    "8.1 no link of another author": "a_page_is_no_topic_but_leads_to_some",
}
ARTICLE = {"sections": ["지역"], "authors": [{"name": "김민수"}], "tags": ["C++"]}
FEEDS = ("latest", "sections/지역", "authors/김민수", "tags/c")
# A withdrawal changes them all: it is their last change.
RANKED = ("rising", "most-read", *(f"most-read/{window}" for window in ("3h", "24h", "7d", "30d")))


def told(request: Request) -> set[str]:
    """Read the topics that a hub is told of."""
    assert request.mimetype == "application/x-www-form-urlencoded"
    mode, *named = parse_qsl(request.get_data(as_text=True), strict_parsing=True)
    assert mode == ("hub.mode", "publish")
    assert {name for name, _ in named} == {"hub.url"}
    assert len(named) == len(set(named))
    return {url for _, url in named}


@pytest.fixture
def hubs(httpserver: HTTPServer) -> Iterator[tuple[Listener, Listener]]:
    yield Listener(httpserver, told, "/first"), Listener(httpserver, told, "/second")
    httpserver.check_assertions()


@pytest.fixture
def hub(hubs: tuple[Listener, Listener]) -> Listener:
    return hubs[0]


def topics(*feeds: str) -> set[str]:
    """The addresses of feeds in each format, as their self links are written."""
    return {f"{SITE}/feeds/{quote(path)}" for feed in feeds for path in in_each_format(feed)}


def states(store: Store) -> list[str]:
    """The states of the hubs that were told something, or failed to be."""
    hubs = store.receivers.all("hub")
    return [each.state for each in hubs if each.delivered or each.failing]


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_has_a_test(rule: str) -> None:
    tests = vars(test_discovery) | globals()
    assert callable(tests[f"test_{RULES[rule]}"])


@pytest.mark.parametrize(
    ("change", "feeds"),
    [
        ({"title": "고친 제목"}, FEEDS),
        ({"sections": ["생활"]}, (*FEEDS, "sections/생활", "sections/생활/most-read")),
        ({"status": "withdrawn"}, (*FEEDS, "sections/지역/most-read", *RANKED)),
    ],
)
def test_each_hub_is_told_of_all_feeds_of_a_changed_article_at_once(
    store: Store,
    tmp_path: Path,
    hubs: tuple[Listener, Listener],
    change: Any,
    feeds: tuple[str, ...],
) -> None:
    config = settings(tmp_path, websub={"hub": ["built-in", *(hub.url for hub in hubs)]})
    publish([record("1", **ARTICLE)], store, config, tmp_path)
    configure(store, config)
    publish([record("1", **ARTICLE | change)], store, config, tmp_path)
    with pushing(store, config):
        eventually(lambda: states(store) == ["ok", "ok"])
    assert [hub.heard for hub in hubs] == [[topics(*feeds)]] * 2


def test_a_hub_that_was_down_is_told_once_of_all_that_changed(
    store: Store, tmp_path: Path, hub: Listener
) -> None:
    config = settings(tmp_path, websub={"hub": hub.url})
    hub.answers.extend([503] * 9)
    configure(store, config)
    with pushing(store, config):
        publish([record("1", tags=["하나"])], store, config, tmp_path)
        eventually(lambda: states(store) == ["failing"])
    publish([record("2", tags=["둘"])], store, config, tmp_path)
    hub.answers.clear()
    hub.heard.clear()
    (failed,) = store.receivers.all("hub")
    assert failed.reason == "it answers 503"
    store.receivers.save([replace(failed, due=0)])
    with pushing(store, config):
        eventually(lambda: states(store) == ["ok"])
        publish([record("3", tags=["셋"])], store, config, tmp_path)
        eventually(lambda: topics("latest", "tags/셋") <= set().union(*hub.heard[1:]))
    assert topics("latest", "tags/하나", "tags/둘") < hub.heard[0]
    assert not topics("tags/하나", "tags/둘") & set().union(*hub.heard[1:])


def test_a_hub_that_left_the_config_is_told_no_more(
    store: Store, tmp_path: Path, hubs: tuple[Listener, Listener]
) -> None:
    left, kept = hubs
    configure(store, settings(tmp_path, websub={"hub": [left.url, kept.url]}))
    config = settings(tmp_path, websub={"hub": kept.url})
    with pushing(store, config):
        publish([record("1")], store, config, tmp_path)
        eventually(lambda: kept.heard)
    assert left.heard == []


def test_many_topics_make_several_requests_and_neither_pages_nor_gone_feeds_are_told(
    store: Store, tmp_path: Path, hub: Listener
) -> None:
    config = settings(tmp_path, websub={"hub": hub.url})
    configure(store, config)
    now, paths = datetime.now(UTC), [f"tags/{number}.rss" for number in range(101)]
    gone = rendition("tags/gone.rss")
    pages = [rendition("/", term=PAGES), rendition("/tags/1", term=PAGES)]
    store.documents.publish([*map(rendition, paths), gone, *pages], now)
    store.documents.remove([gone.path], now)
    with pushing(store, config):
        eventually(lambda: states(store) == ["ok"])
    assert [len(topics) for topics in hub.heard] == [100, 1]
    assert set().union(*hub.heard) == {f"{SITE}/feeds/{path}" for path in paths}


def test_a_feed_that_was_made_anew_with_the_same_bytes_is_not_told(
    store: Store, tmp_path: Path, hub: Listener
) -> None:
    """As after an upgrade, when that is all feeds."""
    config, now = settings(tmp_path, websub={"hub": hub.url}), datetime.now(UTC)
    same = rendition("tags/1.rss")
    store.documents.publish([same], now)
    configure(store, config)
    store.documents.publish([rendition("tags/2.rss"), replace(same, source="new")], now)
    with pushing(store, config):
        eventually(lambda: states(store) == ["ok"])
    assert hub.heard == [{f"{SITE}/feeds/tags/2.rss"}]


def test_a_hub_is_told_although_a_request_ends_while_changes_are_gathered(
    store: Store, tmp_path: Path, hub: Listener, httpserver: HTTPServer
) -> None:
    websub = {"hub": ["built-in", hub.url], "allow_private": True}
    httpserver.expect_request("/gone").respond_with_data("")
    config = settings(tmp_path, websub=websub)
    configure(store, config)
    with pushing(store, config):
        store.documents.publish([rendition("tags/1.rss")], datetime.now(UTC))
        denied = Receiver("denied", httpserver.url_for("/gone"), "tags/1.rss")
        store.receivers.request(denied)
        eventually(lambda: states(store) == ["ok"] and hub.heard)


def test_a_hub_that_takes_a_part_is_told_the_rest(
    store: Store, tmp_path: Path, hub: Listener
) -> None:
    config = settings(tmp_path, websub={"hub": hub.url})
    configure(store, config)
    paths = [f"tags/{number}.rss" for number in range(250)]
    store.documents.publish(map(rendition, paths), datetime.now(UTC))
    hub.answers.extend([202, 503])
    with pushing(store, config):
        eventually(lambda: states(store) == ["failing"])
    (failed,) = store.receivers.all("hub")
    store.receivers.save([replace(failed, due=0)])
    with pushing(store, config):
        eventually(lambda: states(store) == ["ok"] and len(hub.heard) == 4)
    urls = [f"{SITE}/feeds/{path}" for path in paths]
    assert hub.heard == [{*urls[:100]}, {*urls[100:200]}, {*urls[100:200]}, {*urls[200:]}]
