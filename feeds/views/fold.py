"""Spool files into the store, each view once whatever is interrupted; what is folded is deleted."""

import fcntl
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from feeds.store import Position, Store
from feeds.views.spool import SUFFIX, claimed, read_pieces

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Folded:
    """How many views were taken in, and whether that is all that there was."""

    views: int
    whole: bool


def fold_all(folder: Path, store: Store, stopped: Callable[[], bool] = lambda: False) -> Folded:
    """Fold all spool files of a folder, oldest first.

    It leaves a folder to whoever is at it already. Raises StoreError; what was folded until then
    stays folded.
    """
    with _alone_in(folder) as alone:
        if not alone:
            return Folded(0, whole=not folder.exists())
        files = sorted(folder.glob(f"*{SUFFIX}"))
        each = [_fold(path, store) for path in files if not stopped()]
        whole = len(each) == len(files) and all(one.whole for one in each)
        return Folded(sum(one.views for one in each), whole)


def _fold(path: Path, store: Store) -> Folded:
    try:
        return _fold_file(path, store)
    except FileNotFoundError:  # it was taken away
        return Folded(0, whole=True)
    except OSError as error:
        # The others are not to wait.
        logger.error("%s: cannot be folded: %s", path, error.strerror)  # noqa: TRY400 - says it all
        return Folded(0, whole=False)


def _fold_file(path: Path, store: Store) -> Folded:
    """Fold what is there of one file, and delete it if nothing more can come."""
    views = 0
    with claimed(path) as is_complete:
        position = store.visits.position(path.name)
        for piece in read_pieces(path, position.at):
            after = Position(piece.end)
            if not store.visits.fold(path.name, position, after, piece.views):
                return Folded(views, whole=False)  # somebody else is at it
            position = after
            views += len(piece.views)
        if is_complete:
            path.unlink()
            store.visits.forget_spool(path.name)
    return Folded(views, whole=True)


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
