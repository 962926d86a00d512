"""How a log is known again: by its beginning, as far as it was read, and by beginnings of that."""

import hashlib
from typing import BinaryIO, Self

from feeds.store import Position

_PIECE_BYTES = 2**22
_FIRST_MARK = 32
_MARKS_APART = 64
_MARK_DIGITS = 8


class Beginning:
    """The beginning of a log: `length` bytes, with `line_ends` in them, maybe one as the last.

    Its digest consists of one of all bytes, and of marks: short ones of some shorter beginnings,
    each a 64th longer than the last. By them a copy of a part of a log is known, and the log of
    another server that begins alike is told from it, however short. Only in the last 64th of the
    shorter one a difference is not seen; that takes dozens of lines before it that are all alike,
    and when that log has grown a little it is seen.
    """

    def __init__(self) -> None:
        self.length = 0
        self.line_ends = 0
        self.ends_a_line = True
        self._all = hashlib.sha256()
        self._marks = ""
        self._next_mark = _FIRST_MARK

    @classmethod
    def read_again(cls, stream: BinaryIO, position: Position) -> Self | None:
        """Read what was read before up to a position, less if there is less; None if it differs."""
        again = cls()
        while again._fits(position):
            piece = stream.read(min(position.at - again.length, _PIECE_BYTES))
            if not piece:
                return again
            again.add(piece)
        return None

    @property
    def position(self) -> Position:
        """Where it ends, and its digest."""
        return Position(self.length, f"{self._all.hexdigest()} {self._marks}")

    def add(self, piece: bytes) -> None:
        """Make it longer by some bytes."""
        self.line_ends += piece.count(b"\n")
        self.ends_a_line = piece.endswith(b"\n")
        rest = memoryview(piece)
        while self.length + len(rest) >= self._next_mark:
            ahead = self._next_mark - self.length
            self._take(rest[:ahead])
            rest = rest[ahead:]
            self._marks += self._all.hexdigest()[:_MARK_DIGITS]
            self._next_mark += max(1, self._next_mark // _MARKS_APART)
        self._take(rest)

    def _take(self, piece: memoryview) -> None:
        self._all.update(piece)
        self.length += len(piece)

    def _fits(self, position: Position) -> bool:
        """Say whether it is what was read up to a position, or can be the beginning of that."""
        if self.length < position.at:
            marks = (position.digest or "").partition(" ")[2]
            return marks.startswith(self._marks)
        return position in (Position(), self.position)
