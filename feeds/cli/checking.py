"""`feeds check`: read feeds back and list their faults."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from feeds.cli.shared import json_lines, progress, read_config, shown
from feeds.config import Config
from feeds.entries import Make, entry_maker
from feeds.errors import FetchError, StoreFault
from feeds.http_client import fetch
from feeds.model import PAGES, Difference
from feeds.pages import Pages
from feeds.publish import differences_now
from feeds.rendition import Draft
from feeds.store import Status, Store, open_store
from feeds.verify import Finding, inspect

_WAITING = Finding("document", "waiting to be published")


@click.command()
@click.argument("places", nargs=-1, metavar="[FILE|URL]...")
@json_lines
@click.pass_context
def check(ctx: click.Context, places: tuple[str, ...], *, as_json: bool) -> None:
    """Check the published feeds and pages, or any other feed.

    Without arguments, all published documents are compared with their articles; changes that wait
    to be published are no faults. A FILE or URL may be any feed, and needs no config. Exits with 1
    if anything is wrong.
    """
    if places:
        findings = [(place, finding) for place in places for finding in _foreign(place)]
        checked = len(places)
    else:
        config = read_config(ctx.obj)
        with open_store(config.store, "never") as store:
            statuses = [*store.documents.statuses(), *store.documents.statuses(term=PAGES)]
            findings = [*_published(statuses, store, config)]
            checked = len(statuses)
    for place, finding in findings:
        _tell(place, finding, as_json=as_json)
    waiting = sum(finding is _WAITING for _, finding in findings)
    wrong = len(findings) - waiting
    if not as_json:
        also = f", {waiting} waiting to be published" if waiting else ""
        click.echo(f"{checked} checked, {wrong or 'nothing'} wrong{also}")
    ctx.exit(1 if wrong else 0)


def _published(
    statuses: Sequence[Status], store: Store, config: Config
) -> Iterator[tuple[str, Finding]]:
    make, pages = entry_maker(config), Pages(store, config)
    with progress("Checking", len(statuses)) as advance:
        for status in statuses:
            is_page = status.term == PAGES
            place = status.path if is_page else f"/feeds/{status.path}"
            if status.fault is not None:
                yield place, Finding("last publication", status.fault)
            try:
                if is_page:
                    findings = _of_page(status, pages, store)
                else:
                    findings = _of_feed(status, store, config, make)
            except StoreFault as fault:
                findings = [Finding("document", str(fault))]
            yield from ((place, finding) for finding in findings)
            advance(1)


def _of_page(status: Status, pages: Pages, store: Store) -> Sequence[Finding]:
    """Compare a page with its articles, unless its renewal is due or failed."""
    if status.fault is not None:
        return []
    draft = pages.find(status.path, datetime.now(UTC))
    document = store.documents.get(status.path)
    if not isinstance(draft, Draft) or draft.source != status.source or document is None:
        return [_WAITING]
    return list(map(_finding, draft.check(document.body, ())))


def _of_feed(status: Status, store: Store, config: Config, make: Make) -> Sequence[Finding]:
    """Compare a feed with its articles, unless their publication is due."""
    while True:
        version = store.documents.version()
        now = datetime.now(UTC)
        differences = differences_now(status, store, config, now, make)
        if differences and store.changes.awaits(status.term, config.fingerprint(), now):
            return [_WAITING]
        # Otherwise the articles may be newer than the document that was compared with them.
        if not differences or store.documents.version() == version:
            return list(map(_finding, differences))


def _finding(difference: Difference) -> Finding:
    where = f"article {difference.article_id}" if difference.article_id else "document"
    what = f"expected {difference.expected!r}, published {difference.found!r}"
    return Finding(where, f"{difference.field}: {what}")


def _foreign(place: str) -> tuple[Finding, ...]:
    try:
        if place.startswith(("http://", "https://")):
            found = fetch(place)
            return inspect(found.body, found.headers.get("Content-Type", ""))
        is_json = place.lower().endswith(".json")
        return inspect(Path(place).read_bytes(), "application/json" if is_json else "")
    except (FetchError, OSError) as error:
        reason = getattr(error, "strerror", None) or error
        return (Finding("document", f"cannot be read: {reason}"),)


def _tell(place: str, finding: Finding, *, as_json: bool) -> None:
    if as_json:
        line = {"place": place, "line": finding.line, "where": finding.where, "what": finding.what}
        # Foreign text: JSON allows some characters that a terminal acts upon.
        click.echo(
            shown(json.dumps({**line, "wrong": finding is not _WAITING}, ensure_ascii=False))
        )
    else:
        line_of = f"line {finding.line}: " if finding.line else ""
        click.echo(shown(f"{place}: {line_of}{finding.where}: {finding.what}"))
