import io
import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any
from unicodedata import is_normalized

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feeds.errors import ArticleError
from feeds.importers import FORMATS, Accepted, LeftOut, Rejected
from feeds.importers.record import ArticleRecord, read_record
from feeds.merge import merge
from feeds.model import Article
from feeds.text import legal
from tests import ghost
from tests.importers import (
    feeds,
    test_csvfile,
    test_htmlpage,
    test_jsonfeed,
    test_textpage,
    test_wxr,
)
from tests.importers.given import NOW, RECORD, SOURCE, article_of

TEXT = st.text(st.characters(exclude_categories=()), max_size=30)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from([*ArticleRecord.model_fields]) | TEXT
PERSON = st.fixed_dictionaries({"name": TEXT}, optional={"email": TEXT, "url": TEXT})
VALID = st.fixed_dictionaries(
    {"id": st.just("1"), "title": TEXT.map("제목 {}".format), "published": st.just("2024-11-05")},
    optional={
        "subtitle": TEXT,
        "summary": TEXT,
        "body_html": TEXT,
        "authors": st.lists(PERSON, max_size=2),
        "sections": st.lists(TEXT, max_size=3),
        "tags": st.lists(TEXT, max_size=3),
        "image": st.fixed_dictionaries({"url": TEXT.map("/{}".format)}, optional={"alt": TEXT}),
    },
)
EXAMPLES = [
    ("jsonl", json.dumps(RECORD).encode() + b"\n"),
    ("csv", test_csvfile.GOOD.encode()),
    ("text", test_textpage.PAGE.encode()),
    ("html", test_htmlpage.OLD.encode("cp949")),
    ("html", test_htmlpage.MODERN.encode()),
    ("rss", feeds.rss(feeds.POST)),
    ("atom", feeds.atom(feeds.FORUM)),
    ("jsonfeed", feeds.json_feed(test_jsonfeed.ITEM)),
    ("wxr", test_wxr.EXPORT),
    ("ghost", ghost.export(ghost.row())),
]
WHATEVER = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from strings(part)
    elif is_dataclass(value):
        for field in fields(value):
            if not field.name.startswith("body_"):
                yield from strings(getattr(value, field.name))


def assert_clean(article: Article) -> None:
    for text in strings(article):
        assert legal(text) == text
        assert is_normalized("NFC", text)
        assert text == text.strip() != ""
    for body in (article.body_html, article.body_text):
        assert body is None or legal(body) == body
    for moment in (article.published, article.updated):
        assert isinstance(moment, datetime)
        assert moment.utcoffset() is not None
        assert moment.microsecond == 0
    assert article.updated >= article.published


def assert_read(form: str, content: bytes) -> None:
    for found in FORMATS[form].read(io.BytesIO(content), SOURCE):
        assert isinstance(found, Accepted | LeftOut | Rejected)
        if isinstance(found, Accepted):
            # A line may hold less than a whole article.
            if found.patch.given.keys() >= {"title", "published"}:
                assert_clean(article_of(found))
        elif isinstance(found, Rejected):
            assert found.reason.isprintable()


def outcome(record: dict[str, Any]) -> tuple[Article, tuple[str, ...]] | str:
    try:
        patch, notes = read_record(record, SOURCE)
        return merge(patch, None, NOW)[0], notes
    except ArticleError as error:
        return str(error)


@WHATEVER
@given(st.dictionaries(KEYS, JSON) | st.dictionaries(KEYS, JSON).map(lambda d: {**RECORD, **d}))
def test_any_record_gives_a_clean_article_or_a_reason(record: dict[str, Any]) -> None:
    found = outcome(record)
    if isinstance(found, str):
        assert found.isprintable()
    else:
        assert_clean(found[0])
        assert all(map(str.isprintable, found[1]))


@WHATEVER
@given(VALID)
def test_any_text_in_a_valid_record_is_cleaned_or_its_key_named(record: dict[str, Any]) -> None:
    found = outcome(record)
    if isinstance(found, str):
        assert found.split(":")[0].endswith(("email", "url"))
    else:
        assert_clean(found[0])


@pytest.mark.parametrize("form", FORMATS)
@WHATEVER
@given(content=st.binary() | TEXT.map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_accepted_or_rejected(form: str, content: bytes) -> None:
    assert_read(form, content)


@pytest.mark.parametrize(("form", "page"), EXAMPLES)
@WHATEVER
@given(data=st.data())
def test_any_damage_to_an_example_is_accepted_or_rejected(
    form: str, page: bytes, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(page)))
    end = data.draw(st.integers(start, min(len(page), start + 60)))
    assert_read(form, page[:start] + data.draw(st.binary(max_size=12)) + page[end:])
