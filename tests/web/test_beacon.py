"""The beacon over WSGI: its responses, and that exactly the acknowledged views are kept."""

import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from feeds.config import Config
from feeds.store import Store
from feeds.store.schema import visits
from feeds.views import fold_all
from tests.paper import publish, record, settings
from tests.readers import PHONE, Readership, beacon_of
from tests.web.conftest import away

BROWSER = {"User-Agent": PHONE}


@pytest.fixture
def config(store: Store, tmp_path: Path) -> Config:
    """A paper whose articles have ids of all sorts."""
    made = settings(tmp_path)
    hidden = [record("later", published="2199-01-01 00:00"), record("gone", status="withdrawn")]
    seen = map(record, ("1", "가나", "a/b", "x.gif"))
    publish([*seen, *hidden], store, made, tmp_path)
    return made


@pytest.fixture
def beacon(store: Store, config: Config) -> Client:
    return Client(beacon_of(store, config))


def ids(store: Store, config: Config) -> list[str]:
    """Fold, and give the articles that were read."""
    fold_all(Path(config.views.spool), store)
    with store._database.reading() as connection:
        return sorted(row.article_id for row in connection.execute(visits.select()))


@pytest.mark.parametrize(
    ("path", "read"),
    [
        ("1", "1"),
        ("%EA%B0%80%EB%82%98", "가나"),
        ("%E1%84%80%E1%85%A1%E1%84%82%E1%85%A1", "가나"),  # NFD
        ("a%2Fb", "a/b"),
        ("x.gif", "x.gif"),
    ],
)
def test_a_view_is_accepted(
    beacon: Client, store: Store, config: Config, path: str, read: str
) -> None:
    response = beacon.post(f"/views/{path}", headers=BROWSER)
    assert (response.status_code, response.data) == (204, b"")
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Cache-Control"] == "no-store"
    assert ids(store, config) == [read]


def test_the_pixel_counts_on_get_and_not_on_head(
    beacon: Client, store: Store, config: Config
) -> None:
    assert beacon.head("/views/none.gif", headers=BROWSER).status_code == 404
    head = beacon.head("/views/1.gif", headers=BROWSER)
    assert (head.status_code, head.data) == (200, b"")
    assert ids(store, config) == []
    response = beacon.get("/views/1.gif", headers=BROWSER)
    assert (response.status_code, response.mimetype) == (200, "image/gif")
    assert response.data.startswith(b"GIF89a\x01\x00\x01\x00")
    assert response.headers["Cache-Control"] == "no-store"
    assert head.headers["Content-Length"] == str(len(response.data))
    assert ids(store, config) == ["1"]


@pytest.mark.parametrize(
    ("asked", "status", "allow"),
    [
        ("POST none", 404, None),
        ("POST later", 404, None),
        ("POST gone", 404, None),
        ("POST ", 404, None),
        ("GET none.gif", 404, None),
        ("POST %FF", 404, None),
        ("POST 1%00", 404, None),
        (f"POST {'9' * 5000}", 404, None),
        ("GET 1", 405, "POST, OPTIONS"),
        ("DELETE 1.gif", 405, "GET, HEAD, OPTIONS"),
    ],
)
def test_a_request_that_is_no_view_gets_a_clear_status(
    beacon: Client, config: Config, asked: str, status: int, allow: str | None
) -> None:
    method, _, path = asked.partition(" ")
    response = beacon.open(f"/views/{path}", method=method, headers=BROWSER)
    assert (response.status_code, response.headers.get("Allow")) == (status, allow)
    assert response.mimetype == "text/plain"
    assert not Path(config.views.spool).exists()


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"data": b"{}"}, 204),
        ({"data": b"x" * 4097}, 413),
        ({"headers": {**BROWSER, "Transfer-Encoding": "chunked"}}, 413),
    ],
)
def test_only_a_short_body_is_accepted_unread(
    beacon: Client, sent: dict[str, object], status: int
) -> None:
    assert beacon.post("/views/1", **sent).status_code == status  # type: ignore[arg-type]


