"""CSV with a header whose columns are named like an article's keys, read one record at a time."""

import csv
from codecs import BOM_UTF8
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO

from feeds.errors import ArticleError
from feeds.importers.cells import keys_of, record_of_cells
from feeds.importers.jsonlines import LONGEST_LINE, read_line
from feeds.importers.record import read_item
from feeds.importers.sources import Item, Rejected, Source

_DELIMITERS = ",;\t"


def read_csv(stream: BinaryIO, source: Source) -> Iterator[Item]:
    """Read each record, which has the number of its first line.

    The delimiter is the character of `,`, `;` and tab that the header has most. An empty cell is an
    absent key, as CSV cannot tell it from null. If a column's name is wrong, the file is rejected.
    """
    csv.field_size_limit(LONGEST_LINE)  # of the whole process; nothing else in it reads CSV
    lines = _Lines(stream)
    try:
        header = next(lines, "")
        delimiter = max(_DELIMITERS, key=header.count)
        keys = keys_of(_next_row(csv.reader([header], delimiter=delimiter, strict=True)) or [])
    except ArticleError as error:
        yield Rejected(1, str(error))
        return
    rows = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        line = lines.number + 1
        try:
            row = _next_row(rows)
            if row is None:
                return
            if any(map(str.strip, row)):
                yield read_item(_record(keys, row), source, line)
        except ArticleError as error:
            yield Rejected(line, str(error))


class _Lines:
    """The lines of a file as text; `number` is that of the last one, from 1.

    A line that is too long raises ArticleError, and the next one can be read then: a generator
    would be at its end.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self.number = 0
        self._stream = stream
        self._encoding: str | None = None

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        self.number += 1
        line = read_line(self._stream)
        if not line:
            raise StopIteration
        if self.number == 1:
            line = line.removeprefix(BOM_UTF8)
        if self._encoding is None and not line.isascii():
            self._encoding = _encoding_of(line)
        if self._encoding == "cp949":
            return line.decode("cp949", "replace")  # old CMSs cut headlines within a character
        return line.decode("utf-8", "surrogateescape")


def _encoding_of(line: bytes) -> str:
    """Tell the encoding of a file by its first line that is not ASCII.

    A later line must not change it: a few syllables in cp949 can be UTF-8, too.
    """
    for encoding in ("utf-8", "cp949"):
        with suppress(UnicodeDecodeError):
            line.decode(encoding)
            return encoding
    return "utf-8"


def _next_row(rows: Iterator[list[str]]) -> list[str] | None:
    """Give the cells of the next record, none of a blank line; None at the end."""
    try:
        row = next(rows, None)
        "".join(row or ()).encode()
    except csv.Error as error:
        fault = str(error).partition(" - ")[0].replace("\t", r"\t")
        advice = 'put a cell in quotes if it has quotes or line ends, and write its quotes as ""'
        raise ArticleError(f"not CSV: {fault}; {advice}") from None
    except UnicodeEncodeError as error:
        byte = ord(error.object[error.start]) - 0xDC00
        raise ArticleError(f"not UTF-8 (a byte is 0x{byte:02X}); save the file as UTF-8") from None
    return row


def _record(keys: list[str], row: list[str]) -> dict[str, object]:
    if len(row) != len(keys):
        raise ArticleError(
            f"has {len(row)} cells, but the header has {len(keys)};"
            " put a cell in quotes if the delimiter is in it"
        )
    cells = zip(keys, row, strict=True)
    return record_of_cells({key: cell for key, cell in cells if cell.strip()})
