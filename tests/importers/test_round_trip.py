"""A feed of this service, imported by another, is published there as it was."""

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest

from feeds.importers import FORMATS, Accepted, Source
from feeds.model import LATEST
from feeds.publish import publish_term
from feeds.sample.loading import load_sample
from feeds.store import open_store
from tests.newsroom import CONFIG, document, in_each_format
from tests.store.samples import HOST, NOW

PATHS = in_each_format("latest")
LATER = NOW + timedelta(days=1)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, bytes]]:
    """The newest articles of the sample in each format."""
    with open_store(f"sqlite:///{tmp_path_factory.mktemp('old') / 'newsroom.db'}") as store:
        load_sample(store, CONFIG, NOW)
        publish_term(LATEST, store, CONFIG, LATER)
        yield {path: document(store, path).body for path in PATHS}


def republished(content: bytes, form: str, folder: Path) -> dict[str, bytes]:
    """Import a feed into an empty store, and give what is published then."""
    source = Source("", CONFIG.site.zone, CONFIG.site.url)
    items = list(FORMATS[form].read(BytesIO(content), source))
    patches = [item.patch for item in items if isinstance(item, Accepted)]
    assert len(patches) == len(items)
    with open_store(f"sqlite:///{folder / 'newsroom.db'}") as store:
        store.articles.save(patches, HOST, LATER)
        publish_term(LATEST, store, CONFIG, LATER)
        return {path: document(store, path).body for path in PATHS}


@pytest.mark.parametrize(
    ("path", "form", "same"),
    [
        ("latest.rss", "rss", ["latest.rss"]),  # without the addresses of authors
        ("latest.atom", "atom", PATHS),
        ("latest.json", "jsonfeed", ["latest.json"]),  # sections have become tags
    ],
)
def test_a_feed_comes_out_as_it_went_in(
    published: dict[str, bytes], path: str, form: str, same: list[str], tmp_path: Path
) -> None:
    found = republished(published[path], form, tmp_path)
    assert [each for each in PATHS if found[each] == published[each]] == same
