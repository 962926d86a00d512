"""`feeds import`: articles from files into the store."""

import sys
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
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
from feeds.store import Create, Outcome, Saved, Store

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
    counts = done.counts
    click.echo(
        f"{counts['new']} new, {counts['changed']} changed, {counts['unchanged']} unchanged,"
        f" {counts['rejected']} rejected"
    )
    if done.embargoes:
        until = min(done.embargoes).astimezone(config.site.zone).strftime("%Y-%m-%d %H:%M %Z")
        first = ", the first of them" if len(done.embargoes) > 1 else ""
        click.echo(f"{len(done.embargoes)} under embargo{first} until {until}")
    click.get_current_context().exit(done.exit_code)


@dataclass
class _Import:
    """An import: its settings, and the number of articles by outcome."""

    store: Store
    config: Config
    section: str | None
    folders: int
    now: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    counts: Counter[Outcome] = field(default_factory=Counter)
    embargoes: list[datetime] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """0 if all articles were imported, 1 if some were rejected, 2 if none was imported."""
        if not self.counts["rejected"]:
            return 0
        return 1 if self.counts.total() > self.counts["rejected"] else 2

    def run(self, found: Collection[Found | Unread]) -> None:
        """Save the articles of files in batches, one transaction each."""
        accepted = self._accepted(found)
        while batch := list(islice(accepted, _BATCH)):
            patches = [each.patch for _, each in batch]
            saved = self.store.articles.save(patches, authority(self.config), self.now)
            for (file, each), result in zip(batch, saved, strict=True):
                self._count(file, each, result)

    def _accepted(self, found: Collection[Found | Unread]) -> Iterator[tuple[Found, Accepted]]:
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
                    if isinstance(item, Rejected):
                        self._reject(each.path, item.line, item.reason)
                    elif doubt := ids.doubt(each, item.patch.id):
                        self._reject(each.path, item.line, doubt)
                    else:
                        yield each, item

    def _source(self, file: Found) -> Source:
        site = self.config.site
        return Source(file.name(self.folders), site.zone, site.url, self.section)

    def _count(self, file: Found, item: Accepted, saved: Saved) -> None:
        if saved.article is None:
            self._reject(file.path, item.line, f"article {saved.id}: {'; '.join(saved.notes)}")
            return
        self.counts[saved.outcome] += 1
        notes = [*item.notes, *saved.notes]
        before, article = saved.before, saved.article
        if is_page(file) and before and _is_another(article, before):
            date = before.published.astimezone(self.config.site.zone).date()
            notes.append(
                f'replaces "{before.title}" of {date}; if that is another article, rename this page'
            )
        for note in notes:
            _report(file.path, item.line, f"article {article.id}: {note}")
        if article.status == "live" and article.published > self.now:
            self.embargoes.append(article.published)

    def _reject(self, path: Path, line: int, reason: str) -> None:
        self.counts["rejected"] += 1
        _report(path, line, f"rejected: {reason}")


def _is_another(article: Article, before: Article) -> bool:
    return article.title != before.title and article.published != before.published


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
