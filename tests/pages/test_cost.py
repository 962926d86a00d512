"""What a page costs does not grow with the paper."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from feeds.pages import Pages
from feeds.store import Store
from tests.paper import publish, record, settings
from tests.queries import statements

_SECTIONS = 12


@pytest.fixture
def pages(store: Store, tmp_path: Path) -> Pages:
    """Pages of a paper in which each of many sections has more articles than the front shows."""
    config = settings(tmp_path)
    many = (
        record(f"{n}", sections=[f"s{n % _SECTIONS}"], tags=["봄"]) for n in range(12 * _SECTIONS)
    )
    publish(many, store, config, tmp_path)
    return Pages(store, config)


def run_for(path: str, pages: Pages, store: Store) -> list[tuple[str, Any]]:
    """Draft a page; give the queries of articles and listings that this took."""
    with statements(store) as run:
        assert pages.find(path, datetime.now(UTC))
    return [(sql, values) for sql, values in run if sql.startswith("SELECT")]


def test_no_article_is_read_for_the_front_page_that_is_not_on_it(
    pages: Pages, store: Store
) -> None:
    queries = run_for("/", pages, store)
    read = [json.loads(values[0]) for sql, values in queries if "FROM articles" in sql]
    assert sum(map(len, read)) == 7 + 4 * _SECTIONS


@pytest.mark.parametrize(
    "path", ["/sections/s1", "/tags/봄", "/articles/1", "/feeds/", "/most-read"]
)
def test_no_page_asks_for_each_section_alone(path: str, pages: Pages, store: Store) -> None:
    assert len(run_for(path, pages, store)) < 30
