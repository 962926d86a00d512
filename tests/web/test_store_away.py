"""What readers get while the store cannot be reached, and afterwards."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.test import Client

from feeds.config import Config
from feeds.errors import StoreError
from feeds.store import Store, open_store
from feeds.web import Shelf
from feeds.web.answer import Answer
from feeds.web.shelf import path_info_of
from tests.paper import publish, record, settings
from tests.web.conftest import shelf_of


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return settings(tmp_path)


@pytest.fixture
def store(config: Config, tmp_path: Path) -> Iterator[Store]:
    with open_store(config.store) as opened:
        publish([record("1", sections=["지역"])], opened, config, tmp_path)
        yield opened


class Away:
    """The store's files put aside while connections are open; nothing may take their place."""

    def __init__(self, folder: Path) -> None:
        self._files = sorted(folder.glob("newsroom.db*"))
        self._folder = folder

    def __enter__(self) -> None:
        for file in self._files:
            file.rename(file.with_name(f"away-{file.name}"))

    def __exit__(self, *_: object) -> None:
        assert not (self._folder / "newsroom.db").exists()
        for file in self._files:
            file.with_name(f"away-{file.name}").rename(file)


def test_what_is_in_memory_is_served_while_the_store_is_away_and_the_rest_after(
    front: Client, shelf: Shelf, store: Store, tmp_path: Path
) -> None:
    warm = front.get("/feeds/latest.rss")
    with Away(tmp_path):
        with pytest.raises(StoreError):
            shelf.refresh()
        again = front.get("/feeds/latest.rss")
        assert (again.status_code, again.data) == (200, warm.data)
        cold = front.get("/feeds/latest.atom")
        assert (cold.status_code, cold.headers["Retry-After"]) == (503, "30")
        ready = front.get("/readyz")
        assert (ready.status_code, ready.headers["Retry-After"]) == (503, "30")
        assert front.get("/healthz").status_code == 200
    shelf.refresh()
    assert front.get("/feeds/latest.atom").status_code == 200
    assert front.get("/readyz").status_code == 200


def test_memory_holds_what_was_wanted_last_up_to_a_number_of_bytes(
    store: Store, config: Config
) -> None:
    sizes = {}
    for path in ("latest.rss", "latest.atom", "latest.json"):
        answer = shelf_of(store, config).read(path_info_of(path))
        assert isinstance(answer, Answer)
        sizes[path] = answer.size
    room_for_two = sum(sizes.values()) + 2 * 8_000
    shelf = shelf_of(store, config, room_for_two)
    for path in ("latest.rss", "latest.atom", "latest.rss", "latest.json"):
        shelf.read(path_info_of(path))
    held = [path for path in sizes if shelf.held(path_info_of(path))]
    assert held == ["latest.rss", "latest.json"]
