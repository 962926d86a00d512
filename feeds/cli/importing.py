"""`feeds import`: articles from files into the store."""

import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import click

from feeds.catalog import authority
from feeds.cli.configured import new_store, pass_config
from feeds.config import Config
from feeds.importers import (
    READERS,
    Accepted,
    Found,
    PageIds,
    Rejected,
    Source,
    Unread,
    find_files,
    is_page,
)
from feeds.model import Article
from feeds.store import Create, Saved, Store, open_store

_BATCH = 500


@dataclass
class Tally:
    """What an import has done so far."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    embargoed: int = 0
    next_release: datetime | None = None

    def add(self, saved: Saved) -> None:
        """Count a saved batch."""
        self.added += saved.added
        self.changed += saved.changed
        self.unchanged += saved.unchanged

    def see(self, article: Article, now: datetime) -> None:
        """Count an article that is not to be seen yet."""
        if article.status == "live" and article.published > now:
            self.embargoed += 1
            self.next_release = min(self.next_release or article.published, article.published)

    @property
    def accepted(self) -> int:
        """How many articles are in the store now that were in the files."""
        return self.added + self.changed + self.unchanged

    @property
    def exit_code(self) -> int:
        """0 if all went in, 1 if some were rejected, 2 if nothing could be read."""
        if self.rejected and not self.accepted:
            return 2
        return 1 if self.rejected else 0


@click.command("import", short_help="Read articles from files or folders.")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--section", help="The section of articles that name none.")
@click.option(
    "--folders",
    default=0,
    show_default=True,
    type=click.IntRange(0),
    metavar="N",
    help="How many folders above a page are part of its id.",
)
@new_store
@pass_config
def import_(
    config: Config,
    paths: tuple[Path, ...],
    section: str | None,
    folders: int,
    *,
    create: Create,
) -> None:
    """Read articles from files or folders: pages (.txt, .html) and JSON Lines (.jsonl).

    An article that is rejected is named with its file and line; the others go in.
    """
    with open_store(config.store, create) as store:
        tally = _Import(store, config, section, folders).run(find_files(paths, READERS))
    click.echo(
        f"{tally.added} new, {tally.changed} changed, {tally.unchanged} unchanged,"
        f" {tally.rejected} rejected"
    )
    if tally.next_release:
        until = tally.next_release.astimezone(config.site.zone).strftime("%Y-%m-%d %H:%M %Z")
        first = "" if tally.embargoed == 1 else ", the first of them"
        click.echo(f"{tally.embargoed} under embargo{first} until {until}")
    click.get_current_context().exit(tally.exit_code)


class _Import:
    """The way of articles from files into a store, and what is said of it."""

    def __init__(self, store: Store, config: Config, section: str | None, folders: int) -> None:
        self._store = store
        self._config = config
        self._section = section
        self._folders = folders
        self._now = datetime.now(UTC).replace(microsecond=0)
        self._tally = Tally()

    def run(self, found: Collection[Found | Unread]) -> Tally:
        """Save the articles in batches, one transaction each; say what is rejected."""
        articles = self._articles(found)
        while batch := list(islice(articles, _BATCH)):
            self._tally.add(self._store.articles.save(batch, authority(self._config)))
        return self._tally

    def _articles(self, found: Collection[Found | Unread]) -> Iterator[Article]:
        files = [each for each in found if isinstance(each, Found)]
        ids = PageIds(filter(is_page, files), self._folders)
        with click.progressbar(
            length=sum(file.size for file in files),
            label="Importing",
            file=sys.stderr,
            update_min_steps=1 << 16,
        ) as bar:
            for each in found:
                if isinstance(each, Unread):
                    self._reject(each.path, 0, each.reason)
                    continue
                for item, size in _read(each, self._source(each)):
                    bar.update(size)
                    yield from self._taken(each, item, ids)

    def _source(self, file: Found) -> Source:
        site = self._config.site
        name = file.name(self._folders)
        return Source(name, site.zone, site.url, self._now, self._section)

    def _taken(self, file: Found, item: Accepted | Rejected, ids: PageIds) -> Iterator[Article]:
        if isinstance(item, Rejected):
            self._reject(file.path, item.line, item.reason)
        elif doubt := ids.doubt(file, item.article.id):
            self._reject(file.path, item.line, doubt)
        else:
            for note in (*item.notes, *(self._replaced(item.article) if is_page(file) else ())):
                _say(file.path, item.line, f"article {item.article.id}: {note}")
            self._tally.see(item.article, self._now)
            yield self._as_held_before(item.article)

    def _replaced(self, article: Article) -> Iterator[str]:
        """Name the stored article that a page replaces, where it looks like another one."""
        stored = self._store.articles.get(article.id)
        if stored and stored.title != article.title and stored.published != article.published:
            date = stored.published.astimezone(self._config.site.zone).date()
            yield f'replaces "{stored.title}" of {date}; if that is another one, rename this page'

    def _as_held_before(self, article: Article) -> Article:
        """Keep the date at which a change in the future was held when it came first.

        Else importing again would change what nobody changed.
        """
        if article.updated != self._now:
            return article
        stored = self._store.articles.get(article.id)
        known = stored and replace(article, updated=stored.updated, guid=stored.guid) == stored
        return stored if stored and known else article

    def _reject(self, path: Path, line: int, reason: str) -> None:
        self._tally.rejected += 1
        _say(path, line, f"rejected: {reason}")


def _read(file: Found, source: Source) -> Iterator[tuple[Accepted | Rejected, int]]:
    """Read a file; with each article comes how many bytes were read for it."""
    reader = READERS.get(file.path.suffix.lower())
    if reader is None:
        yield Rejected(0, f"no reader for such a file; there are {', '.join(READERS)}"), 0
        return
    try:
        with file.path.open("rb") as stream:
            before = 0
            for item in reader(stream, source):
                yield item, stream.tell() - before
                before = stream.tell()
    except OSError as error:
        yield Rejected(0, f"cannot be read: {error.strerror}"), 0


def _say(path: Path, line: int, what: str) -> None:
    """Say something of a line of a file, or of all of it where the line is 0."""
    name = str(path) if str(path).isprintable() else ascii(str(path))[1:-1]
    said = f"{name}:{line}: {what}" if line else f"{name}: {what}"
    # A terminal shows the progress bar on the same line.
    click.echo(f"\r\x1b[2K{said}" if sys.stderr.isatty() else said, err=True)
