"""The answers for machines: lists of feeds, old addresses, and whether all is well."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest
import time_machine
from flask.testing import FlaskClient
from lxml import etree
from werkzeug.test import Client

from feeds.config import Config
from feeds.errors import PublishError
from feeds.store import Store
from feeds.web import create_app
from feeds.worker import publish_all
from tests.newsroom import database
from tests.paper import publish, record, settings

LISTS = ("/feeds.opml", "/feeds/authors.opml", "/feeds/tags.opml")


def outlines(opml: bytes) -> list[etree._Element]:
    return list(etree.fromstring(opml).iterfind(".//outline[@xmlUrl]"))


@pytest.fixture
def _with_an_article(store: Store, config: Config, tmp_path: Path) -> None:
    given = {"sections": ["지역", "가정"], "tags": ["관악산", "A&B"]}
    article = record("1", views=5, authors=[{"name": "김민수"}], **given)
    publish([article], store, config, tmp_path)


@pytest.fixture
def _without_its_store(
    client: FlaskClient, store: Store, tmp_path: Path, _with_an_article: None
) -> None:
    """Take the disk of the store away, and the connection that is still open to it."""
    assert client.get("/readyz").status_code == 200
    store._database.close()
    for file in tmp_path.glob("newsroom.db*"):
        file.unlink()
    (tmp_path / "newsroom.db").mkdir()


@pytest.mark.parametrize(
    ("path", "listed"),
    [
        (
            "/feeds.opml",
            (
                "latest most-read most-read/3h most-read/24h most-read/7d most-read/30d rising"
                " sections/가정 sections/가정/most-read sections/지역 sections/지역/most-read"
            ),
        ),
        ("/feeds/authors.opml", "authors/김민수"),
        ("/feeds/tags.opml", "tags/a-b tags/관악산"),
    ],
)
@pytest.mark.usefixtures("_with_an_article")
def test_a_list_names_its_feeds_in_their_order(front: Client, path: str, listed: str) -> None:
    response = front.get(path)
    assert response.content_type == "text/x-opml; charset=utf-8"
    addresses = [unquote(each.get("xmlUrl", "")) for each in outlines(response.data)]
    expected = [f"https://www.news.example/feeds/{feed}.rss" for feed in listed.split()]
    assert addresses == expected


@pytest.mark.usefixtures("_with_an_article")
def test_the_lists_together_name_every_feed(store: Store, client: FlaskClient) -> None:
    pages = [client.get(path).data for path in LISTS]
    listed = {unquote(each.get("xmlUrl", "")) for page in pages for each in outlines(page)}
    published = {one.path for one in store.documents.statuses() if one.path.endswith(".rss")}
    assert listed == {f"https://www.news.example/feeds/{path}" for path in published}


@pytest.mark.parametrize(
    ("icon", "status", "location"),
    [
        ("/icon.png", 302, "https://www.news.example/icon.png"),
        ("https://cdn.example/icon.png", 302, "https://cdn.example/icon.png"),
        ("/favicon.ico", 404, None),  # the paper's own web server has it, and not this service
        (None, 404, None),
    ],
)
def test_a_browser_that_looks_for_an_icon_is_sent_to_the_papers(
    store: Store, tmp_path: Path, icon: str | None, status: int, location: str | None
) -> None:
    client = create_app(store, settings(tmp_path, site={"icon": icon})).test_client()
    response = client.get("/favicon.ico")
    assert (response.status_code, response.headers.get("Location")) == (status, location)
    assert response.headers["Cache-Control"] == "public, max-age=86400"


@pytest.mark.parametrize(("icon", "count"), [("/icon.png", 1), (None, 0)])
def test_pages_name_the_papers_icon(
    store: Store, tmp_path: Path, icon: str | None, count: int
) -> None:
    page = create_app(store, settings(tmp_path, site={"icon": icon})).test_client().get("/").text
    link = '<link rel="icon" href="https://www.news.example/icon.png">'
    assert page.count(link) == page.count('rel="icon"') == count


def test_the_list_of_feeds_is_sent_once_to_a_reader_that_polls_it(client: FlaskClient) -> None:
    first = client.get("/feeds.opml")
    assert first.headers["Cache-Control"] == "public, max-age=300"
    again = client.get("/feeds.opml", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("path", LISTS)
def test_every_feed_in_a_list_has_a_title(sample_paper: FlaskClient, path: str) -> None:
    titles = [each.get("text") for each in outlines(sample_paper.get(path).data)]
    assert len(titles) > 5
    assert all(titles)


@pytest.mark.parametrize("path", LISTS)
def test_an_empty_paper_has_lists_of_no_feeds(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert outlines(response.data) == []


@pytest.mark.parametrize(
    ("old", "address"),
    [
        ("/rss/allArticle.xml", "https://www.news.example/feeds/latest.rss"),
        ("/rss/allArticle.xml?from=reader", "https://www.news.example/feeds/latest.rss"),
        ("/rss/S1N1.xml", "https://www.news.example/feeds/sections/%EC%A7%80%EC%97%AD.rss"),
    ],
)
def test_an_old_address_leads_to_its_feed(front: Client, old: str, address: str) -> None:
    response = front.get(old)
    assert (response.status_code, response.headers["Location"]) == (301, address)


def test_an_old_address_is_answered_as_every_moved_feed(
    store: Store, config: Config, front: Client, tmp_path: Path
) -> None:
    publish([record("1")], store, config, tmp_path)
    old, misspelt = front.get("/rss/allArticle.xml"), front.get("/feeds/latest.RSS")
    assert misspelt.status_code == 301
    assert (old.data, list(old.headers)) == (misspelt.data, list(misspelt.headers))


def test_an_address_that_was_never_one_is_not_found(front: Client) -> None:
    assert front.get("/rss/other.xml").status_code == 404


@pytest.mark.usefixtures("_with_an_article")
def test_a_service_that_runs_is_healthy_and_ready(front: Client) -> None:
    assert front.get("/healthz").text == "ok\n"
    assert front.get("/readyz").text == "ok\n"


@pytest.mark.usefixtures("_with_an_article")
def test_a_service_whose_worker_is_not_heard_of_is_not_ready_and_says_since_when(
    front: Client,
) -> None:
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=40), tick=False):
        response = front.get("/readyz")
    assert response.status_code == 503
    assert re.fullmatch(
        r"nothing was published since 20\d\d-\d\d-\d\dT[\d:]{8}\+09:00:"
        r" the worker has not been heard of; is it running\?\n",
        response.text,
    )


@pytest.mark.usefixtures("_with_an_article")
def test_a_service_that_cannot_publish_the_paper_is_not_ready_and_says_why(
    front: Client, store: Store, tmp_path: Path
) -> None:
    with database(store) as connection:
        connection.exec_driver_sql("ALTER TABLE versions RENAME TO versions_away")
    config = settings(tmp_path, site={"title": "새관악뉴스"})
    later = datetime.now(UTC) + timedelta(seconds=40)
    with time_machine.travel(later, tick=False):
        with pytest.raises(PublishError):
            publish_all(store, config)
        response = front.get("/readyz")
    assert response.status_code == 503
    assert "nothing was published since" in response.text
    assert "versions" in response.text


@pytest.mark.usefixtures("front", "_without_its_store")
def test_without_its_store_a_service_is_healthy_but_not_ready(front: Client) -> None:
    assert front.get("/healthz").status_code == 200
    response = front.get("/readyz")
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0


@pytest.mark.usefixtures("_without_its_store")
@pytest.mark.parametrize("path", ["/", "/sections/지역", "/articles/1", "/feeds.opml"])
def test_pages_without_a_store_say_so(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    assert (response.status_code, response.mimetype) == (503, "text/plain")
    assert "newsroom.db" not in response.text
