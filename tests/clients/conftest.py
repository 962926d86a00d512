"""A service that real feed readers subscribe to."""

from collections.abc import Iterator

import pytest

from tests.paper import record, write_articles, write_config
from tests.processes import Running, free_port, imported, serving

TITLES = ("첫 소식", "둘째 소식 & 더", "셋째 소식")


@pytest.fixture(scope="package")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A service over a paper of three articles in one section."""
    folder, port = tmp_path_factory.mktemp("clients"), free_port()
    write_config(folder)
    records = [
        record(str(n), title=title, sections=["지역"], authors=[{"name": "이하늘"}])
        for n, title in enumerate(TITLES, 1)
    ]
    imported(folder, write_articles(folder / "a.jsonl", records))
    with serving(folder, port) as running:
        running.published("/feeds/sections/지역.atom")
        yield running
