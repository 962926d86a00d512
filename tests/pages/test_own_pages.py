"""A newspaper's own templates and style take the place of ours, one by one."""

from pathlib import Path

import pytest
from werkzeug.test import Client

from feeds.config import Config
from feeds.store import Store
from feeds.web import create_app
from tests.paper import publish, record, settings

MOST_READ = """{% extends "base.html" %}
{% import "parts.html" as parts with context %}
{% block main %}<h1>우리 신문의 순위</h1>{{ parts.ranks(stories) }}{% endblock %}"""
WRONG = """{% extends "base.html" %}{% block main %}<h1>기사가 없는 첫 화면</h1>{% endblock %}"""


@pytest.fixture
def config(tmp_path: Path) -> Config:
    own = tmp_path / "own"
    own.mkdir()
    (own / "most_read.html").write_text(MOST_READ, "utf-8")
    (own / "style.css").write_text("h1 { color: teal; }", "utf-8")
    return settings(tmp_path, pages="own")


def test_a_file_of_the_folder_replaces_ours_of_its_name(
    store: Store, config: Config, tmp_path: Path
) -> None:
    publish([record("1", views=5)], store, config, tmp_path)
    client = Client(create_app(store, config))
    assert "<h1>우리 신문의 순위</h1>" in client.get("/most-read").text
    assert client.get("/style.css").text == "h1 { color: teal; }"
    assert "whenRead" in client.get("/script.js").text
    assert '<h1 class="p-name">제목 1</h1>' in client.get("/articles/1").text


def test_a_template_that_leaves_articles_out_is_refused(
    store: Store, config: Config, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "own" / "front.html").write_text(WRONG, "utf-8")
    publish([record("1")], store, config, tmp_path)
    assert Client(create_app(store, config)).get("/").status_code == 500
    assert "/: not published: articles: expected" in caplog.text
