"""The catalogs translate every sentence of the code and the templates, and no other."""

from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import feeds
from feeds.translations import translations

ROOT = Path(feeds.__file__).parent
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
USED = {msgid for _, _, msgid, _, _ in extract_from_dir(ROOT, METHODS)}

each_language = pytest.mark.parametrize("language", ["ko", "ja"])


def catalog(language: str) -> list[Message]:
    """All messages of a catalog but its header."""
    path = ROOT / "translations" / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        found = read_po(file, abort_invalid=True)
    assert not found.obsolete
    return [message for message in found if message.id]


def placeholders(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)


@each_language
def test_a_catalog_has_every_sentence_and_no_other(language: str) -> None:
    assert {message.id for message in catalog(language)} == USED


@each_language
def test_a_translation_is_complete_and_has_the_placeholders_of_its_sentence(language: str) -> None:
    for message in catalog(language):
        english = message.id[-1] if message.pluralizable else message.id
        translated = message.string if message.pluralizable else (message.string,)
        assert not message.fuzzy
        assert all(translated), english
        assert [placeholders(each) for each in translated] == [placeholders(english)]


@pytest.mark.parametrize(
    ("language", "latest", "hour", "hours"),
    [
        ("ko", "최신 기사", "1시간", "3시간"),
        ("ko-KR", "최신 기사", "1시간", "3시간"),
        ("JA-jp", "最新記事", "1時間", "3時間"),
        ("en-GB", "Latest", "1 hour", "3 hours"),
        ("zh-Hant-TW", "Latest", "1 hour", "3 hours"),
    ],
)
def test_a_language_has_the_catalog_of_its_primary_language_or_is_english(
    language: str, latest: str, hour: str, hours: str
) -> None:
    words = translations(language)
    assert words.gettext("Latest") == latest
    said = [words.ngettext("{n} hour", "{n} hours", n).format(n=n) for n in (1, 3)]
    assert said == [hour, hours]
