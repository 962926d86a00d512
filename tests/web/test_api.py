"""The write API for readers that another system counted."""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from feeds.config import Config
from feeds.most_read import count_readers
from feeds.store import Store
from feeds.text import LARGEST_NUMBER
from feeds.web import create_app
from tests.paper import publish, record, settings
from tests.readers import counts_of

TOKEN = {"Authorization": "Bearer secret"}
HOUR = "2026-03-02T09:00:00+09:00"
GIVEN = {"id": "1", "hour": HOUR, "readers": 5}


@pytest.fixture
def config(store: Store, tmp_path: Path) -> Config:
    made = settings(tmp_path)
    publish(map(record, "12"), store, made, tmp_path)
    return made


@pytest.fixture
def api(store: Store, config: Config) -> FlaskClient:
    return create_app(store, config, "secret").test_client()


def given(store: Store) -> dict[str, int]:
    return {name: n for (_, kind, name), n in counts_of(store).items() if kind == "given"}


@pytest.mark.parametrize(
    ("token", "sent", "status"),
    [
        (None, "", 403),
        (None, "Bearer secret", 403),
        ("", "Bearer ", 403),
        *((token, "Bearer secret", 403) for token in ("비밀", "secret\n")),
        *(("secret", sent, 401) for sent in ("", "secret", "Bearer wrong", "Bearer 비밀")),
        *(("secret", sent, 200) for sent in ("Bearer secret", "bearer secret")),
    ],
)
def test_only_the_bearer_of_a_token_that_headers_can_carry_may_write(
    store: Store, config: Config, token: str | None, sent: str, status: int
) -> None:
    client = create_app(store, config, token).test_client()
    headers = {"Authorization": sent.encode().decode("latin-1")} if sent else {}
    response = client.post("/api/views", json=GIVEN, headers=headers)
    assert response.status_code == status
    assert ("FEEDS_API_TOKEN" in response.text) == (status == 403)
    assert response.headers.get("WWW-Authenticate", "").startswith("Bearer") == (status == 401)
    assert given(store) == ({"1": 5} if status == 200 else {})


def test_without_the_token_nobody_learns_which_articles_there_are(
    api: FlaskClient, store: Store, config: Config, tmp_path: Path
) -> None:
    embargoed = record("2", published="2126-03-02 09:00")
    publish([embargoed, record("1", status="withdrawn")], store, config, tmp_path)
    for method in ("GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"):
        answers = {
            (response.status, response.data, str(response.headers))
            for path in ("/api/articles/1", "/api/articles/2", "/api/articles/none")
            for response in [api.open(path, method=method, data=b"{")]
        }
        assert len(answers) == 1


def told(response: TestResponse, status: int) -> str:
    """The detail of a problem."""
    assert response.status_code == status
    assert response.mimetype == "application/problem+json"
    assert response.json
    assert response.json["status"] == status
    assert response.json["title"]
    return str(response.json["detail"])


@pytest.mark.parametrize(
    ("request_line", "status", "header", "named"),
    [
        ("GET /api/articles/1", 401, "WWW-Authenticate", "token"),
        ("GET /api/articles/9", 404, "Content-Length", "no such article"),
        ("GET /api/nothing", 404, "Content-Length", "not found"),
        ("POST /api/articles/1", 405, "Allow", "not allowed"),
        ("POST /api/views", 413, "Content-Length", "exceeds"),
        ("PUT /api/articles/1?wait=2", 422, "Content-Length", 'wait: must be "1"'),
    ],
)
def test_every_error_is_a_problem(
    api: FlaskClient, request_line: str, status: int, header: str, named: str
) -> None:
    method, path = request_line.split()
    body = b" " * (2**24 + 1) if status == 413 else b"{}"
    headers = TOKEN if status != 401 else None
    response = api.open(path, method=method, data=body, headers=headers)
    assert named in told(response, status)
    assert response.headers[header]


def test_so_is_an_outage_and_a_fault_of_the_service(
    api: FlaskClient, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "newsroom.db").rename(tmp_path / "aside.db")
    response = api.get("/api/articles/1", headers=TOKEN)
    assert "store" in told(response, 503)
    assert response.headers["Retry-After"]
    monkeypatch.setattr(store.articles, "get", None)
    assert told(api.get("/api/articles/1", headers=TOKEN), 500)


