"""Webhooks of CMSs, as those systems send them."""

import hashlib
import hmac
import json
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from feeds.config import Config
from feeds.store import Store
from feeds.web import create_app
from tests import ghost
from tests.importers.test_wordpress import POST as WORDPRESS_POST
from tests.importers.test_wordpress import SENT
from tests.paper import settings

SECRET = "a long random text"
HOOKS: dict[str, Any] = {
    "ghost": {"format": "ghost", "secret": SECRET},
    "wordpress": {"format": "wordpress", "secret": SECRET, "header": "X-Webhook-Secret"},
    "cms": {
        "secret": SECRET,
        "signature": "X-Hub-Signature-256",
        "event": "$.event",
        "save": ["published", "updated"],
        "withdraw": ["deleted"],
        "article": {
            "id": "$.article.no",
            "title": "$.article.headline",
            "published": "$.article.date",
            "body_html": "$['article']['본문']",
            "authors": "$.article.writers[*].name",
            "sections": "$.article.desk",
            "tags": "$.article.tags[*]",
            "image": "$.article.photo",
        },
    },
}
ARTICLE = {
    "no": 298501,
    "headline": "가을 밤",
    "date": "2024-11-05 09:30",
    "본문": "<p>달이 밝다.</p>",
    "writers": [{"name": "김민수"}, {"name": "박서연"}],
    "desk": "생활",
    "tags": [],
    "photo": "/photo/moon.jpg",
}

Post = Callable[..., Any]


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return settings(tmp_path, api={"hooks": HOOKS})


def stored(store: Store, article_id: str = ghost.ID) -> Any:
    return store.articles.get(article_id)


@pytest.fixture
def post(store: Store, config: Config) -> Post:
    client = create_app(store, config, "token").test_client()

    def post(name: str, body: bytes, **headers: str) -> Any:
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        return client.post(f"/api/hooks/{name}", data=body, headers=named)

    return post


@pytest.fixture
def from_ghost(post: Post) -> Post:
    def send(body: bytes, minutes_ago: float = 0, *, old: bool = False) -> Any:
        at = int((time.time() - 60 * minutes_ago) * 1000)
        signed = ghost.signature(body, SECRET, at, old=old)
        return post("ghost", body, X_Ghost_Signature=signed, Content_Type="application/json")

    return send


@pytest.fixture
def from_cms(post: Post) -> Post:
    def send(event: str, **keys: Any) -> Any:
        body = json.dumps({"event": event, "article": keys}).encode()
        digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        return post("cms", body, X_Hub_Signature_256=f"sha256={digest}")

    return send


def test_a_post_of_ghost_is_saved_edited_unpublished_published_and_deleted(
    from_ghost: Post, store: Store
) -> None:
    published = from_ghost(ghost.event(ghost.POST, status="draft"))
    assert (published.status_code, published.json["outcome"]) == (201, "new")
    article = stored(store)
    assert (article.title, article.guid) == ("은행잎이 물들다", ghost.ID)
    edited = ghost.event(ghost.post(title="은행잎이 졌다"), title="은행잎이 물들다")
    assert from_ghost(edited).json["outcome"] == "changed"
    assert stored(store).title == "은행잎이 졌다"
    draft = ghost.event(ghost.post(status="draft"), status="published")
    assert from_ghost(draft).status_code == 200
    assert stored(store).status == "withdrawn"
    from_ghost(ghost.event(ghost.POST, status="draft"))
    assert stored(store).status == "live"
    from_ghost(ghost.event(ghost.post(visibility="paid"), visibility="public"))
    assert stored(store).status == "withdrawn"
    from_ghost(ghost.event(ghost.POST, visibility="paid"))
    assert from_ghost(ghost.event({}, **ghost.POST)).status_code == 200
    assert stored(store).status == "withdrawn"


@pytest.mark.parametrize(
    "body",
    [
        ghost.event(ghost.post(status="draft")),
        ghost.event(ghost.post(visibility="members")),
        ghost.event({}, **ghost.post(status="draft")),
        ghost.event(ghost.post(type="page")),
        b'{"page": {"current": {"id": "1"}, "previous": {}}}',
        b"{}",
    ],
)
def test_what_is_no_public_post_and_never_was_is_accepted_and_left_alone(
    from_ghost: Post, store: Store, body: bytes
) -> None:
    response = from_ghost(body)
    assert (response.status_code, response.json["outcome"]) == (202, "ignored")
    assert store.articles.is_empty()


