"""What is wrong with the paper, in a sentence, and what to do."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine

from feeds.config import Config
from feeds.health import health
from feeds.store import Clock, Receiver, Store, View, serving_store
from feeds.views import Spool, fold_all
from tests.newsroom import configured, database, publish
from tests.store.samples import NOW, article, save

Break = Callable[[Store, Config], object]


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return configured(views={"spool": str(tmp_path / "spool")})


@pytest.fixture
def paper(store: Store, config: Config) -> Store:
    """A paper of which everything is published, and all is well."""
    save(store, article("1", title="다리 놓인다", sections=("지역",)))
    publish(store, config)
    return store


def execute(statement: str) -> Break:
    def act(store: Store, _config: Config) -> None:
        with database(store) as connection:
            connection.execute(sa.text(statement))

    return act


def write_view(_store: Store, config: Config) -> None:
    spool = Spool(Path(config.views.spool))
    spool.append(View(int(NOW.timestamp()) - 3000, NOW.toordinal(), "1", 1, 1))
    spool.close()


def touch(store: Store, _config: Config) -> None:
    with time_machine.travel(NOW - timedelta(minutes=6), tick=False):
        save(store, article("2", tags=("봄", "꽃")))


def block_spool(_store: Store, config: Config) -> None:
    Path(config.views.spool).write_text("a file in the place of the folder", "utf-8")


def fail(store: Store, _config: Config) -> None:
    with time_machine.travel(NOW - timedelta(minutes=2), tick=False):
        store.publishing.fails("tag 가 cannot be published")


def see_tomorrow(store: Store, _config: Config) -> None:
    tomorrow = int((NOW + timedelta(days=1)).timestamp())
    store.readers.save_clock(Clock(tomorrow, tomorrow))


def refuse(store: Store, _config: Config) -> None:
    since = int((NOW - timedelta(minutes=6)).timestamp())
    store.receivers.configure([Receiver("hub", "https://user:secret@hub.example/push")])
    (hub,) = store.receivers.all()
    failed = replace(hub, attempts=4, failing=since, reason="it answers 503", due=since + 900)
    store.receivers.save([failed])


def leave_undelivered(store: Store, _config: Config) -> None:
    store.receivers.configure([Receiver("most-read", "https://app.example/", "latest.json")])
    with database(store) as connection:
        connection.execute(sa.text("UPDATE receivers SET position = 0"))
        connection.execute(sa.text("UPDATE documents SET last_modified = last_modified - 360"))


def test_a_paper_without_any_trouble_is_well(paper: Store, config: Config) -> None:
    found = health(paper, config, NOW)
    assert found.troubles() == []
    assert found.sentence() == "All is well: 9 feeds, the latest published at 09:00."
    assert (found.feeds, found.published, found.heard, found.waiting) == (9, NOW, NOW, 0)


@pytest.mark.parametrize(
    ("do", "minutes", "said"),
    [
        (see_tomorrow, 0, "shows 09:00, but the worker has already seen 2026-03-03 09:00"),
        (fail, 0, "failed for some feeds since 08:58: tag 가 cannot be published"),
        (fail, 1, "failed since 08:58: tag 가 cannot be published"),
        (lambda *_: None, 1, "since 09:00: no worker responds"),
        (lambda *_: None, 1440, "since 2026-03-02 09:00: no worker responds"),
        (execute("DELETE FROM notes"), 0, "published yet: no worker has run"),
        (block_spool, 0, "/spool: Not a directory"),
        (touch, 0, "have waited to be published since 08:54: 3"),
        (write_view, 0, "since 08:10"),
        (refuse, 0, "hub.example has taken no deliveries since 08:54: it answers 503"),
        (leave_undelivered, 0, "have waited since 08:54"),
        (
            execute("UPDATE documents SET fault = 'two ids' WHERE slug = '지역'"),
            *(0, "their last check: 2. sections/지역: two ids"),
        ),
        (
            execute(
                "INSERT INTO documents (path, kind, slug, media_type, title, fault, entries,"
                " checked) VALUES ('/', 'pages', '', '', '', 'no headline', 0, 5)"
            ),
            *(0, "their last check: 1. /: no headline"),
        ),
        (
            execute(
                "INSERT INTO quarantine VALUES ('latest.rss', '1', 'a bad title', 5),"
                " ('latest.atom', '1', 'a bad title', 5), ('latest.json', 'gone', 'no row', 4)"
            ),
            *(0, "held back: 2. “다리 놓인다”: a bad title"),
        ),
    ],
)
def test_each_trouble_is_told_with_its_time_and_reason(
    paper: Store, config: Config, do: Break, minutes: int, said: str
) -> None:
    do(paper, config)
    found = health(paper, config, NOW + timedelta(minutes=minutes))
    (trouble,) = found.troubles()
    assert trouble.sentence.endswith(f"{said}.")
    assert trouble.advice
    assert found.sentence() == trouble.sentence


def test_the_worst_trouble_is_told_first(paper: Store, config: Config) -> None:
    for do in (touch, fail, block_spool):
        do(paper, config)
    found = health(paper, config, NOW)
    assert [each.about for each in found.troubles()] == ["spool", "terms", "backlog"]
    assert found.waiting_since == NOW - timedelta(minutes=6)


def test_an_article_that_is_held_back_is_told_once_with_its_feeds(
    paper: Store, config: Config
) -> None:
    execute(
        "INSERT INTO quarantine VALUES ('latest.rss', '1', 'a bad title', 1772409600),"
        " ('latest.atom', '1', 'a bad title', 1772409601),"
        " ('sections/지역.rss', '1', 'a bad title', 1772409600)"
    )(paper, config)
    (held,) = health(paper, config, NOW).held_back
    assert (held.id, held.headline, held.reason) == ("1", "다리 놓인다", "a bad title")
    assert (held.feeds, held.since) == (("latest", "sections/지역"), NOW)


def test_views_wait_only_until_they_are_folded(paper: Store, config: Config) -> None:
    write_view(paper, config)
    spool = Spool(Path(config.views.spool))
    spool.append(View(int(NOW.timestamp()), NOW.toordinal(), "1", 2, 2))
    assert health(paper, config, NOW).views_since == datetime.fromtimestamp(
        NOW.timestamp() - 3000, NOW.tzinfo
    )
    fold_all(Path(config.views.spool), paper)
    assert health(paper, config, NOW).views_since is None  # though the open file stays
    spool.close()


def test_a_store_that_cannot_be_read_is_a_trouble_beside_the_spool(
    config: Config, tmp_path: Path
) -> None:
    block_spool(None, config)
    with serving_store(f"sqlite:///{tmp_path / 'none.db'}") as store:
        found = health(store, config, NOW)
    assert [each.about for each in found.troubles()] == ["store", "spool"]
    assert "there is no store yet" in found.sentence()
