"""A service that parsers and real feed readers get their feeds from."""

from collections.abc import Iterator

import pytest

from tests.paper import PAGE, carried_over, write_articles, write_config
from tests.processes import Running, free_port, imported, serving


@pytest.fixture(scope="package")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A service over a store with the page, and with the seven articles of the page's list."""
    folder, port = tmp_path_factory.mktemp("paper"), free_port()
    write_config(folder)
    (folder / "article-page.txt").write_text(PAGE, "utf-8")
    imported(folder, "article-page.txt", "--section", "지역")
    imported(folder, write_articles(folder / "newsroom.jsonl", carried_over()))
    with serving(folder, port) as running:
        for section in ("지역", "사회"):
            running.published(f"/feeds/sections/{section}.json")
        yield running
