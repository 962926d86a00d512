"""`feeds views` and `feeds top`: readers from access logs, and the rankings by them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from feeds.catalog import RISING
from feeds.cli.shared import iso_time, open_paper, progress, table
from feeds.config import Config
from feeds.errors import FeedsError, LogError
from feeds.model import LATEST
from feeds.most_read import Top, count_readers, top_of
from feeds.ranking import EVER
from feeds.views import LogImport


@click.group()
def views() -> None:
    """Import access logs, or keep articles out of rankings."""


@views.command("import")
@click.argument("logs", nargs=-1, required=True, metavar="LOG...", type=click.Path(path_type=Path))
@click.pass_obj
def import_(path: Path | None, logs: tuple[Path, ...]) -> None:
    """Count the readers in access logs.

    Reads the combined format of nginx and Apache, plain or gzip. Lines that were imported before
    are not counted again, even if the log has grown or was renamed; but a log that was joined from
    others counts as new. Views by robots, staff and the like are left out. The config names the
    paths of articles under views.addresses.
    """
    logs = tuple(dict.fromkeys(logs))
    with open_paper(path) as (config, store):
        importer = LogImport(store, config)
        errors = _import(logs, importer)
    tally = importer.tally
    click.echo(
        f"{tally.lines} new lines: {tally.views} views ({tally.left_out} left out),"
        f" {tally.other_pages} of other pages, {tally.unknown_articles} of unknown articles,"
        f" {tally.unreadable} unreadable"
    )
    if tally.first_fault:
        click.echo(f"the first unreadable line: {tally.first_fault}", err=True)
    for error in errors:
        click.echo(f"feeds: {error}", err=True)
    nothing_read = len(errors) == len(logs) or 0 < tally.lines == tally.unreadable
    some_unread = errors or tally.unreadable
    click.get_current_context().exit(2 if nothing_read else 1 if some_unread else 0)


def _import(logs: Sequence[Path], importer: LogImport) -> Sequence[LogError]:
    """Import logs one after the other; one that cannot be read does not stop the others."""
    errors = []
    size = sum(log.stat().st_size for log in logs if log.is_file())
    with progress("Importing", size) as advance:
        for log in logs:
            try:
                importer.run(log, advance)
            except LogError as error:
                errors.append(error)
    return errors


@views.command()
@click.argument("article_id", metavar="ID")
@click.option("--by", "editor", required=True, metavar="NAME", help="Your name.")
@click.option("--reason", default="", help="The reason; `feeds top` shows it.")
@click.pass_obj
def block(path: Path | None, article_id: str, *, editor: str, reason: str) -> None:
    """Keep an article out of all rankings from now on."""
    with open_paper(path) as (_, store):
        if not store.articles.known([article_id]):
            raise FeedsError(f'no article has the id "{article_id}"')
        store.rankings.block(article_id, editor, reason, datetime.now(UTC))
    click.echo(f"{article_id} is kept out of the rankings")


@views.command()
@click.argument("article_id", metavar="ID")
@click.pass_obj
def unblock(path: Path | None, article_id: str) -> None:
    """Let an article be ranked again."""
    with open_paper(path) as (_, store):
        if not store.rankings.unblock(article_id):
            raise FeedsError(f"{article_id} is not kept out of the rankings")
    click.echo(f"{article_id} is ranked again")


@click.command()
@click.option("--window", help=f"A window of the config, such as 24h, or {RISING}.")
@click.option("--section", help="Only the articles of this section.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def top(path: Path | None, *, window: str | None, section: str | None, as_json: bool) -> None:
    """Show the most-read articles, and the views left out."""
    now = datetime.now(UTC)
    with open_paper(path) as (config, store):
        window = window or config.most_read.default
        windows = (*config.most_read.windows, RISING)
        if window not in windows:
            raise FeedsError(f"there is no window {window}; the windows are {', '.join(windows)}")
        term = store.articles.term("section", section) if section else LATEST
        if section and store.articles.name(term, now) is None:
            raise FeedsError(f"there is no section {section} with an article")
        with store.lock("ranking") as held:
            if held:  # otherwise another process is counting
                count_readers(store, config, now)
        found = top_of(term, window, store, config, now)
    if as_json:
        click.echo(json.dumps(asdict(found), ensure_ascii=False))
    else:
        _print_top(found, config)


def _print_top(found: Top, config: Config) -> None:
    if found.basis != found.window:
        ever = "all known readers, with those carried over"
        basis = ever if found.basis == EVER else f"readers in the last {found.basis}"
        click.echo(f"Too few articles were read in the last {found.window}; ranked by {basis}.")
    if found.articles:
        head = ("rank", "readers", "id", "title", "left out")
        rows = (
            (place.rank, place.readers, place.id, place.title, _reasons(place.left_out) or None)
            for place in found.articles
        )
        click.echo("\n".join(table([head, *rows])))
    else:
        rising = found.window == RISING
        click.echo("No article is rising." if rising else "No article was read often enough.")
    click.echo(f"\nLeft out in the whole newspaper: {_reasons(found.left_out) or 'nothing'}")
    for block in found.blocked:
        reason = f": {block.reason}" if block.reason else ""
        since = iso_time(block.since, config)
        click.echo(f"Kept out: {block.article_id} by {block.editor} since {since}{reason}")


def _reasons(views: Mapping[str, int]) -> str:
    ordered = sorted(views.items(), key=lambda each: (-each[1], each[0]))
    return ", ".join(f"{reason} {n}" for reason, n in ordered)
