"""The sample newspaper: its articles and pictures, dated to the day on which it is loaded."""

import json
import re
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from feeds.catalog import RISING
from feeds.html import plain_text, safe_html
from feeds.importers import FORMATS, Accepted, Source
from feeds.merge import merge
from feeds.model import LATEST
from feeds.sample import ARTICLES, FILES
from feeds.sample.loading import load_sample, sample_patches
from feeds.store import Store
from tests.newsroom import CONFIG, publish

PAPER = [json.loads(line) for line in ARTICLES.read_text("utf-8").splitlines()]
PICTURED = [article for article in PAPER if "image" in article]
ATTACHED = [file for article in PAPER for file in article.get("attachments", ())]
EMBARGOED = "gn-2026-0040"

each_article = pytest.mark.parametrize("article", PAPER, ids=[a["id"] for a in PAPER])


def jpeg_size(path: Path) -> tuple[int, int]:
    """Width and height from the start-of-frame segment (ITU-T T.81, B.2.2)."""
    content = path.read_bytes()
    assert content[:2] == b"\xff\xd8"
    at = 2
    while content[at + 1] not in (0xC0, 0xC1, 0xC2):
        at += 2 + struct.unpack_from(">H", content, at + 2)[0]
    height, width = struct.unpack_from(">HH", content, at + 5)
    return width, height


def named(field: str) -> set[str]:
    return {name for article in PAPER for name in article.get(field, ())}


@each_article
def test_an_article_names_no_day_and_no_address_elsewhere(article: dict[str, Any]) -> None:
    told = ("title", "subtitle", "summary", "body_html", "body_text", "correction")
    text = " ".join(article.get(key, "") for key in told)
    assert re.findall(r"\b\d{1,2}[월일]|20\d\d년|https?:", text) == []
    assert re.findall(r"\b(?:October|November|December|on Friday(?! and))\b", text) == []


DAYS = (
    datetime(2026, 11, 22, 10, 15, tzinfo=UTC),  # the very second of the newest article
    datetime(2026, 11, 22, 10, 14, 59, tzinfo=UTC),
    datetime(2027, 2, 28, 20, 1, tzinfo=UTC),
    datetime(2024, 2, 29, 4, 30, tzinfo=UTC),
)


@pytest.mark.parametrize("now", DAYS, ids=str)
def test_the_paper_is_of_the_day_it_is_loaded(now: datetime) -> None:
    articles = [merge(patch, None, now)[0] for patch in sample_patches(CONFIG, now)]
    assert [article.id for article in articles] == [article["id"] for article in PAPER]
    published = [article.published for article in articles]
    out = [article for article in articles if article.id != EMBARGOED]
    assert now - timedelta(days=1) < max(article.updated for article in out) <= now
    assert now + timedelta(hours=10) < max(published) < now + timedelta(hours=35)
    assert max(published) - min(published) > timedelta(days=30)
    assert all(article.published <= article.updated for article in articles)
    first = datetime.fromisoformat(PAPER[0]["published"])
    assert articles[0].published.astimezone(CONFIG.site.zone).time() == first.time()


@pytest.mark.parametrize("now", DAYS, ids=str)
def test_every_ranking_has_articles_at_once(store: Store, now: datetime) -> None:
    load_sample(store, CONFIG, now)
    publish(store, CONFIG, now)
    for window in CONFIG.most_read.windows:
        ranking = store.rankings.get(LATEST, window)
        assert ranking
        assert (ranking.basis, len(ranking.articles)) == (window, 10)
    rising = store.rankings.get(LATEST, RISING)
    assert rising
    assert 3 <= len(rising.articles) <= 10


@each_article
def test_a_body_keeps_its_words_and_pictures_when_made_safe(article: dict[str, Any]) -> None:
    body = article.get("body_html", "")
    safe = safe_html(body, "https://www.news.example/articles/1")
    assert plain_text(safe) == plain_text(body)
    assert safe.count("<img") == body.count("<img")
    assert not re.search(r'(src|href)="(?!https://www\.news\.example/)', safe)


def test_the_importer_takes_every_article_and_finds_nothing_to_remark() -> None:
    source = Source(ARTICLES.name, CONFIG.site.zone, CONFIG.site.url)
    with ARTICLES.open("rb") as stream:
        outcomes = list(FORMATS["jsonl"].read(stream, source))
    accepted = [outcome for outcome in outcomes if isinstance(outcome, Accepted)]
    assert accepted == outcomes
    assert [outcome.patch.id for outcome in accepted] == [each["id"] for each in PAPER]
    assert [outcome.notes for outcome in accepted] == [()] * len(PAPER)


def test_the_paper_has_readers_of_several_kinds_in_mind() -> None:
    assert len(PAPER) >= 30
    assert len({article["id"] for article in PAPER}) == len(PAPER)
    assert {article.get("language", "ko") for article in PAPER} == {"ko", "en", "ja"}
    assert len(named("sections")) >= 5
    assert len({author["name"] for article in PAPER for author in article["authors"]}) >= 5
    assert len({article.get("views", 0) for article in PAPER}) >= 10
    assert [a["id"] for a in PAPER if a.get("status") == "withdrawn"] == ["gn-2026-0024"]
    assert [a["id"] for a in PAPER if "correction" in a] == ["gn-2026-0037"]
    lengths = [len(article["title"]) for article in PAPER]
    assert (min(lengths), max(lengths) > 70) == (2, True)


@pytest.mark.parametrize("article", PICTURED, ids=[a["id"] for a in PICTURED])
def test_a_picture_is_what_the_article_says_it_is(article: dict[str, Any]) -> None:
    image = article["image"]
    file = FILES / image["url"].removeprefix("/sample/")
    assert image["type"] == "image/jpeg"
    assert image["length"] == file.stat().st_size <= 25_000
    assert (image["width"], image["height"]) == jpeg_size(file)


def test_an_attachment_is_what_the_article_says_it_is() -> None:
    assert len(ATTACHED) >= 2
    for file in ATTACHED:
        path = FILES / file["url"].removeprefix("/sample/")
        assert (file["type"], path.suffix) in {("text/csv", ".csv"), ("audio/wav", ".wav")}
        assert file["length"] == path.stat().st_size <= 25_000


def test_every_file_that_is_named_ships_and_every_file_that_ships_is_used() -> None:
    in_bodies = re.findall(r"/sample/([^\"]+)", " ".join(a.get("body_html", "") for a in PAPER))
    given = [*(article["image"] for article in PICTURED), *ATTACHED]
    named = [each["url"].removeprefix("/sample/") for each in given]
    assert {*in_bodies, *named, "icon.png"} == {file.name for file in FILES.iterdir()}


def test_links_to_other_articles_lead_somewhere() -> None:
    bodies = " ".join(article.get("body_html", "") for article in PAPER)
    linked = set(re.findall(r"gn-\d{4}-\d{4}", bodies))
    assert linked
    assert linked <= {article["id"] for article in PAPER}
