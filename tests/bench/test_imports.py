"""The bare minimum stores what the import stores, so that it does comparable work."""

import subprocess
from pathlib import Path

import pytest

from feeds.store import Store, open_store
from tests.bench.bare import TABLES
from tests.bench.imports import bare_import, write_lines
from tests.paper import write_config
from tests.processes import imported

ARTICLES = 40


@pytest.mark.parametrize("store_url", ["sqlite", "postgresql"], indirect=True)
def test_the_bare_minimum_leaves_the_rows_of_an_import(store_url: str, tmp_path: Path) -> None:
    file = write_lines(tmp_path / "articles.jsonl", ARTICLES)
    write_config(tmp_path, store=store_url)
    with open_store(store_url) as store:
        subprocess.run(bare_import(file, store_url), check=True)
        bare = _taken_out(store)
        imported(tmp_path, file)
        assert _taken_out(store) == bare
    assert len(bare["articles"]) == ARTICLES


def _taken_out(store: Store) -> dict[str, list[str]]:
    """Give the rows of both tables, and delete them."""
    rows = {}
    with store._database.writing() as connection:
        for table, columns in TABLES.items():
            found = connection.exec_driver_sql(f"SELECT {', '.join(columns)} FROM {table}")
            rows[table] = sorted(map(repr, found))
            connection.exec_driver_sql(f"DELETE FROM {table}")
    return rows
