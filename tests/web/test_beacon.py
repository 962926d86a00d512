"""The beacon over WSGI: what it answers, and that only what it acknowledges is kept."""

import logging
import shutil
import time
from dataclasses import replace
from pathlib import Path

import pytest
from werkzeug.test import Client, TestResponse

from feeds.config import Config
from feeds.store import Store
from feeds.store.schema import visits
from feeds.views import fold_all
from feeds.web import beacon as beacon_module
from tests.paper import publish, record, settings
from tests.readers import PHONE, Readership, beacon_of

BROWSER = {"User-Agent": PHONE}


@pytest.fixture
def config(store: Store, tmp_path: Path) -> Config:
    """A paper whose articles have ids of all sorts."""
    made = settings(tmp_path)
    publish(map(record, ("1", "가나", "a/b", "x.gif")), store, made, tmp_path)
    return made


@pytest.fixture
def paper(store: Store, config: Config) -> Readership:
    return Readership(store, config)


@pytest.fixture
def beacon(store: Store, config: Config) -> Client:
    return Client(beacon_of(store, config))


def ids(store: Store, config: Config) -> list[str]:
    """Fold, and give the articles that were read."""
    fold_all(Path(config.views.spool), store)
    with store._database.reading() as connection:
        return sorted(row.article_id for row in connection.execute(visits.select()))


def is_bare(response: TestResponse) -> bool:
    return "Set-Cookie" not in response.headers and "Traceback" not in response.text


@pytest.mark.parametrize(
    ("path", "read"),
    [
        ("1", "1"),
        ("%EA%B0%80%EB%82%98", "가나"),
        ("%E1%84%80%E1%85%A1%E1%84%82%E1%85%A1", "가나"),  # NFD
        ("a/b", "a/b"),
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
    assert is_bare(response)
    assert ids(store, config) == [read]


def test_the_pixel_counts_when_it_is_got_and_not_when_it_is_tested(
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
        ("POST ", 404, None),
        ("GET none.gif", 404, None),
        ("POST %FF", 404, None),
        ("POST 1%00", 404, None),
        ("POST 1%0A", 404, None),
        (f"POST {'9' * 5000}", 404, None),
        ("GET 1", 405, "POST, OPTIONS"),
        ("PUT 1", 405, "POST, OPTIONS"),
        ("DELETE 1.gif", 405, "GET, HEAD, OPTIONS"),
    ],
)
def test_what_is_no_view_gets_a_clear_status(
    paper: Readership, asked: str, status: int, allow: str | None
) -> None:
    method, _, path = asked.partition(" ")
    response = Client(paper.beacon).open(f"/views/{path}", method=method, headers=BROWSER)
    assert (response.status_code, response.headers.get("Allow")) == (status, allow)
    assert response.mimetype == "text/plain"
    assert is_bare(response)
    assert paper.counted("2126-01-01T00:00:00+09:00") == {}


@pytest.mark.parametrize(
    "sent",
    [
        {"data": b"x" * 4097},
        {"environ_overrides": {"CONTENT_LENGTH": "-1"}},
        {"environ_overrides": {"CONTENT_LENGTH": "9" * 5000}},
        {"headers": {**BROWSER, "Transfer-Encoding": "chunked"}},
    ],
)
def test_a_body_that_is_no_beacon_s_is_refused(beacon: Client, sent: dict[str, object]) -> None:
    assert beacon.post("/views/1", **sent).status_code == 413  # type: ignore[arg-type]


def test_a_small_body_as_scripts_may_send_does_no_harm(beacon: Client) -> None:
    assert beacon.post("/views/1", data=b"{}", headers=BROWSER).status_code == 204


def test_a_page_elsewhere_may_send_it_with_whatever_type(beacon: Client) -> None:
    response = beacon.options("/views/1", headers={"Origin": "https://m.news.example"})
    assert response.status_code == 204
    assert response.headers["Access-Control-Allow-Methods"] == "POST"
    assert response.headers["Access-Control-Allow-Headers"] == "Content-Type"
    assert response.headers["Allow"] == "POST, OPTIONS"


def test_the_pixel_says_how_it_is_got(beacon: Client) -> None:
    response = beacon.options("/views/1.gif", headers={"Origin": "https://m.news.example"})
    assert response.status_code == 204
    assert response.headers["Access-Control-Allow-Methods"] == "GET, HEAD"
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_everything_else_is_passed_on(beacon: Client) -> None:
    assert beacon.get("/view/1").status_code == 404
    assert beacon.get("/view/1").data == b""


def test_while_the_folder_is_away_views_are_refused_and_none_is_half_counted(
    beacon: Client, store: Store, config: Config
) -> None:
    folder = Path(config.views.spool)
    assert beacon.post("/views/2", headers=BROWSER).status_code == 404
    assert not folder.exists()
    assert beacon.post("/views/가나", headers=BROWSER).status_code == 204
    shutil.rmtree(folder)
    time.sleep(0.002)  # no longer than that it goes on without a look
    response = beacon.post("/views/1", headers=BROWSER)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "30")
    assert is_bare(response)
    folder.mkdir()
    assert beacon.post("/views/1", headers=BROWSER).status_code == 204
    assert ids(store, config) == ["1"]


