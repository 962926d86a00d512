"""A response that is taken in at once, and given as fast as its client reads it."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPException, HTTPResponse
from queue import SimpleQueue
from tempfile import TemporaryFile

_PIECE_BYTES = 2**16


def spooled(response: HTTPResponse, threads: ThreadPoolExecutor) -> Iterator[bytes]:
    """Give a response's pieces as they come; those that are not asked for yet wait in a file.

    A client may send all its lines before it reads the first verdict. If its verdicts were not
    taken in meanwhile, they would stop the application, and so the client.
    """
    lengths = SimpleQueue[int]()
    with TemporaryFile(buffering=0) as file:

        def take_in() -> None:
            try:
                with suppress(OSError, HTTPException):  # the client misses the other verdicts
                    while piece := response.read1(_PIECE_BYTES):
                        lengths.put(file.write(piece))
            finally:
                lengths.put(0)

        taking_in = threads.submit(take_in)
        offset = 0
        while length := lengths.get():
            yield os.pread(file.fileno(), length, offset)
            offset += length
        taking_in.result()
