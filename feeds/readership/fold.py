"""Spool files into the store, each view once whatever is interrupted; what is folded is deleted."""

import fcntl
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from feeds.readership.spool import SUFFIX, claimed, read_pieces
from feeds.storage import Position, Store

logger = logging.getLogger(__name__)


def fold_all(folder: Path, store: Store, stopped: Callable[[], bool] = lambda: False) -> int:
    """Fold all spool files of a folder, oldest first; return how many views were taken in.

    It leaves a folder to whoever is at it already. Raises StoreError; what was folded until then
    stays folded.
    """
    with _alone_in(folder) as alone:
        return _fold_files(folder, store, stopped) if alone else 0


def _fold_files(folder: Path, store: Store, stopped: Callable[[], bool]) -> int:
    folded = 0
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        if stopped():
            break
        try:
            folded += _fold(path, store)
        except OSError as error:
            # It was taken away, or cannot be read: the others are not to wait.
            if path.exists():
                logger.error("%s: cannot be folded: %s", path, error.strerror)  # noqa: TRY400 - says it all
    return folded


def _fold(path: Path, store: Store) -> int:
    """Fold what is there of one file, and delete it if nothing more can come."""
    folded = 0
    with claimed(path) as is_complete:
        position = store.visits.position(path.name)
        for piece in read_pieces(path, position.at):
            after = Position(piece.end)
            if not store.visits.fold(path.name, position, after, piece.views):
                return folded  # somebody else is at it
            position = after
            folded += len(piece.views)
        if is_complete:
            path.unlink()
            store.visits.forget_spool(path.name)
    return folded


@contextmanager
def _alone_in(folder: Path) -> Iterator[bool]:
    """Hold a folder while it is folded; False if there is none, or another process has it.

    Two at once would read the same views, and the slower could bring them when the faster had
    deleted the file and forgotten it: they would count as new ones.
    """
    with ExitStack() as stack:
        try:
            held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            stack.callback(os.close, held)
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (FileNotFoundError, BlockingIOError):
            yield False
        except OSError as error:
            logger.error("%s: cannot be folded: %s", folder, error.strerror)  # noqa: TRY400 - says it all
            yield False
        else:
            yield True