def test_a_view_needs_no_store_once_the_day_and_the_article_are_known(
    store: Store, config: Config, tmp_path: Path
) -> None:
    beacon = Client(beacon_of(store, config))
    assert beacon.post("/views/1", headers=BROWSER).status_code == 204
    (tmp_path / "newsroom.db").rename(tmp_path / "aside.db")
    assert beacon.post("/views/1", headers=BROWSER).status_code == 204
    # Any article may be one while nobody can say; no ranking shows what is none.
    assert beacon.post("/views/2", headers=BROWSER).status_code == 204
    (tmp_path / "aside.db").rename(tmp_path / "newsroom.db")
    assert "1" in ids(store, config)


def test_without_the_secret_of_the_day_views_are_refused(
    store: Store, config: Config, tmp_path: Path
) -> None:
    beacon = Client(beacon_of(store, config))
    (tmp_path / "newsroom.db").rename(tmp_path / "aside.db")
    assert beacon.post("/views/1", headers=BROWSER).status_code == 503
    (tmp_path / "aside.db").rename(tmp_path / "newsroom.db")
    assert beacon.post("/views/1", headers=BROWSER).status_code == 204


def test_an_unknown_id_asks_the_store_once(store: Store, config: Config) -> None:
    asked: list[object] = []

    class Articles:
        def known(self, ids: list[str]) -> set[str]:
            asked.append(ids)
            return set()

    beacon = Client(beacon_of(replace(store, articles=Articles()), config))
    for _ in range(3):
        assert beacon.post("/views/none", headers=BROWSER).status_code == 404
    assert asked == [["none"]]


def test_two_processes_see_one_visitor(store: Store, config: Config) -> None:
    for _ in range(2):
        assert Client(beacon_of(store, config)).post("/views/1", headers=BROWSER).status_code == 204
    assert ids(store, config) == ["1"]


@pytest.mark.parametrize(
    "sent",
    [
        {"Sec_Purpose": "prefetch"},
        {"Purpose": "prefetch"},
        {"X_Moz": "prefetch"},
        {"X_Purpose": "preview"},
    ],
)
def test_what_a_browser_fetches_ahead_does_not_count(
    paper: Readership, sent: dict[str, str]
) -> None:
    assert paper.opens("2026-03-02T09:00:00+09:00", "1", **sent) == 204
    assert paper.readers("2026-03-02T10:00:00+09:00") == {}


CLIENT = "9.9.9.9"
FORWARDED = {"X-Forwarded-For": CLIENT}


