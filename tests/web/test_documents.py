"""The lists of feeds."""

from pathlib import Path
from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient
from lxml import etree

from feeds.config import Config
from feeds.store import Store
from tests.paper import publish, record

LISTED = {
    "/feeds.opml": (
        "latest most-read most-read/3h most-read/24h most-read/7d most-read/30d rising"
        " sections/가정 sections/가정/most-read sections/지역 sections/지역/most-read"
    ),
    "/feeds/authors.opml": "authors/김민수",
    "/feeds/tags.opml": "tags/a-b tags/관악산",
}


def outlines(opml: bytes) -> list[etree._Element]:
    return list(etree.fromstring(opml).iterfind(".//outline[@xmlUrl]"))


def test_the_lists_name_every_feed_in_order(
    client: FlaskClient, store: Store, config: Config, tmp_path: Path
) -> None:
    given = {"sections": ["지역", "가정"], "tags": ["관악산", "A&B"]}
    article = record("1", views=5, authors=[{"name": "김민수"}], **given)
    publish([article], store, config, tmp_path)
    in_lists = []
    for path, listed in LISTED.items():
        response = client.get(path)
        assert response.content_type == "text/x-opml; charset=utf-8"
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        addresses = [unquote(each.get("xmlUrl", "")) for each in outlines(response.data)]
        expected = [f"https://www.news.example/feeds/{feed}.rss" for feed in listed.split()]
        assert addresses == expected
        in_lists += [f"{feed}.rss" for feed in listed.split()]
    published = {one.path for one in store.documents.statuses() if one.path.endswith(".rss")}
    assert set(in_lists) == published


@pytest.mark.parametrize("path", LISTED)
def test_every_feed_in_a_list_has_a_title(sample_paper: FlaskClient, path: str) -> None:
    titles = [each.get("text") for each in outlines(sample_paper.get(path).data)]
    assert len(titles) > 5
    assert all(titles)


@pytest.mark.parametrize("path", LISTED)
def test_an_empty_paper_has_lists_of_no_feeds(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert outlines(response.data) == []
