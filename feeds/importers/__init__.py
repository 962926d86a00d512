"""Articles from the outside: one reader per kind of file, all of them streaming.

A reader never raises because of what it reads; a bad article is `Rejected` and the rest goes on.
A new kind of file is one new module and one line in `READERS`.
"""

from collections.abc import Mapping
from types import MappingProxyType

from feeds.importers.jsonlines import read_jsonlines
from feeds.importers.pagehtml import read_html_page
from feeds.importers.pagetext import read_text_page
from feeds.importers.reader import Accepted, Reader, Rejected, Source

__all__ = ["READERS", "Accepted", "Reader", "Rejected", "Source"]

READERS: Mapping[str, Reader] = MappingProxyType(
    {
        ".jsonl": read_jsonlines,
        ".txt": read_text_page,
        ".html": read_html_page,
        ".htm": read_html_page,
    }
)
