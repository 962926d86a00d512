"""What a terminal shows: tables, foreign text, how far a command is."""

import json
import sys
import time
from collections.abc import Iterator, Sequence
from typing import TypeVar
from unicodedata import east_asian_width

import click

T = TypeVar("T")
Row = Sequence[object]

_SECONDS_BETWEEN_LINES = 10.0


def table(rows: Sequence[Row]) -> Iterator[str]:
    """Give the lines of a table; the first row is its head."""
    texts = [["–" if cell is None else shown(str(cell)) for cell in row] for row in rows]
    widths = [max(map(_width, column)) for column in zip(*texts, strict=True)]
    for row in texts:
        cells = (c + " " * (w - _width(c)) for c, w in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def shown(text: str) -> str:
    r"""Show characters that a terminal would act upon as JSON escapes: `\u001b`, `\n`."""
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)


def _width(text: str) -> int:
    """Count terminal columns: Hangul and hanja take two (UAX 11)."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def progress(
    items: Sequence[T], label: str, seconds: float = _SECONDS_BETWEEN_LINES
) -> Iterator[T]:
    """Give items, and say on stderr how many are done; nothing where that is soon."""
    if sys.stderr.isatty():
        with click.progressbar(items, label=label, file=sys.stderr) as bar:
            yield from bar
        return
    told = time.monotonic()
    for done, item in enumerate(items):
        if time.monotonic() - told >= seconds:
            click.echo(f"{label}: {done} of {len(items)}", err=True)
            told = time.monotonic()
        yield item
