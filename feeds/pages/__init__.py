"""Pages for people, and lists for machines: which there are, how each is made, checked and kept.

A page takes the road of the feeds: it is drafted as data, written only if its data changed, and
read back before anyone can fetch it. The worker keeps the pages that most readers open; the others
are made when they are first asked for.
"""

import re
from collections.abc import Callable, Iterator
from datetime import datetime

from feeds.catalog import RISING
from feeds.config import Config
from feeds.entries import entry_maker
from feeds.errors import StoreError
from feeds.model import PAGES, Difference
from feeds.pages import maps
from feeds.pages.about import all_feeds, one_feed
from feeds.pages.article import Elsewhere, Withdrawn, article
from feeds.pages.lists import front, listing, ranked
from feeds.pages.paper import HTML, Paper
from feeds.pages.templates import ASSETS, Templates
from feeds.publish import renew
from feeds.rendition import Draft
from feeds.store import Store

__all__ = ["HTML", "Elsewhere", "Pages", "Templates", "Withdrawn"]

Answer = Draft | Elsewhere | Withdrawn | None
Route = tuple[re.Pattern[str], Callable[..., Answer]]

_ROUTES: tuple[Route, ...] = (
    (re.compile(r"/"), front),
    (re.compile(r"/(sections|authors|tags)/([^/]+)(?:/([1-9][0-9]{0,5}))?"), listing),
    (re.compile(r"/most-read(?:/([^/]+))?"), ranked),
    (re.compile(r"/articles/(.+)", re.DOTALL), article),
    (re.compile(r"/feeds/"), all_feeds),
    (re.compile(r"/feeds(?:/(authors|tags))?\.opml"), maps.opml),
    (re.compile(r"/sitemap\.xml"), maps.sitemap_index),
    (re.compile(r"/sitemaps/([1-9]\d{0,5})\.xml"), maps.sitemap),
    (re.compile(r"/news-sitemap\.xml"), maps.news_sitemap),
    (re.compile(r"/robots\.txt"), maps.robots),
    (re.compile(r"/feeds/((?:.*/)?[^/.]+)"), one_feed),
    (re.compile(rf"/({'|'.join(map(re.escape, ASSETS))})"), lambda paper, name: paper.asset(name)),
)


class Pages:
    """The pages of one paper. Raises StoreError while the store is away."""

    def __init__(self, store: Store, config: Config) -> None:
        self._store = store
        self._config = config
        self.templates = Templates(config)
        self._make = entry_maker(config)
        self._kept: tuple[str, int] | None = None
        self._latest: tuple[object, Paper] | None = None

    def find(self, path: str, now: datetime) -> Answer:
        """Draft what an address shows, from its decoded path; None if there is nothing.

        Raises ArticleError for an article that feeds cannot carry.
        """
        return _find(self._paper(now), path)

    def search(self, text: str, now: datetime) -> bytes:
        """Write the page of the feeds whose titles have a text."""
        return all_feeds(self._paper(now), text).write(())

    def are_current(self) -> bool:
        """Say whether nothing has changed since the kept pages were renewed."""
        return self._store.state() == self._kept

    def keep(self, now: datetime) -> None:
        """Renew the kept pages; the caller holds the pages lock."""
        state = self._store.state()
        paper = self._paper(now)
        found = {path: _drafted(path, paper) for path in _kept(paper)}
        drafts = {path: draft for path, draft in found.items() if isinstance(draft, Draft)}
        known = {each.path: each for each in self._store.documents.statuses(term=PAGES)}
        if gone := sorted(known.keys() - drafts.keys()):
            self._store.documents.remove(gone, now)
        renew(drafts, known, self._store, now)
        self._kept = state

    def _paper(self, now: datetime) -> Paper:
        """Give the paper of this second: pages share its sections and most-read articles."""
        moment = self._store.state(), int(now.timestamp())
        if self._latest is None or self._latest[0] != moment:
            paper = Paper(self._store, self._config, self.templates, self._make, now)
            self._latest = moment, paper
        return self._latest[1]


def _find(paper: Paper, path: str) -> Answer:
    for pattern, make in _ROUTES:
        if found := pattern.fullmatch(path):
            return make(paper, *found.groups()) if "\0" not in path else None
    return None


def _drafted(path: str, paper: Paper) -> Answer:
    """Draft a kept page; one that cannot be drafted is one that cannot be written."""
    try:
        return _find(paper, path)
    except StoreError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever one page does, the others are renewed
        fault = Difference("document", "a page", f"cannot be written: {error!r}")
        return Draft(HTML, "", lambda _: b"", lambda *_: (fault,))


def _kept(paper: Paper) -> Iterator[str]:
    """Name the pages that the worker keeps."""
    yield from ("/", "/most-read")
    yield from (f"/most-read/{window}" for window in (*paper.config.most_read.windows, RISING))
    yield from (f"/{term.path}" for term in paper.sections)
