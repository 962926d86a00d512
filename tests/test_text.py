import unicodedata
from collections.abc import Callable

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from feeds.text import byline, clean, legal, one_line, removed, shorten, slug

ANY = st.text(st.characters(exclude_categories=()))
FAMILY = "👨‍👩‍👧‍👦"
E_ACUTE = "e\u0301"


@pytest.mark.parametrize(
    ("tidy", "text", "expected"),
    [
        (legal, "기사 & <b> 「끝」\ta\nb", "기사 & <b> 「끝」\ta\nb"),
        (legal, "a\r\nb\rc\r\n\r\nd", "a\nb\nc\n\nd"),
        (legal, "a\x00\x08\x0b\x0c\x1f\x7fb", "ab"),
        (legal, "a\ufffe\uffff\ud83d\udfffb\ufffd", "ab\ufffd"),
        (legal, "\x93인용\x94\x85", "“인용”…"),  # cp1252 read as Latin-1
        (legal, "a\x81\x8db", "ab"),
        (legal, "\u00a0\u2028\ufeff👩🏽‍🚀", "\u00a0\u2028\ufeff👩🏽‍🚀"),
        (clean, unicodedata.normalize("NFD", "한글") + "caf" + E_ACUTE, "한글café"),
        (clean, " \x00\u3000두 줄\n제목\n\t", "두 줄\n제목"),
        (one_line, " 두 줄\r\n제목 \t\n b", "두 줄 제목 b"),
        (one_line, "a\u00a0b", "a\u00a0b"),
        (slug, unicodedata.normalize("NFD", "지역"), "지역"),
        (slug, "R&D", "r-d"),
        (slug, "  생활·문화  ", "생활-문화"),
        (slug, "İstanbul ÉTÉ", "i̇stanbul-été"),
        (slug, "शिक्षा 1", "शिक्षा-1"),
        (slug, "../a/b?c#d", "a-b-c-d"),
    ],
)
def test_text_takes_its_best_form(tidy: Callable[[str], str], text: str, expected: str) -> None:
    assert tidy(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("기사\r\n", ()),
        ("b\x08a\x00\x08", ("U+0008", "U+0000")),
        ("\ufffe\ud83d", ("U+FFFE", "U+D83D")),
        ("\x93\x81", ("U+0081",)),
    ],
)
def test_removed_names_each_dropped_character_once_in_order(
    text: str, expected: tuple[str, ...]
) -> None:
    assert removed(text) == expected


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("가나다", 3, "가나다"),
        ("가나다라", 3, "가나…"),
        ("a" + FAMILY * 3, 3, "a" + FAMILY + "…"),
        (E_ACUTE * 4, 3, E_ACUTE * 2 + "…"),
        ("123456789 123456", 12, "123456789…"),
        ("12 3456789012345", 12, "12 34567890…"),
        ("12345 7890", 7, "12345…"),
        ("", 3, ""),
    ],
)
def test_shortening_cuts_between_graphemes(text: str, limit: int, expected: str) -> None:
    assert shorten(text, limit) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("김민수", ("김민수", None)),
        ("김민수 기자 minsu@news.example", ("김민수 기자", "minsu@news.example")),
        ("김민수 (minsu@news.example)", ("김민수", "minsu@news.example")),
        ("김민수 [minsu@news.example] 기자", ("김민수 기자", "minsu@news.example")),
        ("김민수기자minsu@news.example", ("김민수기자", "minsu@news.example")),
        ("김민수 기자 = minsu@news.example", ("김민수 기자", "minsu@news.example")),
        (
            "minsu.kim+desk@mail.news.example 김민수",
            ("김민수", "minsu.kim+desk@mail.news.example"),
        ),
        ("Tom Lee <tom@news.example>", ("Tom Lee", "tom@news.example")),
        ("가@a.example 나 다@b.example 라", ("나 라", "가@a.example")),
        ("minsu@news.example", ("minsu", "minsu@news.example")),
        ("José josé@news.example", ("José", "josé@news.example")),
        ("a@b.example)c@d.example", ("a", "a@b.example")),
        ("팀 @관악", ("팀 @관악", None)),
        ("w" * 200_000, ("w" * 200_000, None)),
        *((f"{one * 50_000}@", (f"{one * 50_000}@", None)) for one in ("@", "가", "a", "a가", "(")),
    ],
)
def test_an_authors_name_has_no_address_in_it(name: str, expected: tuple[str, str | None]) -> None:
    assert byline(name) == expected


@given(ANY)
def test_of_any_byline_nothing_is_left_that_a_reader_takes_for_an_address(text: str) -> None:
    name, address = byline(text)
    assert byline(name)[1] is None or address is None


def test_names_without_a_letter_have_slugs_of_their_own() -> None:
    slugs = {slug(name) for name in ("!", "?", "🎉", "")}
    assert len(slugs) == 4
    assert all(regex.fullmatch("[0-9a-f]{8}", one) for one in slugs)


@given(ANY)
def test_any_text_made_legal_is_xml_text_and_stays_as_it_is(text: str) -> None:
    found = legal(text)
    element = etree.Element("title")
    element.text = found
    assert etree.fromstring(etree.tostring(element)).text == (found or None)
    assert legal(found) == found
    assert removed(found) == ()


@given(ANY)
def test_text_is_changed_only_where_something_was_illegal(text: str) -> None:
    assert (legal(text) == text) == (not regex.search("[\r\x80-\x9f]", text) and not removed(text))


@pytest.mark.parametrize("tidy", [clean, one_line, slug])
@given(text=ANY)
def test_tidying_twice_changes_nothing(tidy: type[str], text: str) -> None:
    if tidy is slug:
        text = legal(text)
    once = tidy(text)
    assert tidy(once) == once
    assert unicodedata.is_normalized("NFC", once)


@given(ANY, st.integers(1, 9))
def test_a_shortened_text_is_never_longer_than_its_limit(text: str, limit: int) -> None:
    found = shorten(text, limit)
    assert len(regex.findall(r"\X", found)) <= limit
    assert found == text or (found.endswith("…") and text.startswith(found[:-1]))


@given(ANY.map(legal))
def test_a_slug_fits_into_a_path(name: str) -> None:
    assert regex.fullmatch(r"[\p{L}\p{M}\p{N}]+(-[\p{L}\p{M}\p{N}]+)*", slug(name))
