"""Long streams: items in batches, and responses that wait for a slow client."""

import logging
import os
import time
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPResponse
from queue import Empty, Queue, SimpleQueue
from tempfile import TemporaryFile
from typing import TypeVar

logger = logging.getLogger(__name__)

UNANSWERED = (
    b'{"outcome": "rejected",'
    b' "notes": ["the service cannot answer the other lines now; send them again"]}\n'
)
"""The verdict on all lines that have none."""

T = TypeVar("T")

_MOST = 500
_SECONDS = 0.5
_PIECE_BYTES = 2**16


def batches(items: Iterator[T]) -> Generator[list[T], None, None]:
    """Give up to 500 items at once; none waits for others for more than half a second.

    A thread reads the items. Closing this waits for the item that it reads, which the end of the
    connection ends.
    """
    queue = Queue[T | None](_MOST)

    def fill() -> None:
        try:
            for item in items:
                queue.put(item)
        finally:
            queue.put(None)

    with ThreadPoolExecutor(1, "items") as thread:
        filling = thread.submit(fill)
        try:
            while batch := _batch(queue):
                yield batch
            filling.result()
        finally:
            while not filling.done():
                with suppress(Empty):
                    queue.get(timeout=_SECONDS)


def _batch(queue: Queue[T | None]) -> list[T]:
    """Take a batch; it is empty at the end, which later batches find too."""
    batch = list[T]()
    item = queue.get()
    until = time.monotonic() + _SECONDS
    with suppress(Empty):
        while item is not None:
            batch.append(item)
            if len(batch) == _MOST:
                return batch
            item = queue.get(timeout=max(0.0, until - time.monotonic()))
        queue.put(None)
    return batch


def spooled(response: HTTPResponse, threads: ThreadPoolExecutor) -> Iterator[bytes]:
    """Give a response's pieces as they come; those that are not asked for yet wait in a file.

    A client may send all its lines before it reads the first verdict. If its verdicts were not
    taken in meanwhile, they would stop the application, and so the client. Verdicts that are
    missing in the end are told: granian would end a response that breaks off like any other.
    """
    lengths = SimpleQueue[int]()
    with TemporaryFile(buffering=0) as file:

        def take_in() -> None:
            try:
                while piece := response.read1(_PIECE_BYTES):
                    while piece:  # a disk that is nearly full takes a part of it
                        lengths.put(length := file.write(piece))
                        piece = piece[length:]
            finally:
                lengths.put(0)

        taking_in = threads.submit(take_in)
        offset, piece = 0, b"\n"
        while length := lengths.get():
            yield (piece := os.pread(file.fileno(), length, offset))
            offset += length
        if (error := taking_in.exception()) is not None:
            logger.error("the verdicts on articles break off: %r", error)
            yield UNANSWERED if piece.endswith(b"\n") else b"\n" + UNANSWERED
