"""What a save means: a record is merged into the stored article (RFC 7396, JSON Merge Patch).

An absent key keeps the stored value, null clears it. Files, the API and importers all save so.
"""

from dataclasses import MISSING, fields, replace
from datetime import datetime
from typing import Any

from feeds.errors import ArticleError
from feeds.model import Article, Correction, Patch

_EMPTY: dict[str, Any] = {
    field.name: None if field.default is MISSING else field.default for field in fields(Article)
}
_REQUIRED = ("title", "published")
_BODIES = {"body_html": "body_text", "body_text": "body_html"}
# No news to readers: a change of these alone leaves `updated`.
_NO_NEWS = {"updated", "comments", "views", "status"}


def merge(patch: Patch, stored: Article | None, now: datetime) -> tuple[Article, tuple[str, ...]]:
    """Give the article that a save leaves, and notes on dates that make no sense as given.

    A guid is for a new article only. Where readers see a change and no newer `updated` is given,
    `updated` becomes `now`, in whole seconds. Raises ArticleError if the article would lack a key
    that it needs, or has the id of an article of another site.
    """
    given = {key: _EMPTY[key] if value is None else value for key, value in patch.given.items()}
    for body, other in _BODIES.items():
        if given.get(body):
            given[other] = None
    if stored is None and given.get("published") is None and given.get("updated"):
        given["published"] = given["updated"]
    missing = [key for key in _REQUIRED if given.get(key, stored) is None]
    if missing:
        raise ArticleError("; ".join(f"{key}: is missing" for key in missing))
    updated, correction = given.pop("updated", None), given.pop("correction", MISSING)
    if stored is None:
        new = Article(patch.id, updated=given["published"], **given)
    else:
        _check_guid(given.pop("guid", None), given.get("published"), stored)
        new = replace(stored, **given)
    before = new.correction and new.correction.text
    if correction is not MISSING and correction != before:
        at = max(now, new.published)
        new = replace(new, correction=Correction(correction, at) if correction else None)
    date, notes = _updated(patch, new, updated, stored, now)
    return (new if date == new.updated else replace(new, updated=date)), notes


def replacing(patch: Patch) -> Patch:
    """Let a patch clear every field that it does not give, but the id and the guid (HTTP PUT)."""
    cleared = dict.fromkeys(_EMPTY.keys() - {"id", "guid"})
    return replace(patch, given={**cleared, **patch.given})


def _check_guid(guid: str | None, published: datetime | None, stored: Article) -> None:
    """Refuse an article of another site that has the same id, such as a second WordPress.

    A site that moved may give new guids, but not new dates; a `tag:` was minted at the first save.
    """
    known = stored.guid or "tag:"
    is_same = known.startswith("tag:") or guid in (None, known)
    if not is_same and published not in (None, stored.published):
        raise ArticleError(
            f'guid: this id is that of "{known}", which was published at another time;'
            " import each site into a store of its own"
        )


def _updated(
    patch: Patch, new: Article, given: datetime | None, stored: Article | None, now: datetime
) -> tuple[datetime, tuple[str, ...]]:
    """Date the last change between publication and now."""
    earliest, latest = new.published, max(new.published, now)
    notes = list[str]()
    if given is not None and given < earliest:
        notes.append("updated: is before published; published is taken instead")
        given = earliest
    elif given is not None and given > latest:
        name = "published" if latest == earliest else "the time of the save"
        notes.append(f"updated: is in the future; {name} is taken instead")
        # A known article keeps its date unless it changed: a second import must change nothing.
        given = None if stored else latest
    if stored is None:
        return given or earliest, tuple(notes)
    if given is not None and given > stored.updated:
        return given, tuple(notes)
    if _is_news(stored, new) and not patch.minor:
        return latest, tuple(notes)
    return min(max(stored.updated, earliest), latest), tuple(notes)


def _is_news(old: Article, new: Article) -> bool:
    return any(
        getattr(old, field) != getattr(new, field) for field in _EMPTY if field not in _NO_NEWS
    )
