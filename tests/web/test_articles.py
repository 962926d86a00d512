"""The CMS's door: articles saved, read and withdrawn over HTTP."""

import json
import threading
from collections.abc import Iterator
from typing import Any
from unicodedata import normalize

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from feeds.config import Config
from feeds.store import Store
from feeds.web import articles, create_app
from feeds.worker import run

NEW = {"title": "관악산 둘레길", "published": "2026-03-02 09:00", "sections": ["지역"]}
AT = "/api/articles/2024/01"


@pytest.fixture
def cms(store: Store, config: Config) -> FlaskClient:
    client = create_app(store, config, "secret").test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = "Bearer secret"
    return client


def stored(cms: FlaskClient) -> dict[str, Any]:
    response = cms.get(AT)
    assert response.status_code == 200
    return dict(response.json or {})


def published(store: Store) -> str:
    latest = store.documents.get("latest.json")
    return latest.body.decode() if latest else ""


def lines(response: TestResponse) -> list[dict[str, Any]]:
    with response:
        return [json.loads(line) for line in response.data.splitlines()]


def test_an_article_is_added_merged_replaced_and_withdrawn(cms: FlaskClient) -> None:
    added = cms.put(AT, json={**NEW, "tags": ["봄"]})
    assert (added.status_code, added.json and added.json["outcome"]) == (201, "new")
    assert cms.patch(AT, json={"title": "고침"}).status_code == 200
    assert stored(cms)["title"] == "고침"
    assert stored(cms)["tags"] == ["봄"]
    cms.patch(AT, json={"tags": None})
    assert "tags" not in stored(cms)
    cms.put(AT, json={"title": "새 제목", "published": "2026-03-02 09:00"})
    assert stored(cms).keys() == {"id", "title", "published", "updated", "status"}
    cms.delete(AT)
    assert stored(cms)["status"] == "withdrawn"


def test_an_article_has_one_id_however_its_address_is_written(cms: FlaskClient) -> None:
    decomposed = f"/api/articles/{normalize('NFD', '기사')}"
    assert cms.put(decomposed, json=NEW).status_code == 201
    response = cms.put(decomposed, json=cms.get(decomposed).json)
    assert response.json
    assert response.json["outcome"] == "unchanged"


def test_the_record_of_an_article_saved_again_changes_nothing(cms: FlaskClient) -> None:
    cms.put(
        AT,
        json={
            **NEW,
            "updated": "2026-03-02 10:00",
            "body_html": "<p>글</p>",
            "authors": [{"name": "김민수", "id": "7"}],
            "image": {"url": "/a.jpg", "alt": "길"},
            "attachments": [{"url": "https://a.example/a.mp3", "type": "audio/mpeg"}],
            "correction": "날짜를 바로잡습니다.",
            "comments": 0,
            "views": 9,
        },
    )
    record = stored(cms)
    for save in (cms.put, cms.patch):
        response = save(AT, json=record)
        assert response.json
        assert response.json["outcome"] == "unchanged"
    assert stored(cms) == record


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"{", "JSON"),
        (b"[]", "object"),
        (b'{"id": "2"}', "id"),
        (b'{"titel": "x"}', "titel"),
        (b'{"title": 3}', "title"),
        (b'{"title": "x"}', "published"),
        (b'{"title": null}', "title"),
    ],
)
def test_a_fault_is_a_problem_that_names_the_key(cms: FlaskClient, body: bytes, named: str) -> None:
    response = cms.patch(AT, data=body)
    assert response.status_code == 422
    assert response.mimetype == "application/problem+json"
    assert response.json
    assert named in response.json["detail"]
    assert cms.get(AT).status_code == 404


def test_preconditions_keep_one_editor_from_overwriting_another(cms: FlaskClient) -> None:
    tag = cms.put(AT, json=NEW, headers={"If-None-Match": "*"}).headers["ETag"]
    assert cms.put(AT, json=NEW, headers={"If-None-Match": "*"}).status_code == 412
    assert cms.get(AT, headers={"If-None-Match": tag}).status_code == 304
    changed = cms.patch(AT, json={"title": "고침"}, headers={"If-Match": tag})
    assert changed.status_code == 200
    assert cms.patch(AT, json={"title": "또"}, headers={"If-Match": tag}).status_code == 412
    assert stored(cms)["title"] == "고침"
    assert cms.delete(AT, headers={"If-Match": changed.headers["ETag"]}).status_code == 200
    assert cms.put("/api/articles/9", json=NEW, headers={"If-Match": "*"}).status_code == 412


def test_each_line_has_a_verdict_and_a_bad_line_stays_alone(cms: FlaskClient) -> None:
    body = [{"id": str(n), **NEW} for n in range(1200)]
    text = "\n".join([*map(json.dumps, body), "{", json.dumps({"id": "x", "title": "새"})])
    response = cms.post("/api/articles", data=text.encode())
    verdicts = lines(response)
    assert [each["line"] for each in verdicts] == list(range(1, 1203))
    assert {each["outcome"] for each in verdicts[:1200]} == {"new"}
    assert [each["outcome"] for each in verdicts[1200:]] == ["rejected", "rejected"]
    assert "published" in verdicts[-1]["notes"][0]
    again = lines(cms.post("/api/articles", data=text.encode()))
    assert {each["outcome"] for each in again[:1200]} == {"unchanged"}


@pytest.fixture
def worker(store: Store, config: Config) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=run, args=(store, config, stop))
    thread.start()
    yield
    stop.set()
    thread.join()


@pytest.mark.usefixtures("worker")
def test_a_save_can_wait_for_the_feeds(cms: FlaskClient, store: Store) -> None:
    saved = cms.put(f"{AT}?wait=1", json=NEW).json or {}
    feeds = {url.rpartition("/feeds/")[2] for url in saved["feeds"]}
    assert feeds >= {"latest.rss", "sections/%EC%A7%80%EC%97%AD.json"}
    assert NEW["title"] in published(store)
    assert (cms.delete(f"{AT}?wait=1").json or {})["feeds"] == []
    assert NEW["title"] not in published(store)


def test_a_save_whose_feeds_are_not_out_in_time_is_accepted(
    cms: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(articles, "_MOST_SECONDS_TO_WAIT", 0.0)
    saved = cms.put(f"{AT}?wait=1", json=NEW)
    assert (saved.status_code, saved.json and saved.json["feeds"]) == (202, [])
    assert stored(cms)["title"] == NEW["title"]
