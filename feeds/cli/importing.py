"""`feeds import`: articles from files into the store."""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import click

from feeds.catalog import authority
from feeds.cli.configured import pass_config
from feeds.config import Config
from feeds.importers import READERS, Accepted, Rejected, Source
from feeds.model import Article
from feeds.storage import Saved, Store, open_store

_BATCH = 500


@dataclass
class Tally:
    """What an import has done so far."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0

    def add(self, saved: Saved) -> None:
        """Count a saved batch."""
        self.added += saved.added
        self.changed += saved.changed
        self.unchanged += saved.unchanged

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


@click.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--section", help="The section of articles that name none.")
@pass_config
def import_(config: Config, paths: tuple[Path, ...], section: str | None) -> None:
    """Read articles from files or folders: pages (.txt, .html) and JSON Lines (.jsonl).

    An article that is rejected is named with its file and line; the others go in.
    """
    with open_store(config.store) as store:
        tally = import_files(_files(paths), store, config, section)
    click.echo(
        f"{tally.added} new, {tally.changed} changed, {tally.unchanged} unchanged,"
        f" {tally.rejected} rejected"
    )
    click.get_current_context().exit(tally.exit_code)


def import_files(
    files: Iterable[Path], store: Store, config: Config, section: str | None = None
) -> Tally:
    """Save the articles of files in batches, one transaction each; report what is rejected."""
    tally = Tally()
    articles = _articles(list(files), config, section, tally)
    while batch := list(islice(articles, _BATCH)):
        tally.add(store.articles.save(batch, authority(config)))
    return tally


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.suffix.lower() in READERS)
        else:
            yield path


def _articles(
    files: list[Path], config: Config, section: str | None, tally: Tally
) -> Iterator[Article]:
    length = sum(file.stat().st_size for file in files if file.is_file())
    with click.progressbar(
        length=length, label="Importing", file=sys.stderr, update_min_steps=1 << 16
    ) as bar:
        for path in files:
            source = Source(path.name, config.site.zone, config.site.url, section)
            for item, size in _read(path, source):
                bar.update(size)
                if isinstance(item, Accepted):
                    for note in item.notes:
                        _say(f"{path}:{item.line}: article {item.article.id}: {note}")
                    yield item.article
                else:
                    tally.rejected += 1
                    _say(f"{path}:{item.line}: rejected: {item.reason}")


def _read(path: Path, source: Source) -> Iterator[tuple[Accepted | Rejected, int]]:
    """Read a file; with each article comes how many bytes were read for it."""
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        yield Rejected(1, f"no reader for such a file; there are {', '.join(READERS)}"), 0
        return
    try:
        with path.open("rb") as stream:
            before = 0
            for item in reader(stream, source):
                yield item, stream.tell() - before
                before = stream.tell()
    except OSError as error:
        yield Rejected(1, f"cannot be read: {error.strerror}"), 0


def _say(line: str) -> None:
    # A terminal shows the progress bar on the same line.
    click.echo(f"\r\x1b[2K{line}" if sys.stderr.isatty() else line, err=True)
