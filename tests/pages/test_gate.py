"""The gate of pages: whatever a page says otherwise than its articles keeps it from readers."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as tuned
from hypothesis import strategies as st

from feeds.errors import ArticleError
from feeds.pages import Pages
from feeds.rendition import Draft
from feeds.store import Store, open_store
from tests.paper import publish, record, settings
from tests.patches import save
from tests.test_any_article import RECORD, articles_of

ARTICLE = "/articles/1"
FRONT = "/"


@pytest.fixture
def pages(store: Store, tmp_path: Path) -> Pages:
    config = settings(tmp_path)
    shared = {"authors": [{"name": "김민수"}], "sections": ["지역"]}
    image = {"url": "https://img.example/1.jpg"}
    body = "<p>첫 문단</p><p><img src='https://img.example/2.jpg'></p>"
    first = record("1", body_html=body, image=image, updated="2026-03-02 10:00", **shared)
    publish([first, record("2", **shared)], store, config, tmp_path)
    return Pages(store, config)


def drafted(pages: Pages, path: str) -> Draft:
    draft = pages.find(path, datetime.now(UTC))
    assert isinstance(draft, Draft)
    return draft


# On a page, after these words, what is written, what stands there instead, and the field at fault.
OTHERWISE = [
    (FRONT, "<title>", "관악뉴스", "관악일보", "title"),
    (FRONT, 'lang="', "ko", "en", "language"),
    (FRONT, 'rel="canonical" href="', "https://", "http://", "canonical link"),
    (FRONT, 'name="description" content="', "", "!", "description"),
    (FRONT, "/feeds/latest.", "atom", "atm", "feeds"),
    (FRONT, "(JSON", " Feed 1.1)", ")", "feeds"),
    (FRONT, ">", "제목 2<", "제목 3<", "title"),
    (FRONT, "/articles/", "2", "3", "article"),
    (FRONT, ">", "김민수<", "김만수<", "authors"),
    (FRONT, "09:00:00", "+09:00", "Z", "published"),
    (FRONT, "본문 ", "2", "3", "summary"),
    (FRONT, 'id="main"', "", ' onclick="a()"', "active content"),
    (FRONT, "", "</main>", '<i id="main"></i></main>', "repeated ids"),
    (FRONT, "", "</main>", "<script>a()</script></main>", "active content"),
    (FRONT, "", "</main>", "<a href=' java&#10;script:a()'></a></main>", "active content"),
    (FRONT, "", "</main>", "<iframe src='http://a.example'></iframe></main>", "active content"),
    (ARTICLE, 'p-name">', "제목 1", "제목 3", "title"),
    (ARTICLE, ">", "김민수<", "김만수<", "authors"),
    (ARTICLE, 'dt-published" datetime="2026-03-02T', "09", "08", "published"),
    (ARTICLE, 'dt-updated" datetime="2026-03-02T', "10", "11", "updated"),
    (ARTICLE, "첫 ", "문단</p>", "문장</p>", "content"),
    (ARTICLE, "img.example/", "2.jpg", "3.jpg", "pictures"),
    (ARTICLE, "첫 문단</p>", "", "<form></form>", "active content"),
    (ARTICLE, '"headline": "제목 ', "1", "3", "JSON-LD headline"),
    (ARTICLE, '"dateModified": "2026-03-02T', "10", "11", "JSON-LD dateModified"),
    (ARTICLE, 'property="og:title" content="제목 ', "1", "3", "og:title"),
]


@pytest.mark.parametrize("row", OTHERWISE, ids=lambda row: f"{row[0]} {row[-1]}")
def test_a_page_that_says_anything_otherwise_is_refused(
    pages: Pages, row: tuple[str, str, str, str, str]
) -> None:
    path, after, written, instead, field = row
    draft = drafted(pages, path)
    body = draft.write(())
    assert draft.check(body, ()) == ()
    text = body.decode()
    changed = text.replace(after + written, after + instead)
    assert changed != text, text
    assert field in {difference.field for difference in draft.check(changed.encode(), ())}


def test_the_articles_of_a_list_are_all_there_and_in_order(pages: Pages) -> None:
    draft = drafted(pages, "/sections/지역")
    text = draft.write(()).decode()
    start, end = text.index("<article"), text.rindex("</article>") + len("</article>")
    stories = text[start:end].split("</article>")[:-1]
    assert len(stories) == 2
    turned = "".join(f"{story}</article>" for story in reversed(stories))
    for instead in (turned, f"{stories[0]}</article>"):
        (difference,) = draft.check((text[:start] + instead + text[end:]).encode(), ())
        assert difference.field == "articles"


@pytest.mark.parametrize("title", ["제목 2", "제목 1"])
def test_articles_may_share_an_address(store: Store, tmp_path: Path, title: str) -> None:
    config, url = settings(tmp_path), "https://www.news.example/live"
    shared = {"url": url, "body_text": "본문", "views": 9}
    records = [record("1", **shared), record("2", **shared, title=title)]
    publish(records, store, config, tmp_path)
    draft = drafted(Pages(store, config), FRONT)
    body = draft.write(())
    assert body.count(b"h-entry story") == 2
    assert draft.check(body, ()) == ()


def test_an_author_s_name_may_have_wide_blanks(store: Store, tmp_path: Path) -> None:
    config = settings(tmp_path)
    publish([record("1", authors=[{"name": "山田\u3000太郎"}])], store, config, tmp_path)
    draft = drafted(Pages(store, config), ARTICLE)
    assert draft.check(draft.write(()), ()) == ()


@tuned(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(RECORD, min_size=1, max_size=3))
def test_any_article_has_pages_that_pass_their_gate(records: list[dict[str, Any]]) -> None:
    articles = [replace(each, url=None) for each in articles_of(records)]
    with TemporaryDirectory() as folder, open_store(f"sqlite:///{folder}/a.db") as store:
        config, now = settings(Path(folder)), datetime(2200, 1, 1, tzinfo=UTC)
        save(store, articles, "www.news.example", now)
        pages = Pages(store, config)
        for path in (FRONT, *(f"/articles/{each.id}" for each in articles)):
            with suppress(ArticleError):
                draft = pages.find(path, now)
                assert isinstance(draft, Draft)
                assert draft.check(draft.write(()), ()) == ()
