"""Access logs as they lie on the disk: plain, or gzip and then read as far as they can be."""

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

_GZIP = b"\x1f\x8b"
_BUFFER = 2**20


class Log:
    """An open log; `stream` is its content, from the beginning.

    The file stays open all along: a rotation may give its name to another one at any moment.
    """

    def __init__(self, file: io.BufferedReader) -> None:
        self._file = file
        self.rewind()

    def rewind(self) -> None:
        """Begin again."""
        self._file.seek(0)
        is_packed = self._file.peek(2).startswith(_GZIP)
        self._unzipped = _Unzipped(self._file) if is_packed else None
        self.stream: BinaryIO = self._file
        if self._unzipped:
            self.stream = io.BufferedReader(self._unzipped, _BUFFER)

    def tell(self) -> int:
        """Say how many bytes of the file itself are read."""
        return self._file.tell()

    def raise_fault(self) -> None:
        """Raise what ended the content before its time: OSError, EOFError or zlib.error."""
        if self._unzipped and self._unzipped.fault:
            raise self._unzipped.fault


class _Unzipped(io.RawIOBase):
    """What can be unpacked of a gzip file; `fault` is why that is not all."""

    def __init__(self, file: BinaryIO) -> None:
        self._content = gzip.GzipFile(fileobj=file)
        self.fault: Exception | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            piece = self._content.read1(len(buffer))
        except (OSError, EOFError, zlib.error) as fault:
            # Raised here, it would take along what was read just before.
            self.fault = fault
            return 0
        buffer[: len(piece)] = piece
        return len(piece)


@contextmanager
def open_log(path: Path) -> Iterator[Log]:
    """Open a log; OSError when there is none, or it cannot be read from its beginning again."""
    with path.open("rb") as file:
        yield Log(file)
