"""`feeds list` and `feeds quarantine`: what is published, and what is held back."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo

import click

from feeds.cli.configured import pass_config
from feeds.cli.tables import table
from feeds.config import Config
from feeds.store import Status, open_store


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@pass_config
def list_(config: Config, *, as_json: bool) -> None:
    """List all feeds: articles, last change, last check."""
    with open_store(config.store, "never") as store:
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
            "changed": _time(status.last_modified, config.site.zone),
            "verdict": _verdict(status, held_back[status.path]),
        }
        for status in statuses
    ]
    _show(rows, "Nothing is published yet.", as_json=as_json)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@pass_config
def quarantine(config: Config, *, as_json: bool) -> None:
    """List the articles held back, and why."""
    with open_store(config.store, "never") as store:
        rows = [
            {
                "article": held.article_id,
                "path": f"/feeds/{held.path}",
                "since": _time(held.since, config.site.zone),
                "reason": held.reason,
            }
            for held in store.documents.held_back()
        ]
    _show(rows, "No article is held back.", as_json=as_json)


def _verdict(status: Status, held_back: int) -> str:
    if status.fault is not None:
        return f"fault: {status.fault}"
    return f"ok, {held_back} held back" if held_back else "ok"


def _time(seconds: int | None, zone: tzinfo) -> str | None:
    return datetime.fromtimestamp(seconds, zone).isoformat() if seconds is not None else None


def _show(rows: Sequence[Mapping[str, object]], none: str, *, as_json: bool) -> None:
    if as_json:
        for row in rows:
            click.echo(json.dumps(row, ensure_ascii=False))
    elif rows:
        click.echo("\n".join(table([list(rows[0]), *(list(row.values()) for row in rows)])))
    else:
        click.echo(none)
