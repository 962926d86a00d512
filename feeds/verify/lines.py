"""In which lines of a document its channel and entries stand; feedparser does not say."""

from collections.abc import Callable
from itertools import chain
from typing import Any

from lxml import etree

# Called with names of elements, in the order of preference; gives the line of the first there is.
Line = Callable[..., int | None]

_MOST = 65_535  # libxml2 counts no further


def no_line(*_names: str) -> None:
    """Know no line."""


class Lines:
    """The lines of a document; none where lxml finds other entries in it than feedparser."""

    def __init__(self, body: bytes, entries: int) -> None:
        parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True)
        try:
            root = etree.fromstring(body, parser)
        except etree.XMLSyntaxError:
            root = None
        found = [] if root is None else list(root.iter("{*}item", "{*}entry"))
        self._entries = found if len(found) == entries else []
        self._channel = None if root is None else next(root.iter("{*}channel"), root)

    def channel(self, *names: str) -> int | None:
        """Give the line of an element of the channel, or of the channel."""
        return None if self._channel is None else _line(self._channel, names)

    def entry(self, index: int) -> Line:
        """Give the lines of an entry, by its number from 0."""
        if not self._entries:
            return no_line
        return lambda *names: _line(self._entries[index], names)


def _line(parent: Any, names: tuple[str, ...]) -> int | None:
    children = chain.from_iterable(parent.iterchildren(f"{{*}}{name}") for name in names)
    line: int = next(children, parent).sourceline
    return line if line < _MOST else None
