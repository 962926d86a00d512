"""Articles from the outside: one reader per kind of file, all of them streaming.

A reader never raises because of what it reads; a bad article is `Rejected` and the rest goes on.
A new kind of file is one new module and one line in `READERS`.
"""

from collections.abc import Mapping
from types import MappingProxyType

from feeds.importers.jsonlines import read_jsonlines, read_object
from feeds.importers.page import read_text_page
from feeds.importers.pagehtml import read_html_page
from feeds.importers.record import read_record, record_of
from feeds.importers.sources import (
    Accepted,
    Found,
    PageIds,
    Reader,
    Rejected,
    Source,
    Unread,
    find_files,
)

__all__ = ["READERS", "Accepted", "Found", "PageIds", "Reader", "Rejected", "Source", "Unread"]
__all__ += ["find_files", "is_page", "read_object", "read_record", "record_of"]

READERS: Mapping[str, Reader] = MappingProxyType(
    {
        ".jsonl": read_jsonlines,
        ".txt": read_text_page,
        ".html": read_html_page,
        ".htm": read_html_page,
    }
)


def is_page(file: Found) -> bool:
    """Say whether a file holds one article, whose id is the file's name."""
    return READERS.get(file.path.suffix.lower()) not in (None, read_jsonlines)
