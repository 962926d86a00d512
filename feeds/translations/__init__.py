"""The sentences that feeds and pages add to articles, in the newspaper's language."""

from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path


def marked(sentence: str) -> str:
    """Mark a sentence for the catalogs, which find it by the name `_`."""
    return sentence


@cache
def translations(language: str) -> NullTranslations:
    """Give the catalog of a language (BCP 47); the sentences stay English if there is none.

    A sentence is translated before its placeholders are filled by `str.format`.
    """
    primary = language.partition("-")[0].lower()
    source = Path(__file__).parent / primary / "LC_MESSAGES" / "messages.po"
    return _compiled(source) if source.exists() else NullTranslations()


def _compiled(source: Path) -> GNUTranslations:
    # Few commands need a translation; none of the others waits for Babel.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = BytesIO()
    with source.open("rb") as file:
        write_mo(compiled, read_po(file))
    compiled.seek(0)
    return GNUTranslations(compiled)
