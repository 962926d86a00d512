"""A value in the store that a hand damaged stops only itself."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest
from click.testing import CliRunner
from pytest_httpserver import HTTPServer
from werkzeug.test import Client

from feeds.cli import main
from feeds.store import Store
from feeds.web import create_app
from feeds.web.wsgi import Front
from feeds.worker import rank
from tests.newsroom import database
from tests.paper import publish, record, settings
from tests.processes import eventually
from tests.push.news import Listener, configure, pushing
from tests.web.conftest import front_of

NOTES = (
    "clock",
    "totals",
    "released",
    "latest touch",
    "publishing heard of",
    "publishing fails",
    "published versions",
    *(f"lease of {task}" for task in ("publishing", "ranking", "pushing")),
)
NOTE = "INSERT INTO notes VALUES ('{}', '?') ON CONFLICT (key) DO UPDATE SET value = '?'"
RECEIVER = "'http://[::1', 'latest.rss', 'x', 0, 0, 0, NULL, NULL, 864000, 9999999999, NULL, NULL"
# What a hand did to the store, each time in some statements of SQL.
DAMAGES = {
    "metadata": [*map(NOTE.format, NOTES)],
    "a document without bytes": [
        "DELETE FROM representations WHERE path = 'sections/지역.rss' AND coding = 'identity'",
        "UPDATE documents SET version = version + 1 WHERE path = 'sections/지역.rss'",
    ],
    "rows of nothing": [
        "DELETE FROM articles WHERE id = '1'",
        "INSERT INTO touched VALUES ('planet', 'mars', 5, NULL)",
        "INSERT INTO listings VALUES ('2', 'planet', 'mars', 'Mars', 5, 0)",
        "INSERT INTO moves VALUES ('latest', '', 'x', 'x', 'X')",
        f"INSERT INTO receivers VALUES ('subscriber', {RECEIVER})",
    ],
}
LOSES_BYTES = DAMAGES["a document without bytes"]
BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
COMMANDS = ("status", "list", "top", "quarantine", "subscribers", "check")


def read(front: Front, address: str) -> None:
    """Let a reader open both articles."""
    for article in "12":
        environ = {"REMOTE_ADDR": address}
        sent = Client(front).post(f"/views/{article}", headers=BROWSER, environ_base=environ)
        assert sent.status_code == 204


@pytest.mark.parametrize(
    ("store_url", "damage"),
    [*product(("sqlite", "postgresql"), DAMAGES.values())],
    ids=[*map(": ".join, product(("SQLite", "PostgreSQL"), DAMAGES))],
    indirect=["store_url"],
)
def test_a_damaged_value_stops_only_itself(
    store: Store, store_url: str, damage: Sequence[str], tmp_path: Path, httpserver: HTTPServer
) -> None:
    listener = Listener(httpserver, lambda request: request.get_data(as_text=True))
    hook = {"url": listener.url, "on": ["published"], "secret": "whsec_" + "A" * 32}
    parts = {"store": store_url, "hooks": [hook], "most_read": {"minimum_readers": 1}}
    config = settings(tmp_path, **parts)
    publish([record("1", views=5), record("2", sections=["지역"])], store, config, tmp_path)
    configure(store, config)
    running = front_of(store, config)
    assert "제목 2" in Client(running).get("/feeds/latest.rss").text
    assert Client(running).get("/feeds/sections/지역.rss").status_code == 200
    read(running, "192.0.2.1")
    assert rank(store, config)
    with database(store) as connection:
        for statement in damage:
            assert connection.exec_driver_sql(statement).rowcount > 0, statement

    running.cache.refresh()
    read(running, "192.0.2.2")
    now = datetime.now(UTC) - timedelta(minutes=1)
    publish([record("new", published=now.isoformat())], store, config, tmp_path)
    assert rank(store, config)
    with pushing(store, config):
        eventually(lambda: any("제목 new" in told for told in listener.heard))
    running.cache.refresh()
    assert "제목 new" in Client(running).get("/feeds/latest.rss").text
    assert Client(running).get("/feeds/sections/지역.rss").status_code == 200
    new = Client(front_of(store, config)).get("/feeds/sections/지역.rss")
    assert new.status_code == (503 if damage is LOSES_BYTES else 200)
    assert store.readers.of(["2"], 24)["2"] == 2
    desk = create_app(store, config, "secret").test_client()
    form = {"name": "김편집", "token": "secret"}
    desk.post("/staff/login", data=form, headers={"Sec-Fetch-Site": "same-origin"})
    for path in ("/", "/sitemap.xml", "/sitemaps/1.xml", "/metrics", "/staff"):
        assert desk.get(path).status_code == 200, path
    assert "ready" in desk.get("/readyz").json
    for command in COMMANDS:
        arguments = ["--config", str(tmp_path / "config.yaml"), command]
        done = CliRunner().invoke(main, arguments, catch_exceptions=False)
        assert done.exit_code in (0, 1), done.output
    if damage is LOSES_BYTES:
        assert "the bytes of sections/지역.rss are missing" in done.output


def test_a_value_of_an_unknown_form_is_logged_once(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with database(store) as connection:
        note = NOTE.format("publishing heard of").replace("?", tmp_path.name)
        connection.exec_driver_sql(note)
    assert [store.publishing.heard(), store.publishing.heard()] == [None, None]
    assert caplog.text.count(tmp_path.name) == 1
