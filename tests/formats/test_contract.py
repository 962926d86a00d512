"""What every format promises; a format that is added to the table is covered by being there."""

import calendar
import os
import subprocess
import sys
from datetime import UTC, datetime
from html import unescape

import feedparser_rs
import pytest
import time_machine

from feeds.formats import FORMATS, Format
from tests.formats.regenerate import GOLDEN, documents
from tests.formats.samples import CASES, CHANNEL, MINIMAL, Case

every_format = pytest.mark.parametrize("fmt", FORMATS.values(), ids=FORMATS)
every_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES)

_RENDER_ALL = """
import sys
from feeds.formats import FORMATS
from tests.formats.samples import CASES
for fmt in FORMATS.values():
    for case in CASES.values():
        sys.stdout.buffer.write(fmt.render(case.channel, case.entries))
"""


def written(fmt: Format, case: Case) -> bytes:
    return fmt.render(case.channel, case.entries)


def test_the_keys_are_the_file_extensions_and_each_has_its_media_type() -> None:
    assert {name: fmt.media_type for name, fmt in FORMATS.items()} == {
        "rss": "application/rss+xml; charset=utf-8",
        "atom": "application/atom+xml; charset=utf-8",
        "json": "application/feed+json; charset=utf-8",
    }


@every_case
@every_format
def test_another_parser_than_the_gates_reads_what_was_written(fmt: Format, case: Case) -> None:
    body = written(fmt, case)
    parsed = feedparser_rs.parse(body, sanitize_html=False, resolve_relative_uris=False)
    assert not parsed.bozo
    assert (parsed.feed.title, parsed.feed.link) == (case.channel.title, case.channel.link)
    # feedparser_rs leaves entities in the addresses of Atom links.
    assert [(e.id, e.title, unescape(e.link)) for e in parsed.entries] == [
        (entry.id, entry.title, entry.link) for entry in case.entries
    ]
    assert [calendar.timegm(e.published_parsed) for e in parsed.entries] == [
        entry.published.timestamp() for entry in case.entries
    ]


@every_case
@every_format
def test_the_hour_of_rendering_is_nowhere_in_the_document(fmt: Format, case: Case) -> None:
    now = written(fmt, case)
    with time_machine.travel(datetime(2031, 7, 1, 12, tzinfo=UTC), tick=False):
        assert written(fmt, case) == now


def test_another_machine_writes_the_same_bytes() -> None:
    here = b"".join(written(fmt, case) for fmt in FORMATS.values() for case in CASES.values())
    elsewhere = {
        "TZ": "America/New_York",
        "LC_ALL": "C",
        "PYTHONHASHSEED": "4711",
        "PYTHONUTF8": "0",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    there = subprocess.run(
        [sys.executable, "-c", _RENDER_ALL], env=elsewhere, capture_output=True, check=True
    )
    assert there.stdout == here


@every_format
def test_a_document_is_utf8_without_escapes_for_hangul(fmt: Format) -> None:
    assert MINIMAL.title.encode() in fmt.render(CHANNEL, [MINIMAL])


@pytest.mark.parametrize("name", documents())
def test_a_document_is_the_one_that_was_reviewed(name: str) -> None:
    assert documents()[name].decode() == (GOLDEN / name).read_bytes().decode(), (
        f"{name} is no longer what is written; if the change is meant, run "
        "`python -m tests.formats.regenerate` and review the diff"
    )
