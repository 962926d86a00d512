"""Tables for the terminal."""

from collections.abc import Iterator, Sequence
from unicodedata import east_asian_width

Row = Sequence[object]


def table(rows: Sequence[Row]) -> Iterator[str]:
    """Give the lines of a table; the first row is its head."""
    texts = [["–" if cell is None else str(cell) for cell in row] for row in rows]
    widths = [max(map(_width, column)) for column in zip(*texts, strict=True)]
    for row in texts:
        cells = (c + " " * (w - _width(c)) for c, w in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def _width(text: str) -> int:
    """Count terminal columns: Hangul and hanja take two (UAX 11)."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
