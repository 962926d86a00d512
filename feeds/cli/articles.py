"""`feeds import`: articles from files into the store."""

import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import click

from feeds.catalog import authority
from feeds.cli.shared import new_store, open_paper
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
from feeds.store import Create, Store

_BATCH = 500


@click.command("import", short_help="Import articles from files or folders.")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--section", help="The section of articles that name none.")
@click.option(
    "--folders",
    default=0,
    show_default=True,
    type=click.IntRange(0),
    metavar="N",
    help="How many of the folders above a page are part of its id.",
)
@new_store
@click.pass_obj
def import_(
    path: Path | None,
    paths: tuple[Path, ...],
    section: str | None,
    folders: int,
    *,
    create: Create,
) -> None:
    """Import articles from files or folders: pages (.txt, .html) and JSON Lines (.jsonl).

    A rejected article is reported with its file and line; the others are imported.
    """
    with open_paper(path, create) as (config, store):
        done = _Import(store, config, section, folders)
        done.run(find_files(paths, READERS))
    click.echo(
        f"{done.added} new, {done.changed} changed, {done.unchanged} unchanged,"
        f" {done.rejected} rejected"
    )
    if done.embargoes:
        until = min(done.embargoes).astimezone(config.site.zone).strftime("%Y-%m-%d %H:%M %Z")
        first = ", the first of them" if len(done.embargoes) > 1 else ""
        click.echo(f"{len(done.embargoes)} under embargo{first} until {until}")
    click.get_current_context().exit(done.exit_code)


@dataclass
class _Import:
    """An import: where articles go, and a count of them."""

    store: Store
    config: Config
    section: str | None
    folders: int
    now: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    embargoes: list[datetime] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """0 if all articles were imported, 1 if some were rejected, 2 if none was imported."""
        if not self.rejected:
            return 0
        return 1 if self.added + self.changed + self.unchanged else 2

    def run(self, found: Collection[Found | Unread]) -> None:
        """Save the articles of files in batches, one transaction each."""
        articles = self._articles(found)
        while batch := list(islice(articles, _BATCH)):
            saved = self.store.articles.save(batch, authority(self.config))
            self.added += saved.added
            self.changed += saved.changed
            self.unchanged += saved.unchanged

    def _articles(self, found: Collection[Found | Unread]) -> Iterator[Article]:
        files = [each for each in found if isinstance(each, Found)]
        ids = PageIds(filter(is_page, files), self.folders)
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
                    yield from self._accepted(each, item, ids)

    def _source(self, file: Found) -> Source:
        site = self.config.site
        return Source(file.name(self.folders), site.zone, site.url, self.now, self.section)

    def _accepted(self, file: Found, item: Accepted | Rejected, ids: PageIds) -> Iterator[Article]:
        if isinstance(item, Rejected):
            self._reject(file.path, item.line, item.reason)
            return
        article = item.article
        if doubt := ids.doubt(file, article.id):
            self._reject(file.path, item.line, doubt)
            return
        # Looked up only where it matters: most imports bring many articles that are new.
        now_changed = article.updated == self.now
        stored = self.store.articles.get(article.id) if is_page(file) or now_changed else None
        notes = list(item.notes)
        if is_page(file) and stored and _is_another(article, stored):
            date = stored.published.astimezone(self.config.site.zone).date()
            notes.append(
                f'replaces "{stored.title}" of {date}; if that is another article, rename this page'
            )
        for note in notes:
            _report(file.path, item.line, f"article {article.id}: {note}")
        if article.status == "live" and article.published > self.now:
            self.embargoes.append(article.published)
        # A change in the future is held at the import that brought it, so that importing the same
        # article again changes nothing.
        yield stored if stored and now_changed and _is_held(article, stored) else article

    def _reject(self, path: Path, line: int, reason: str) -> None:
        self.rejected += 1
        _report(path, line, f"rejected: {reason}")


def _is_another(article: Article, stored: Article) -> bool:
    return article.title != stored.title and article.published != stored.published


def _is_held(article: Article, stored: Article) -> bool:
    return replace(article, updated=stored.updated, guid=stored.guid) == stored


def _read(file: Found, source: Source) -> Iterator[tuple[Accepted | Rejected, int]]:
    """Read a file; with each article comes the number of bytes that were read for it."""
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


def _report(path: Path, line: int, message: str) -> None:
    """Print a message about a line of a file, or about the whole file where the line is 0."""
    name = str(path) if str(path).isprintable() else ascii(str(path))[1:-1]
    text = f"{name}:{line}: {message}" if line else f"{name}: {message}"
    # A terminal shows the progress bar on the same line.
    click.echo(f"\r\x1b[2K{text}" if sys.stderr.isatty() else text, err=True)
