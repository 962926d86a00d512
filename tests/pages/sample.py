"""The sample newspaper as a newcomer serves it: `feeds serve --sample` beside the config.yaml."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from feeds.catalog import RISING
from feeds.config import load
from feeds.model import LATEST
from feeds.store import open_store
from tests.processes import Running, eventually, free_port, serving

_CONFIG = Path(__file__).parents[2] / "config.yaml"


@contextmanager
def sample(folder: Path) -> Iterator[Running]:
    """Serve it in a folder, once all that it publishes at its start is there."""
    config = load(Path(shutil.copy(_CONFIG, folder)))
    with serving(folder, free_port(), "--sample") as service:
        with open_store(config.store) as store:
            eventually(lambda: store.rankings.get(LATEST, RISING))
            eventually(lambda: store.changes.count() == 0)
        yield service
