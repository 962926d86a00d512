"""What commands share: the config and the store they work on, and output to a terminal."""

import json
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from unicodedata import east_asian_width

import click

from feeds.config import Config, find, load
from feeds.store import Create, Store, open_store

T = TypeVar("T")

_SECONDS_BETWEEN_LINES = 10.0

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


def local_time(at: datetime | int | None, config: Config) -> str | None:
    """Write a time, or seconds since 1970, in the paper's zone."""
    if at is None:
        return None
    zone = config.site.zone
    local = at.astimezone(zone) if isinstance(at, datetime) else datetime.fromtimestamp(at, zone)
    return local.strftime("%Y-%m-%d %H:%M:%S %Z")


def shown(text: str) -> str:
    r"""Escape the characters that a terminal would act upon, as in JSON: `\u001b`, `\n`."""
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)


def _width(text: str) -> int:
    """Count terminal columns: Hangul and hanja take two (UAX 11)."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def progress(
    items: Sequence[T], label: str, seconds: float = _SECONDS_BETWEEN_LINES
) -> Iterator[T]:
    """Give items, and show on stderr how many are done: a bar, or a line every few seconds."""
    if sys.stderr.isatty():
        with click.progressbar(items, label=label, file=sys.stderr) as bar:
            yield from bar
        return
    printed = time.monotonic()
    for done, item in enumerate(items):
        if time.monotonic() - printed >= seconds:
            click.echo(f"{label}: {done} of {len(items)}", err=True)
            printed = time.monotonic()
        yield item
