"""Whatever clean text an article has is in the document, character by character."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.formats import FORMATS
from feeds.text import clean, legal
from tests.formats.samples import CHANNEL, FULL
from tests.formats.xml import elements, parse, texts

Texts = tuple[str, str, str, str]

titles = st.text().map(clean).filter(bool)
contents = st.text(alphabet=st.one_of(st.characters(), st.sampled_from("<>&]'\""))).map(legal)


def _in_rss(body: bytes) -> Texts:
    item = elements(parse(body), "channel/item")[0]
    title, content = texts(item, "title")[0], texts(item, "content:encoded")[0]
    return title, unescape(texts(item, "description")[0]), content, texts(item, "dc:creator")[0]


def _in_atom(body: bytes) -> Texts:
    entry = elements(parse(body), "a:entry")[0]
    title, summary, content, name = (
        texts(entry, path)[0] for path in ("a:title", "a:summary", "a:content", "a:author/a:name")
    )
    return title, summary, content, name


def _in_json(body: bytes) -> Texts:
    item = json.loads(body)["items"][0]
    return item["title"], item["summary"], item["content_html"], item["authors"][0]["name"]


_IN: Mapping[str, Callable[[bytes], Texts]] = {"rss": _in_rss, "atom": _in_atom, "json": _in_json}


@pytest.mark.parametrize("name", FORMATS)
@given(title=titles, summary=contents, content=contents)
def test_any_text_is_written_exactly(name: str, title: str, summary: str, content: str) -> None:
    author = replace(FULL.authors[0], name=title)
    entry = replace(FULL, title=title, summary=summary, content=content, authors=(author,))
    body = FORMATS[name].render(CHANNEL, [entry])
    assert _IN[name](body) == (title, summary, content, title)
