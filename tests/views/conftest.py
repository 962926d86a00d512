"""A paper with a few articles, its spool and its clock."""

from pathlib import Path

import pytest

from feeds.config import Config
from feeds.store import Store
from tests.paper import publish, record, settings


@pytest.fixture
def config(store: Store, tmp_path: Path) -> Config:
    """The settings of a paper that has the articles 1, 2 and 3."""
    made = settings(tmp_path)
    publish(map(record, "123"), store, made, tmp_path)
    return made


@pytest.fixture
def spooled(config: Config) -> Path:
    """The folder of its spools."""
    folder = Path(config.views.spool)
    folder.mkdir()
    return folder