@pytest.mark.parametrize(
    ("minutes_ago", "old", "status"),
    [(0, False, 201), (0, True, 201), (4, False, 201), (6, False, 403), (-6, False, 403)],
)
def test_the_signature_of_ghost_is_of_these_minutes(
    from_ghost: Post, minutes_ago: float, *, old: bool, status: int
) -> None:
    assert from_ghost(ghost.event(ghost.POST), minutes_ago, old=old).status_code == status


@pytest.mark.parametrize(
    ("name", "headers"),
    [
        ("ghost", {}),
        ("ghost", {"X_Ghost_Signature": ghost.signature(b"{}", "another", 1)}),
        ("wordpress", {}),
        ("wordpress", {"X_Webhook_Secret": "é"}),
        ("wordpress", {"Authorization": "Bearer token"}),
        ("cms", {}),
        ("cms", {"X_Hub_Signature_256": SECRET}),
    ],
)
def test_a_request_without_the_secret_is_refused(
    post: Post, store: Store, name: str, headers: dict[str, str]
) -> None:
    response = post(name, ghost.event(ghost.POST), **headers)
    assert response.status_code == 403
    assert response.headers["Content-Type"] == "application/problem+json"
    assert SECRET not in response.text
    assert store.articles.is_empty()


def test_a_hook_that_is_not_in_the_config_is_not_there(post: Post) -> None:
    assert post("drupal", b"{}").status_code == 404


@pytest.mark.parametrize("payload", [WORDPRESS_POST, SENT])
def test_a_post_of_wordpress_is_saved_and_withdrawn(
    post: Post, store: Store, payload: dict[str, Any]
) -> None:
    def send(payload: dict[str, Any]) -> Any:
        return post("wordpress", json.dumps(payload).encode(), X_Webhook_Secret=SECRET)

    trash = {**payload, "status": "trash"}
    if "post" in payload:
        trash["post"] = {**payload["post"], "post_status": "trash"}
    assert send(trash).status_code == 202
    assert send(payload).status_code == 201
    assert stored(store, "123").title.startswith("은행잎이")
    assert stored(store, "123").guid == "https://paper.example/?p=123"
    assert send(trash).status_code == 200
    assert stored(store, "123").status == "withdrawn"
    assert send({**WORDPRESS_POST, "type": "page"}).status_code == 202


def test_another_cms_is_read_by_the_queries_in_the_config(from_cms: Post, store: Store) -> None:
    assert from_cms("published", **ARTICLE).status_code == 201
    article = stored(store, "298501")
    assert (article.title, article.body_html) == ("가을 밤", "<p>달이 밝다.</p>")
    assert [author.name for author in article.authors] == ["김민수", "박서연"]
    assert (article.sections, article.tags) == (("생활",), ())
    assert article.image.url == "/photo/moon.jpg"
    assert from_cms("updated", no=298501, headline="가을밤").status_code == 200
    assert stored(store, "298501").title == "가을밤"
    assert stored(store, "298501").sections == ("생활",)
    assert from_cms("deleted", no=298501).status_code == 200
    assert stored(store, "298501").status == "withdrawn"
    from_cms("published", **ARTICLE)
    assert stored(store, "298501").status == "live"


def test_an_unknown_event_is_accepted_and_logged(
    from_cms: Post, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert from_cms("liked", **ARTICLE).status_code == 202
        assert from_cms("deleted", **ARTICLE).status_code == 202
    assert '"liked"' in caplog.text
    assert '"deleted"' not in caplog.text
    assert store.articles.is_empty()


@pytest.mark.parametrize(
    ("keys", "named"),
    [
        ({"headline": ""}, "title ($.article.headline): is empty"),
        ({"headline": ["3"]}, "title ($.article.headline): must be text"),
        ({"date": "어제"}, "published ($.article.date): must be a date"),
        ({"writers": [{"name": ["?"]}]}, "authors[0] ($.article.writers[*].name): "),
        ({"no": None}, "id ($.article.no): has no value"),
    ],
)
def test_a_fault_names_the_key_and_the_query_that_found_it(
    from_cms: Post, store: Store, keys: dict[str, Any], named: str
) -> None:
    response = from_cms("published", **{**ARTICLE, **keys})
    assert response.status_code == 422
    assert named in response.json["detail"]
    assert store.articles.is_empty()


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"\xff"', b"[" * 100_000])
def test_a_body_that_is_no_object_is_a_problem(post: Post, body: bytes) -> None:
    response = post("wordpress", body, X_Webhook_Secret=SECRET)
    assert response.status_code == 422
    assert response.headers["Content-Type"] == "application/problem+json"
