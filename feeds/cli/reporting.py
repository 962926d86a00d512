"""`feeds list` and `feeds quarantine`: what is published, and what is held back."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import click

from feeds.cli.shared import iso_time, json_lines, open_paper, print_rows
from feeds.store import Status


@click.command("list")
@json_lines
@click.pass_obj
def list_(path: Path | None, *, as_json: bool) -> None:
    """List all feeds, with their last change and their last check."""
    with open_paper(path) as (config, store):
        held_back = Counter(held.path for held in store.documents.held_back())
        statuses = store.documents.statuses()
        health = store.publishing.health()
    trouble = health.trouble(datetime.now(UTC), config.site.zone)
    if trouble:
        click.echo(f"feeds: {trouble}", err=True)
    rows = [
        {
            "path": f"/feeds/{status.path}",
            "articles": status.entries,
            "changed": status.last_modified and iso_time(status.last_modified, config),
            "verdict": _verdict(status, held_back[status.path]),
        }
        for status in statuses
    ]
    print_rows(rows, "Nothing is published yet.", as_json=as_json)


@click.command()
@json_lines
@click.pass_obj
def quarantine(path: Path | None, *, as_json: bool) -> None:
    """List the articles that are held back, and why."""
    with open_paper(path) as (config, store):
        rows = [
            {
                "article": held.article_id,
                "path": f"/feeds/{held.path}",
                "since": iso_time(held.since, config),
                "reason": held.reason,
            }
            for held in store.documents.held_back()
        ]
    print_rows(rows, "No article is held back.", as_json=as_json)


def _verdict(status: Status, held_back: int) -> str:
    if status.fault is not None:
        return f"fault: {status.fault}"
    return f"ok, {held_back} held back" if held_back else "ok"
