"""`feeds views`: readers out of access logs, and what editors keep out of the rankings."""

import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import click

from feeds.cli.configured import pass_config
from feeds.config import Config
from feeds.errors import FeedsError, LogError
from feeds.readership import ArticleAddresses, LogImport, LogTally, Visitors
from feeds.storage import Store, open_store


@click.group()
def views() -> None:
    """Count the readers of access logs; keep articles out of the rankings."""


@views.command("import")
@click.argument("logs", nargs=-1, required=True, type=click.Path(path_type=Path))
@pass_config
def import_(config: Config, logs: tuple[Path, ...]) -> None:
    """Count the readers in access logs of nginx or Apache, combined format, plain or gzip.

    What was imported before counts once, also of a log that has grown or was renamed since. Which
    addresses are articles says views.addresses in the config.
    """
    tally = LogTally()
    with open_store(config.store) as store:
        faults = _import(logs, store, config, tally)
    click.echo(
        f"{tally.lines} new lines: {tally.views} views, {tally.other_pages} of other pages,"
        f" {tally.unknown_articles} of unknown articles, {tally.unreadable} unreadable"
    )
    if tally.first_fault:
        click.echo(f"the first unreadable line: {tally.first_fault}", err=True)
    for fault in faults:
        click.echo(f"feeds: {fault}", err=True)
    click.get_current_context().exit(_exit_code(tally, faults, logs))


@views.command()
@click.argument("article_id")
@click.option("--by", "editor", required=True, help="Who decides this.")
@click.option("--reason", default="", help="Why, for those who ask later.")
@pass_config
def block(config: Config, article_id: str, *, editor: str, reason: str) -> None:
    """Keep an article out of all rankings, from the next one on."""
    with open_store(config.store) as store:
        if not store.articles.known([article_id]):
            raise FeedsError(f"there is no article {article_id}")
        store.rankings.block(article_id, editor, reason, datetime.now(UTC))
    click.echo(f"{article_id} is kept out of the rankings")


@views.command()
@click.argument("article_id")
@pass_config
def unblock(config: Config, article_id: str) -> None:
    """Let an article be ranked again."""
    with open_store(config.store) as store:
        if not store.rankings.unblock(article_id):
            raise FeedsError(f"nobody kept {article_id} out of the rankings")
    click.echo(f"{article_id} is ranked again")


def _import(logs: Iterable[Path], store: Store, config: Config, tally: LogTally) -> list[LogError]:
    """Import logs one after the other; one that cannot be read does not keep back the others."""
    visitors = Visitors.of(store, config)
    addresses = ArticleAddresses(config.views.addresses)
    sizes = {log: log.stat().st_size if log.is_file() else 0 for log in logs}
    faults, before = list[LogError](), 0
    with click.progressbar(length=sum(sizes.values()), label="Importing", file=sys.stderr) as bar:
        for log, size in sizes.items():
            start = before

            def progress(read: int, start: int = start) -> None:
                bar.update(start + read - bar.pos)

            try:
                LogImport(store, visitors, addresses, progress).run(log, tally)
            except LogError as fault:
                faults.append(fault)
            before += size
            bar.update(before - bar.pos)
    return faults


def _exit_code(tally: LogTally, faults: Iterable[LogError], logs: tuple[Path, ...]) -> int:
    """0 if all was read, 1 if some was not, 2 if nothing could be read."""
    failed = len(list(faults))
    if failed == len(logs) or (tally.lines and tally.unreadable == tally.lines):
        return 2
    return 1 if failed or tally.unreadable else 0
