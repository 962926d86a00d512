"""Subscriptions of the hub: what each lacks, and how many a callback's host has."""

import time

from feeds.model import PAGES
from feeds.store import Crowd, Receiver, Store
from tests.store.samples import NOW, rendition

FIRST = "https://Reader.example/1"


def test_a_new_subscriber_lacks_what_changed_since_it_asked(store: Store) -> None:
    store.receivers.request(Receiver("subscribe", FIRST, "latest.rss", lease=3600))
    now = NOW.fromtimestamp(int(time.time()), NOW.tzinfo)
    store.documents.publish([rendition()], now)
    (request,) = store.receivers.all()
    store.receivers.subscribe(request, int(time.time()))
    ((subscriber, head),) = store.receivers.pending(9, int(time.time()))
    assert (subscriber.kind, head) == ("subscriber", int(now.timestamp()))


def test_a_new_subscriber_does_not_lack_what_was_there(store: Store) -> None:
    store.documents.publish([rendition()], NOW)
    store.receivers.request(Receiver("subscribe", FIRST, "latest.rss", lease=3600))
    (request,) = store.receivers.all()
    store.receivers.subscribe(request, int(time.time()))
    assert store.receivers.pending(9, int(time.time())) == []


def test_others_of_a_callbacks_host_are_counted(store: Store) -> None:
    store.receivers.configure([Receiver("hub", "https://reader.example/hub")])
    rows = [
        ("subscribe", FIRST, "latest.rss"),
        ("subscribe", "https://reader.example/2", "latest.rss"),
        ("unsubscribe", "https://reader.example/3", "rising.rss"),
        ("subscribe", "https://other.example/", "latest.rss"),
    ]
    for row in rows:
        store.receivers.request(Receiver(*row))
    store.receivers.subscribe(store.receivers.all("subscribe")[0], 0)
    crowd = store.receivers.crowd
    assert crowd(Receiver("subscribe", FIRST, "latest.rss")) == Crowd(1, 2, 2, known=1)
    assert crowd(Receiver("unsubscribe", "https://READER.example/4", "none.rss")) == Crowd(
        0, 3, 2, known=0
    )
    assert crowd(Receiver("subscribe", "https://third.example/", "latest.rss")) == Crowd(
        0, 0, 0, known=0
    )


def test_only_a_published_feed_is_one(store: Store) -> None:
    page = rendition("/latest", term=PAGES)
    store.documents.publish([rendition(), rendition("gone.rss"), page], NOW)
    store.documents.remove(["gone.rss"], NOW)
    store.documents.publish([rendition("faulty.rss", fault="not XML")], NOW)
    paths = ("latest.rss", "gone.rss", "/latest", "faulty.rss", "none.rss")
    assert [path for path in paths if store.documents.is_feed(path)] == ["latest.rss"]