@pytest.mark.parametrize(
    "body",
    [
        json.dumps([GIVEN, {**GIVEN, "id": "2"}]),
        f"{json.dumps(GIVEN)}\n\n{json.dumps({**GIVEN, 'id': '2'})}\n",
    ],
)
def test_readers_come_as_a_list_or_one_a_line(api: FlaskClient, store: Store, body: str) -> None:
    response = api.post("/api/views", data=body, headers=TOKEN)
    assert (response.status_code, response.json) == (200, {"accepted": 2, "rejected": []})
    assert given(store) == {"1": 5, "2": 5}


def test_sent_twice_they_count_once_and_can_be_corrected(api: FlaskClient, store: Store) -> None:
    for readers in (5, 5, 3):
        response = api.post("/api/views", json={**GIVEN, "readers": readers}, headers=TOKEN)
        assert response.status_code == 200
    assert given(store) == {"1": 3}


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({**GIVEN, "hour": "soon"}, 'hour: .*"soon"'),
        ({**GIVEN, "hour": "2126-03-02T09:00:00+09:00"}, "hour: .*has not come yet"),
        ({**GIVEN, "readers": -1}, "readers: .*-1"),
        ({**GIVEN, "readers": "5"}, 'readers: .*"5"'),
        ({**GIVEN, "reader": 5}, 'reader: .*"readers"'),
        ({"id": "1", "hour": HOUR}, "readers: .*missing"),
        ({**GIVEN, "id": "none"}, "no article has this id"),
        ({**GIVEN, "id": "1\ud800"}, r'id: must be .*"1\\ud800"'),
        (7, "values look like"),
        (None, "values look like"),
    ],
)
def test_a_fault_is_named_and_the_others_go_in(
    api: FlaskClient, store: Store, wrong: Any, reason: str
) -> None:
    body = [wrong, {**GIVEN, "id": "2", "hour": "2026-03-02 09:00"}]
    response = api.post("/api/views", json=body, headers=TOKEN)
    assert response.status_code == 422
    assert response.json
    assert response.json["accepted"] == 1
    (fault,) = response.json["rejected"]
    assert re.search(reason, fault["reason"])
    assert given(store) == {"2": 5}


@pytest.mark.parametrize("store_url", ["sqlite", "postgresql"], indirect=True)
def test_as_many_readers_as_may_be_given_add_up(
    api: FlaskClient, store: Store, config: Config
) -> None:
    many = [
        {**GIVEN, "hour": f"2026-03-02T0{hour}:00:00Z", "readers": LARGEST_NUMBER}
        for hour in range(3)
    ]
    response = api.post("/api/views", json=many, headers=TOKEN)
    assert response.status_code == 200
    count_readers(store, config, datetime.fromisoformat("2026-03-02T03:00:00Z"))
    assert store.readers.of(["1"], 24) == {"1": 3 * LARGEST_NUMBER}


@pytest.mark.parametrize("line", ["{", "[" * 100_000, '{"readers": 5, "readers": 6}'])
def test_a_line_that_is_no_object_is_named(api: FlaskClient, store: Store, line: str) -> None:
    response = api.post("/api/views", data=f"{line}\n{json.dumps(GIVEN)}\n", headers=TOKEN)
    assert response.status_code == 422
    assert response.json
    assert [each["number"] for each in response.json["rejected"]] == [1]
    assert given(store) == {"1": 5}


def test_very_many_at_once_are_taken(api: FlaskClient, store: Store) -> None:
    many = [
        {**GIVEN, "hour": f"2026-{1 + n // 600:02}-{1 + n % 28:02}T{n % 24:02}:00:00Z"}
        for n in range(5000)
    ]
    response = api.post("/api/views", json=many, headers=TOKEN)
    assert response.status_code == 200


def test_more_values_than_one_request_may_bring_are_refused(api: FlaskClient) -> None:
    for body in (b"[" + b"1," * 10_000 + b"1]", b"a\n" * 10_001):
        response = api.post("/api/views", data=body, headers=TOKEN)
        assert response.status_code == 413
        assert "10000 values" in response.text


@pytest.mark.parametrize(
    "wrong",
    [
        {**GIVEN, "k" * 2**20: 1},
        {**GIVEN, "id": "1" * 2**20},
        {**GIVEN, "hour": "1" * 2**20},
        {**GIVEN, **{str(n): 1 for n in range(10_000)}},
    ],
    ids=["key", "id", "hour", "keys"],
)
def test_a_fault_of_any_size_is_told_shortly(api: FlaskClient, wrong: Any) -> None:
    response = api.post("/api/views", json=wrong, headers=TOKEN)
    assert response.status_code == 422
    assert len(response.text) < 500
