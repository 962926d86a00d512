"""Which content coding a client gets (RFC 9110, 12.5.3)."""

from functools import lru_cache

from werkzeug.http import parse_accept_header

IDENTITY = "identity"
# Favourites first: the smaller of two that a client likes equally.
ORDER = ("br", "zstd", "gzip")
_LONGEST = 256  # characters; browsers send 40


def choose(accept_encoding: str, available: tuple[str, ...]) -> str:
    """Choose one of the `available` codings, our favourite first, or `identity`.

    The highest quality wins, then our order. Identity is taken where nothing else is welcome, and
    even where it is refused: a feed that comes unasked is better than a 406.
    """
    return _choose(accept_encoding[:_LONGEST], available)


@lru_cache(maxsize=4096)
def _choose(accept_encoding: str, available: tuple[str, ...]) -> str:
    accepted = parse_accept_header(accept_encoding)
    qualities = [(accepted.quality(coding), coding) for coding in available]
    quality, coding = max(qualities, key=lambda pair: pair[0], default=(0, IDENTITY))
    if quality <= 0 or accepted.quality(IDENTITY) > quality:
        return IDENTITY
    return coding