@pytest.mark.parametrize(("path", "methods"), [("/views/1", "POST"), ("/views/1.gif", "GET, HEAD")])
def test_a_page_on_another_site_may_send_views(beacon: Client, path: str, methods: str) -> None:
    response = beacon.options(path, headers={"Origin": "https://m.news.example"})
    assert response.status_code == 204
    assert response.headers["Access-Control-Allow-Methods"] == methods
    assert response.headers["Access-Control-Allow-Headers"] == "Content-Type"
    assert response.headers["Allow"] == f"{methods}, OPTIONS"


def test_without_its_folder_views_are_refused_and_none_is_half_counted(
    beacon: Client, store: Store, config: Config, caplog: pytest.LogCaptureFixture
) -> None:
    folder = Path(config.views.spool)
    assert beacon.post("/views/2", headers=BROWSER).status_code == 404
    assert not folder.exists()
    assert beacon.post("/views/가나", headers=BROWSER).status_code == 204
    for _ in range(3):
        shutil.rmtree(folder)
        folder.write_text("")
        time.sleep(0.002)  # the spool looks for its file once a millisecond
        response = beacon.post("/views/1", headers=BROWSER)
        assert (response.status_code, response.headers["Retry-After"]) == (503, "30")
        folder.unlink()
        folder.mkdir()
        assert beacon.post("/views/1", headers=BROWSER).status_code == 204
    assert ids(store, config) == ["1"]
    (logged,) = set(caplog.messages)
    assert str(folder) in logged


def test_a_view_needs_no_store_once_the_day_and_the_article_are_known(
    beacon: Client, store: Store, config: Config, tmp_path: Path
) -> None:
    with away(tmp_path):  # without the secret of the day nobody can be told apart
        assert beacon.post("/views/1", headers=BROWSER).status_code == 503
    assert beacon.post("/views/1", headers=BROWSER).status_code == 204
    with away(tmp_path):
        assert beacon.post("/views/1", headers=BROWSER).status_code == 204
        # Any id may be an article's while the store cannot say; rankings show only those that are.
        assert beacon.post("/views/2", headers=BROWSER).status_code == 204
    assert "1" in ids(store, config)


def test_two_processes_see_one_visitor(store: Store, config: Config) -> None:
    for _ in range(2):
        assert Client(beacon_of(store, config)).post("/views/1", headers=BROWSER).status_code == 204
    assert ids(store, config) == ["1"]


@pytest.mark.parametrize("header", ["Sec_Purpose", "Purpose", "X_Moz", "X_Purpose"])
def test_a_page_that_a_browser_fetches_ahead_does_not_count(
    store: Store, config: Config, header: str
) -> None:
    paper = Readership(store, config)
    assert paper.opens("2026-03-02T09:00:00+09:00", "1", **{header: "prefetch"}) == 204
    assert paper.readers("2026-03-02T10:00:00+09:00") == {}


CLIENT = "9.9.9.9"
FORWARDED = {"X-Forwarded-For": CLIENT}


@pytest.mark.parametrize(
    ("asked", "warned"),
    [
        (("127.0.0.1", FORWARDED, 0), True),
        (("::1", {"X-Real-IP": CLIENT}, 0), True),
        (("10.1.2.3", {"Forwarded": f"for={CLIENT}"}, 0), True),
        (("::ffff:192.168.0.7", FORWARDED, 0), True),
        (("", FORWARDED, 0), True),  # a socket in the file system
        (("127.0.0.1", {}, 0), False),
        ((CLIENT, FORWARDED, 0), False),
        (("127.0.0.1", FORWARDED, 1), False),
    ],
)
@pytest.mark.usefixtures("config")
def test_a_proxy_that_the_config_does_not_know_is_warned_of(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture, asked: Any, *, warned: bool
) -> None:
    peer, headers, proxies = asked
    beacon = Client(beacon_of(store, settings(tmp_path, views={"proxies": proxies})))
    beacon.post("/views/1", headers={**BROWSER, **headers}, environ_base={"REMOTE_ADDR": peer})
    said = [("views.proxies" in one, CLIENT in one) for one in caplog.messages]
    assert said == [(True, False)] * warned