def warnings_after(
    caplog: pytest.LogCaptureFixture, beacon: Client, peer: str, headers: dict[str, str]
) -> list[str]:
    """Send two views from a peer; give what was warned of."""
    caplog.clear()
    for article_id in ("1", "가나"):
        response = beacon.post(
            f"/views/{article_id}",
            headers={**BROWSER, **headers},
            environ_base={"REMOTE_ADDR": peer},
        )
        assert response.status_code == 204
    return [one.getMessage() for one in caplog.records if one.levelno == logging.WARNING]


@pytest.mark.parametrize(
    ("peer", "headers"),
    [
        ("127.0.0.1", FORWARDED),
        ("::1", {"X-Real-IP": CLIENT}),
        ("10.1.2.3", {"Forwarded": f"for={CLIENT}"}),
        ("::ffff:192.168.0.7", FORWARDED),
        ("100.64.0.1", FORWARDED),  # what some providers give to their load balancers
        ("", FORWARDED),  # a socket in the file system
    ],
)
def test_a_proxy_that_the_config_does_not_know_is_warned_of_once(
    beacon: Client, caplog: pytest.LogCaptureFixture, peer: str, headers: dict[str, str]
) -> None:
    (warning,) = warnings_after(caplog, beacon, peer, headers)
    assert "views.proxies" in warning
    assert "X-Forwarded-For" in warning
    assert CLIENT not in warning
    assert warnings_after(caplog, beacon, peer, headers) == []


@pytest.mark.parametrize(
    ("peer", "headers"), [("127.0.0.1", {}), (CLIENT, FORWARDED), ("2606:4700::1", FORWARDED)]
)
def test_who_is_no_proxy_of_ours_is_not_warned_of(
    beacon: Client, caplog: pytest.LogCaptureFixture, peer: str, headers: dict[str, str]
) -> None:
    assert warnings_after(caplog, beacon, peer, headers) == []


def test_a_proxy_that_the_config_knows_is_not_warned_of(
    store: Store, config: Config, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    behind_one = Client(beacon_of(store, settings(tmp_path, views={"proxies": 1})))
    assert warnings_after(caplog, behind_one, "127.0.0.1", FORWARDED) == []


def log_after(beacon: Client, statuses: list[int], caplog: pytest.LogCaptureFixture) -> list[str]:
    """Send views, which have to get these answers; give what the log is told."""
    caplog.clear()
    for status in statuses:
        assert beacon.post("/views/1", headers=BROWSER).status_code == status
    return caplog.messages


def test_a_folder_that_cannot_be_made_stops_views_alone_and_is_told_once(
    beacon: Client, config: Config, caplog: pytest.LogCaptureFixture
) -> None:
    folder = Path(config.views.spool)
    folder.write_text("")  # root may write everywhere, but not below a file
    (told,) = log_after(beacon, [503] * 100, caplog)
    assert told.startswith("views are answered 503 and do not count: ")
    assert str(folder) in told
    assert beacon.get("/feeds/latest.rss").status_code == 404  # by the application behind
    folder.unlink()
    assert log_after(beacon, [204], caplog) == []


def test_when_views_count_again_it_is_told_how_many_did_not(
    beacon: Client,
    config: Config,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = Path(config.views.spool)
    folder.write_text("")
    log_after(beacon, [503] * 3, caplog)
    folder.unlink()
    assert log_after(beacon, [204], caplog) == []  # it may be full again in a moment
    monkeypatch.setattr(beacon_module, "_SECONDS_WELL", 0.0)
    assert log_after(beacon, [204] * 2, caplog) == ["views count again; 3 did not"]


def test_a_disk_that_is_full_now_and_then_is_told_once(
    beacon: Client, config: Config, caplog: pytest.LogCaptureFixture
) -> None:
    folder = Path(config.views.spool)
    told = log_after(beacon, [204], caplog)
    for _ in range(5):
        shutil.rmtree(folder)
        time.sleep(0.002)  # no longer than that it goes on without a look
        told += log_after(beacon, [503], caplog)
        folder.mkdir()
        told += log_after(beacon, [204], caplog)
    assert len(told) == 1
