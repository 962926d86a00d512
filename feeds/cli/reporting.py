"""`feeds status`, `feeds list` and `feeds quarantine`: whether all is well, feed by feed."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from feeds.cli.shared import iso_time, json_lines, open_paper, print_rows, read_config, shown
from feeds.feed_states import FeedState, feed_states
from feeds.health import health, publishing_health
from feeds.store import serving_store


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def status(ctx: click.Context, *, as_json: bool) -> None:
    """Say whether all is well.

    Otherwise, list each trouble with its time and advice, and exit with 1.
    """
    config = read_config(ctx.obj)
    with serving_store(config.store) as store:  # to find it away is an answer too
        found = health(store, config, datetime.now(UTC))
    troubles = found.troubles()
    if as_json:
        told = {"well": not troubles, "sentence": found.sentence()}
        told |= {"troubles": [each._asdict() for each in troubles], **asdict(found)}
        click.echo(json.dumps(told, ensure_ascii=False, default=datetime.isoformat))
    else:
        lines = [f"{trouble.sentence} {trouble.advice}" for trouble in troubles]
        click.echo("\n".join(map(shown, lines or [found.sentence()])))
    ctx.exit(1 if troubles else 0)


@click.command("list")
@click.option("--faulty", is_flag=True, help="Only the feeds that failed their last check.")
@click.option("--term", "text", default="", help="Only feeds with this text in path or title.")
@json_lines
@click.pass_obj
def list_(path: Path | None, *, faulty: bool, text: str, as_json: bool) -> None:
    """List all feeds, with their last change and their last check."""
    with open_paper(path) as (config, store):
        troubles = publishing_health(store, config, datetime.now(UTC)).troubles()
        states = feed_states(store, config, faulty=faulty, about=text)
    for trouble in troubles:
        click.echo(f"feeds: {trouble.sentence} {trouble.advice}", err=True)
    rows = [
        {
            "path": f"/feeds/{state.path}",
            "title": state.title,
            "articles": state.articles,
            "changed": state.changed and state.changed.isoformat(),
            "checked": state.checked.isoformat(),
            "verdict": _verdict(state),
        }
        for state in states
    ]
    none = "No feed matches." if faulty or text else "Nothing is published yet."
    print_rows(rows, none, as_json=as_json)


@click.command()
@json_lines
@click.pass_obj
def quarantine(path: Path | None, *, as_json: bool) -> None:
    """List the articles that are held back, with the reasons."""
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


def _verdict(state: FeedState) -> str:
    if state.fault is not None:
        return f"fault: {state.fault}"
    return f"ok, {state.held_back} held back" if state.held_back else "ok"
