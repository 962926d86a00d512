"""JSON Lines: one article a line, read one line at a time, however large the file."""

import json
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Iterator
from itertools import count
from typing import Any, BinaryIO, NoReturn

from feeds.errors import ArticleError
from feeds.importers.record import read_item
from feeds.importers.sources import Item, Rejected, Source
from feeds.text import quoted

LONGEST_LINE = 16 * 2**20


def read_jsonlines(stream: BinaryIO, source: Source) -> Iterator[Item]:
    """Read each line that is not blank; lines count from 1."""
    for number in count(1):
        try:
            line = read_line(stream)
            if not line:
                return
            if number == 1:
                line = line.removeprefix(BOM_UTF8)
            if line.strip():
                yield read_item(read_object(line), source, number)
        except ArticleError as error:
            yield Rejected(number, str(error))


def read_line(stream: BinaryIO) -> bytes:
    """Read a line; it is empty at the end of the file.

    A line of more than 16 MiB is passed over in pieces and raises ArticleError.
    """
    line = stream.readline(LONGEST_LINE + 1)
    if len(line) > LONGEST_LINE and not line.endswith(b"\n"):
        while (piece := stream.readline(LONGEST_LINE)) and not piece.endswith(b"\n"):
            pass
        raise ArticleError("the line is longer than 16 MiB; an article is far shorter")
    return line


def read_object(line: bytes) -> dict[str, Any]:
    """Decode one JSON object; ArticleError says why it is none."""
    try:
        record = json.loads(
            line.decode("utf-8").strip(), object_pairs_hook=_object, parse_constant=_no_constant
        )
    except UnicodeDecodeError as error:
        raise ArticleError(
            f"not UTF-8 (byte {error.start + 1} of the line is 0x{line[error.start]:02X});"
            " convert the file to UTF-8, perhaps from cp949 (EUC-KR)"
        ) from None
    except json.JSONDecodeError as error:
        raise ArticleError(f"not JSON: {error.msg} (column {error.colno})") from None
    except RecursionError:
        raise ArticleError("not an article: nested too deeply") from None
    except ValueError:
        # int() refuses more than 4,300 digits, which would take it long.
        raise ArticleError("not an article: a number has too many digits") from None
    if not isinstance(record, dict):
        raise ArticleError('not an article: a line is one object, {"id": …}')
    return record


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        twice, _ = Counter(key for key, _ in pairs).most_common(1)[0]
        raise ArticleError(f"the key {quoted(twice)} is there twice")
    return record


def _no_constant(name: str) -> NoReturn:
    raise ArticleError(f"not JSON: {name} is not a number")
