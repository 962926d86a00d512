"""What commands share: the config and the store they work on, and output to a terminal."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import repeat
from pathlib import Path
from unicodedata import east_asian_width

import click

from feeds.config import Config, find, load
from feeds.store import Create, Store, open_store

_SECONDS_BETWEEN_LINES = 10.0
_SECONDS_BETWEEN_FRAMES = 0.1

json_lines = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object on each line."
)
new_store = click.option(
    "--new-store",
    "create",
    flag_value="anew",
    default="first",
    help="Start an empty store in place of one that is gone.",
)


def read_config(path: Path | None) -> Config:
    """Read the config that `--config`, FEEDS_CONFIG or the folder names; raises ConfigError."""
    found = find(path, os.environ)
    config = load(found, os.environ)
    # The processes that a command starts read the same file.
    os.environ["FEEDS_CONFIG"] = str(found.absolute())
    return config


@contextmanager
def open_paper(path: Path | None, create: Create = "never") -> Iterator[tuple[Config, Store]]:
    """Read the config as `read_config` does, and open its store; raises StoreError too."""
    config = read_config(path)
    with open_store(config.store, create) as store:
        yield config, store


def print_rows(rows: Sequence[Mapping[str, object]], none: str, *, as_json: bool) -> None:
    """Print rows as a table, or each as a line of JSON; `none` is printed in place of no rows."""
    if as_json:
        for row in rows:
            click.echo(json.dumps(row, ensure_ascii=False))
    elif rows:
        click.echo("\n".join(table([list(rows[0]), *(list(row.values()) for row in rows)])))
    else:
        click.echo(none)


def table(rows: Sequence[Sequence[object]]) -> Iterator[str]:
    """Give the lines of a table; the first row is its head."""
    texts = [["–" if cell is None else shown(str(cell)) for cell in row] for row in rows]
    widths = [max(map(_width, column)) for column in zip(*texts, strict=True)]
    for row in texts:
        cells = (c + " " * (w - _width(c)) for c, w in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def iso_time(at: datetime | int, config: Config) -> str:
    """Write a time, or seconds since 1970, in the paper's zone (RFC 3339)."""
    seconds = at if isinstance(at, int) else int(at.timestamp())
    return datetime.fromtimestamp(seconds, config.site.zone).isoformat()


def shown(text: str) -> str:
    r"""Escape the characters that a terminal would act upon, as in JSON: `\u001b`, `\n`."""
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)


def _width(text: str) -> int:
    """Count terminal columns: Hangul and hanja take two (UAX 11)."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


@contextmanager
def progress(
    label: str,
    length: int | None,
    note: Callable[[], str] = str,
    seconds: float = _SECONDS_BETWEEN_LINES,
) -> Iterator[Callable[[int], None]]:
    """Show the progress of work on stderr: a bar, or without a terminal a line every few seconds.

    Gives a function to call with the number of steps done. The length is None if it is unknown;
    `note` gives a text beside the bar.
    """
    is_terminal = sys.stderr.isatty()
    bar = click.progressbar(
        repeat(None) if length is None else None,
        length=length,
        label=label,
        file=sys.stderr,
        item_show_func=lambda _: note(),
        hidden=not is_terminal,
    )
    pause = _SECONDS_BETWEEN_FRAMES if is_terminal else seconds
    done, waiting, shown_at = 0, 0, time.monotonic()

    def advance(steps: int) -> None:
        nonlocal done, waiting, shown_at
        done, waiting = done + steps, waiting + steps
        if time.monotonic() - shown_at < pause:
            return
        if is_terminal:
            bar.update(waiting)
        else:
            share = "" if length is None else f"{min(100, done * 100 // max(length, 1))} %"
            click.echo(f"{label}: {', '.join(filter(None, (share, note())))}", err=True)
        waiting, shown_at = 0, time.monotonic()

    with bar:
        yield advance
        bar.update(waiting)
