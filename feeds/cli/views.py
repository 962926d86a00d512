"""`feeds views`: readers out of access logs, and what editors keep out of the rankings."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import accumulate
from pathlib import Path

import click

from feeds.cli.configured import pass_config
from feeds.config import Config
from feeds.errors import FeedsError, LogError
from feeds.store import Store, open_store
from feeds.views import ArticleAddresses, LogImport, LogTally, Visitors


@click.group()
def views() -> None:
    """Import access logs; keep articles out of rankings."""


@views.command("import")
@click.argument("logs", nargs=-1, required=True, type=click.Path(path_type=Path))
@pass_config
def import_(config: Config, logs: tuple[Path, ...]) -> None:
    """Count the readers in access logs.

    The logs are those of nginx or Apache, in the combined format, plain or gzip. Lines that were
    imported before do not count again, even if the log has grown or was renamed; a log that was put
    together from others counts as a new one. Views by robots, staff and the like are left out. The
    config key views.addresses lists the addresses of articles.
    """
    tally = LogTally()
    with open_store(config.store, "never") as store:
        faults = _import(logs, store, config, tally)
    _tell(tally, faults)
    click.get_current_context().exit(_exit_code(tally, faults, logs))


@views.command()
@click.argument("article_id")
@click.option("--by", "editor", required=True, help="Who decides this.")
@click.option("--reason", default="", help="Why, for those who ask later.")
@pass_config
def block(config: Config, article_id: str, *, editor: str, reason: str) -> None:
    """Keep an article out of all rankings, from the next one on."""
    with open_store(config.store, "never") as store:
        if not store.articles.known([article_id]):
            raise FeedsError(f"there is no article {article_id}")
        store.rankings.block(article_id, editor, reason, datetime.now(UTC))
    click.echo(f"{article_id} is kept out of the rankings")


@views.command()
@click.argument("article_id")
@pass_config
def unblock(config: Config, article_id: str) -> None:
    """Let an article be ranked again."""
    with open_store(config.store, "never") as store:
        if not store.rankings.unblock(article_id):
            raise FeedsError(f"nobody kept {article_id} out of the rankings")
    click.echo(f"{article_id} is ranked again")


def _import(logs: Iterable[Path], store: Store, config: Config, tally: LogTally) -> list[LogError]:
    """Import logs one after the other, with a progress bar; give what was wrong with them."""
    addresses = ArticleAddresses(config.views.addresses)
    importer = LogImport(store, Visitors.of(store, config), addresses)
    sizes = {log: log.stat().st_size if log.is_file() else 0 for log in logs}
    with click.progressbar(length=sum(sizes.values()), label="Importing", file=sys.stderr) as bar:

        def move(start: int, read: int) -> None:
            bar.update(start + read - bar.pos)

        return list(_faults(sizes, importer, tally, move))


def _faults(
    sizes: Mapping[Path, int],
    importer: LogImport,
    tally: LogTally,
    move: Callable[[int, int], object],
) -> Iterator[LogError]:
    """Import logs; one that cannot be read does not keep back the others."""
    starts = accumulate(sizes.values(), initial=0)
    for (log, size), start in zip(sizes.items(), starts, strict=False):
        try:
            replace(importer, progress=partial(move, start)).run(log, tally)
        except LogError as fault:
            yield fault
        move(start, size)


def _tell(tally: LogTally, faults: Iterable[LogError]) -> None:
    click.echo(
        f"{tally.lines} new lines: {tally.views} views ({tally.left_out} left out),"
        f" {tally.other_pages} of other pages, {tally.unknown_articles} of unknown articles,"
        f" {tally.unreadable} unreadable"
    )
    if tally.first_fault:
        click.echo(f"the first unreadable line: {tally.first_fault}", err=True)
    for fault in faults:
        click.echo(f"feeds: {fault}", err=True)


def _exit_code(tally: LogTally, faults: Sequence[LogError], logs: Sequence[Path]) -> int:
    """0 if all was read, 1 if some was not, 2 if nothing could be read."""
    failed = len(faults)
    if failed == len(logs) or (tally.lines and tally.unreadable == tally.lines):
        return 2
    return 1 if failed or tally.unreadable else 0
