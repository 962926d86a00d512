"""The JSON of any CMS as a record, by JSONPath queries."""

from typing import Any

import pytest

from feeds.errors import ArticleError
from feeds.importers.mapped import mapped, values_of

DOCUMENT = {
    "no": 12,
    "code": "s-12",
    "tags": ["봄", "가을"],
    "none": [],
    "null": None,
    "photo": {"url": "/a.jpg", "alt": "길"},
    "writers": [{"name": "김민수"}, {"name": "박서연"}],
    "file": {"url": "/a.mp3", "type": "audio/mpeg"},
}


@pytest.mark.parametrize(
    ("key", "query", "expected"),
    [
        ("id", "$.no", "12"),
        ("id", "$.code", "s-12"),
        ("comments", "$.no", 12),
        ("title", "$.tags[0]", "봄"),
        ("title", "$.tags[*]", "봄"),
        ("subtitle", "$.null", None),
        ("tags", "$.tags", ["봄", "가을"]),
        ("tags", "$.tags[*]", ["봄", "가을"]),
        ("tags", "$.none[*]", []),
        ("tags", "$.missing[*]", []),
        ("tags", "$.null", None),
        ("sections", "$.code", ["s-12"]),
        ("authors", "$.tags", [{"name": "봄"}, {"name": "가을"}]),
        ("authors", "$.writers", [{"name": "김민수"}, {"name": "박서연"}]),
        ("authors", "$.writers[?@.name == '박서연'].name", [{"name": "박서연"}]),
        ("image", "$.photo", {"url": "/a.jpg", "alt": "길"}),
        ("image", "$.photo.url", {"url": "/a.jpg"}),
        ("attachments", "$.file", [{"url": "/a.mp3", "type": "audio/mpeg"}]),
    ],
)
def test_a_query_gives_the_value_of_a_key(key: str, query: str, expected: Any) -> None:
    assert mapped(DOCUMENT, {key: query}) == {key: expected}


def test_a_key_that_is_not_found_is_left_out() -> None:
    assert mapped(DOCUMENT, {"tags": "$.missing", "title": "$.missing[*]"}) == {}


def test_a_document_may_be_too_deep_for_a_query() -> None:
    document: dict[str, Any] = {}
    for _ in range(900):
        document = {"a": document}
    with pytest.raises(ArticleError, match=r"^\$\.\.x: "):
        values_of(document, "$..x")
