"""From a record, as a mapping of JSON values, to an `Article`; every source ends here."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from feeds.errors import ArticleError
from feeds.html import left_out
from feeds.importers.faults import faults
from feeds.importers.fields import ArticleRecord, AuthorRecord, ImageRecord, tidy
from feeds.importers.reader import Source
from feeds.model import Article, Author, Image
from feeds.text import byline, legal, removed

# record → authors → one author → name: deeper strings cannot be right.
_DEEPEST = 3


def read_record(mapping: Mapping[str, object], source: Source) -> tuple[Article, tuple[str, ...]]:
    """Make an article of a record; the notes name what was changed to make it fit.

    `DESIGN.md`, "An article, as JSON Lines or in the API", has the keys. A key that is null or
    empty counts as absent where the key is optional plain text. Raises ArticleError, whose
    message lists every fault with its key, separated by `; `.
    """
    notes: list[str] = []
    legal_record = {
        _key(key): value if key == "id" or _printable(value) else _legal_value(value, key, notes)
        for key, value in mapping.items()
    }
    try:
        record = ArticleRecord.model_validate(legal_record, context=source)
    except ValidationError as error:
        raise ArticleError("; ".join(faults(error))) from None
    if names := left_out(record.body_html or ""):
        notes.append(f"body_html: feeds leave out {', '.join(names)}")
    return _article(record, source, notes), tuple(notes)


def _printable(value: object, depth: int = 1) -> bool:
    """Whether no string in a value can have an illegal character; quick, for most have none."""
    if isinstance(value, str):
        return value.isprintable() or all(map(str.isprintable, value.split("\n")))
    if depth > _DEEPEST or not isinstance(value, (list, dict)):
        return True
    if isinstance(value, dict) and not all(map(str.isprintable, value)):
        return False
    parts = value.values() if isinstance(value, dict) else value
    return all(_printable(part, depth + 1) for part in parts)


def _key(key: str) -> str:
    """Escape what no key has, so that it is reported as unknown instead of half cleaned."""
    return key if key.isprintable() else ascii(key)


def _legal_value(value: Any, path: str, notes: list[str], depth: int = 1) -> Any:
    """Remove illegal characters from every string of a value, and note them by key path."""
    if isinstance(value, str):
        return _legal_string(value, path, notes)
    if isinstance(value, list) and depth <= _DEEPEST:
        return [_legal_value(v, f"{path}[{i}]", notes, depth + 1) for i, v in enumerate(value)]
    if isinstance(value, dict) and depth <= _DEEPEST:
        return {_key(k): _legal_value(v, f"{path}.{k}", notes, depth + 1) for k, v in value.items()}
    return value


def _legal_string(text: str, path: str, notes: list[str]) -> str:
    dropped = removed(text)
    if dropped:
        notes.append(f"{path}: removed {', '.join(dropped)}")
    return legal(text)


def _article(record: ArticleRecord, source: Source, notes: list[str]) -> Article:
    return Article(
        id=record.id,
        title=record.title,
        published=record.published,
        updated=_updated(record, source, notes),
        url=record.url,
        subtitle=record.subtitle or None,
        summary=record.summary or None,
        body_html=_body(record.body_html),
        body_text=_body(record.body_text),
        authors=_authors(record.authors or [], notes),
        sections=_sections(record, source, notes),
        tags=_names("tags", record.tags or [], notes),
        image=_image(record.image) if record.image else None,
        language=record.language,
        comments=record.comments,
        views=record.views or 0,
        status=record.status or "live",
    )


def _updated(record: ArticleRecord, source: Source, notes: list[str]) -> datetime:
    """Hold the date of the last change between publication and now."""
    published = record.published
    updated = record.updated or published
    if updated < published:
        notes.append("updated: is before published, which is taken instead")
        return published
    if updated > max(published, source.now):
        latest = max(published, source.now.replace(microsecond=0))
        name = "published" if latest == published else "the time of the save"
        notes.append(f"updated: is in the future; {name} is taken instead")
        return latest
    return updated


def _body(text: str | None) -> str | None:
    return text if text and text.strip() else None


def _names(key: str, names: list[str], notes: list[str]) -> tuple[str, ...]:
    if not names:
        return ()
    if "" in names:
        notes.append(f"{key}: an empty name is left out")
    return tuple(dict.fromkeys(filter(None, names)))


def _sections(record: ArticleRecord, source: Source, notes: list[str]) -> tuple[str, ...]:
    named = _names("sections", record.sections or [], notes)
    given = tidy(source.section) if source.section else ""
    return named or ((given,) if given else ())


def _authors(records: list[AuthorRecord], notes: list[str]) -> tuple[Author, ...]:
    if not records:
        return ()
    if any(not record.name for record in records):
        notes.append("authors: an author without a name is left out")
    return tuple(dict.fromkeys(_author(record) for record in records if record.name))


def _author(record: AuthorRecord) -> Author:
    name, address = byline(record.name)
    return Author(name, record.email or address, record.url, record.id or None)


def _image(record: ImageRecord) -> Image:
    return Image(
        url=record.url,
        type=record.type or None,
        length=record.length,
        width=record.width,
        height=record.height,
        alt=record.alt or None,
        credit=record.credit or None,
    )
