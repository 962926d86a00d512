"""A body in every content coding there is a library for; a document's are made once."""

import gzip
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from typing import Any

from feeds.model import Bodies

Compress = Callable[[bytes], bytes]


def encoded(body: bytes) -> Bodies:
    """Give a body by content coding (IANA's names): identity and gzip, and those of `compress`.

    No clock and no file name is in them; other versions of the libraries may give other bytes.
    """
    return {"identity": body} | {coding: to(body) for coding, to in _compressors().items()}


def encode(body: bytes, coding: str) -> bytes:
    """Give a body in one of `codings`."""
    return _compressors()[coding](body)


def codings() -> tuple[str, ...]:
    """Name the codings besides identity that there is a library for."""
    return tuple(_compressors())


@cache
def _compressors() -> Mapping[str, Compress]:
    found: dict[str, Compress] = {"gzip": lambda body: gzip.compress(body, 6, mtime=0)}
    # Python 3.14 has it; before, the extra brings it.
    zstd = _library("compression.zstd") or _library("backports.zstd")
    brotli = _library("brotli")
    if zstd is not None:
        found["zstd"] = lambda body: bytes(zstd.compress(body, 9))
    if brotli is not None:
        found["br"] = lambda body: bytes(brotli.compress(body, quality=5))
    return found


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        return None
