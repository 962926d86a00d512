"""Articles from the outside: one reader per format, all of them streaming.

A reader never raises because of what it reads; a bad article is `Rejected` and the rest goes on.
A new format is one new module and one line in `FORMATS`.
"""

import re
from codecs import BOM_UTF8
from collections.abc import Mapping
from pathlib import PurePath

from feeds.importers import ghost
from feeds.importers.csvfile import read_csv
from feeds.importers.feed import next_of_feed, read_feed
from feeds.importers.fields import Id, Moment, Number
from feeds.importers.htmlpage import read_html_page
from feeds.importers.jsonfeed import next_of_jsonfeed, read_jsonfeed
from feeds.importers.jsonlines import read_jsonlines, read_object
from feeds.importers.pagedfeed import read_paged_feed
from feeds.importers.record import ArticleRecord, read_item, read_record, record_of
from feeds.importers.sources import (
    Accepted,
    Format,
    Found,
    Item,
    LeftOut,
    PageIds,
    Reader,
    Rejected,
    Source,
    Unread,
    find_files,
)
from feeds.importers.textpage import read_text_page
from feeds.importers.wpapi import read_wordpress
from feeds.importers.wxr import read_wxr

__all__ = ["FORMATS", "IN_FOLDERS", "SNIFFED", "Accepted", "Format", "Found", "Item", "LeftOut"]
__all__ += ["PageIds", "Reader", "Rejected", "Source", "Unread", "find_files", "format_of"]
__all__ += ["read_item", "read_object", "read_paged_feed", "read_record", "read_wordpress"]
__all__ += ["ArticleRecord", "Id", "Moment", "Number", "record_of"]

# The first line has a cell "id", and others.
_CSV_SIGN = rb'\A(?:[ "]*id[ "]*[,;\t]|[^\r\n]*[,;\t][ "]*id[ "]*[,;\t\r\n])'

FORMATS: Mapping[str, Format] = {
    "text": Format(read_text_page, (".txt",), is_page=True),
    "html": Format(read_html_page, (".html", ".htm"), is_page=True),
    "ghost": Format(ghost.read_export, (".json",), ghost.SIGN),
    "wxr": Format(read_wxr, (".xml",), re.compile(rb"=.https?://wordpress\.org/export/")),
    "rss": Format(
        read_feed,
        (".rss", ".rdf", ".xml"),
        re.compile(rb"<(?:rss|rdf:RDF)[\s>]"),
        next_page=next_of_feed,
    ),
    "atom": Format(
        read_feed,
        (".atom", ".xml"),
        re.compile(rb"<(?:\w+:)?feed[\s>]"),
        next_page=next_of_feed,
    ),
    "jsonfeed": Format(
        read_jsonfeed,
        (".json",),
        re.compile(rb'\A\s*\{.*"https?:\\?/\\?/jsonfeed\.org\\?/version', re.DOTALL),
        next_page=next_of_jsonfeed,
    ),
    "jsonl": Format(read_jsonlines, (".jsonl", ".ndjson"), re.compile(rb"\A\s*\{")),
    "csv": Format(read_csv, (".csv", ".tsv"), re.compile(_CSV_SIGN, re.IGNORECASE)),
}
"""The formats by name. A format is looked for in this order where a suffix does not tell it."""

IN_FOLDERS = (".jsonl", *FORMATS["text"].suffixes, *FORMATS["html"].suffixes)
"""The suffixes of the files that are read from a folder; others are read if they are named."""

SNIFFED = 4096
"""How many bytes of the beginning tell a format."""


def format_of(name: str, beginning: bytes) -> Format | None:
    """Tell the format of a file by its suffix, or where that is not enough by its beginning.

    Where neither tells it, the last format of the suffix can say what is wrong with the file.
    """
    suffix = PurePath(name).suffix.lower()
    named = [each for each in FORMATS.values() if suffix in each.suffixes]
    if len(named) == 1:
        return named[0]
    text = beginning[:SNIFFED].removeprefix(BOM_UTF8)
    likely = named or FORMATS.values()
    found = next((each for each in likely if each.sign and each.sign.search(text)), None)
    return found or (named[-1] if named else None)
