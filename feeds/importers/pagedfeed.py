"""Documents from the web; of a paged feed (RFC 5005), one page after the other."""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from io import BytesIO
from urllib.parse import urlsplit

from feeds.errors import FetchError, NotFoundError
from feeds.http_client import fetch
from feeds.importers.sources import Accepted, Format, Item, NextPage, Rejected, Source

_MOST_PAGES = 10_000

FormOf = Callable[[bytes], Format | None]
"""Tells the format of a document by its content."""


def read_paged_feed(source: Source, form_of: FormOf, since: str | None) -> Iterator[Item]:
    """Read the document at the address that is the source's name, and the pages after it.

    Once all pages were read, the last item has the newest date as its position. With the position
    of an earlier import, the first page without a newer date is the last.
    """
    pages = _Pages(source, form_of, datetime.fromisoformat(since) if since else None)
    last: Item | None = None
    for item in pages.read():
        if last:
            yield last
        last = item
    if last:
        # From a date in the future, no news would be found for long.
        newest = min(pages.newest, datetime.now(UTC)) if pages.newest else None
        newest = newest if pages.are_complete else None
        yield replace(last, position=newest.isoformat()) if newest else last


@dataclass
class _Pages:
    """The pages of a source: the ids and the newest date of what was read of them."""

    source: Source
    form_of: FormOf
    since: datetime | None
    ids: set[str] = field(default_factory=set)
    newest: datetime | None = None
    are_complete: bool = False

    def read(self) -> Iterator[Item]:
        """Read all pages; one that cannot be read is rejected, and is the last."""
        page: NextPage | None = NextPage(self.source.name)
        visited = set[str]()
        while page and page.url not in visited and len(visited) < _MOST_PAGES:
            visited.add(url := page.url)
            try:
                page = yield from self._page(page)
            except FetchError as error:
                place = "" if len(visited) == 1 else f"{url} "
                yield Rejected(0, f"{place}cannot be read: {error}")
                return
        self.are_complete = True

    def _page(self, page: NextPage) -> Generator[Item, None, NextPage | None]:
        """Read a page, and give the next one; raises FetchError."""
        try:
            fetched = fetch(page.url)
        except NotFoundError:
            if page.is_guess:
                return None
            raise
        form = self.form_of(fetched.body)
        if form is None or form.is_page:
            raise FetchError("it is neither a feed nor in another format of --format")
        known, has_news = len(self.ids), self.since is None
        for item in form.read(BytesIO(fetched.body), replace(self.source, name=fetched.url)):
            has_news |= isinstance(item, Accepted) and self._is_news(item)
            yield item
        is_repeated = page.is_guess and len(self.ids) == known
        if is_repeated or not has_news or form.next_page is None:
            return None
        following = form.next_page(fetched.body, fetched.url)
        if following and urlsplit(following.url).netloc != urlsplit(fetched.url).netloc:
            raise FetchError(f"its next page is on another host: {following.url}")
        return following

    def _is_news(self, item: Accepted) -> bool:
        self.ids.add(item.patch.id)
        dates = [item.patch.given.get(key) for key in ("published", "updated")]
        newest = max(filter(None, dates), default=None)
        self.newest = max(filter(None, (self.newest, newest)), default=None)
        return bool(newest and self.since and newest > self.since)
