"""The gate: a document is published only after it was read back and equals its articles.

Single articles that a document cannot carry are held back, with the reason, and the rest goes out.
Otherwise the whole document is refused.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from feeds.errors import RenderError
from feeds.formats import FORMATS, Format
from feeds.model import Channel, Difference, Entry
from feeds.verify import verify

Attempt = Callable[[Sequence[Entry]], tuple[bytes, tuple[Difference, ...]]]


def render_checked(
    extension: str,
    channel: Channel,
    entries: Sequence[Entry],
    formats: Mapping[str, Format] = FORMATS,
) -> tuple[bytes, dict[str, str]]:
    """Render a document, read it back, and hold back the articles that it cannot carry.

    Returns its bytes, and article id → reason. Raises RenderError where the document itself is at
    fault, not single articles.
    """
    attempt = partial(_attempt, extension, formats, channel)
    kept, held_back = list(entries), dict[str, str]()
    while True:
        body, differences = attempt(kept)
        if not differences:
            return body, held_back
        reasons = _by_article(differences) or _each_alone(attempt, kept)
        if not reasons or len(reasons) == len(kept):
            raise RenderError("; ".join(map(_sentence, differences[:3])))
        held_back |= reasons
        kept = [entry for entry in kept if entry.article_id not in reasons]


def dated(channel: Channel, entries: Sequence[Entry]) -> Channel:
    """Date a channel by the latest change of its entries."""
    updated = max((entry.updated for entry in entries), default=channel.updated)
    return replace(channel, updated=updated)


def _attempt(
    extension: str, formats: Mapping[str, Format], channel: Channel, entries: Sequence[Entry]
) -> tuple[bytes, tuple[Difference, ...]]:
    channel = dated(channel, entries)
    try:
        body = formats[extension].render(channel, entries)
        return body, verify(extension, body, channel, entries)
    except Exception as error:  # noqa: BLE001 - a renderer that fails in any way must not publish
        return b"", (Difference("document", "a document", repr(error)),)


def _by_article(differences: Sequence[Difference]) -> dict[str, str]:
    """Give the reason for each article that reads back differently.

    A missing article is not named here: the renderer itself may have dropped it.
    """
    reasons: dict[str, str] = {}
    for difference in differences:
        if difference.article_id is not None and difference.field != "entry":
            reasons.setdefault(difference.article_id, _sentence(difference))
    return reasons


def _each_alone(attempt: Attempt, entries: Sequence[Entry]) -> dict[str, str]:
    """Find the articles that a document cannot carry even alone."""
    faults = {entry.article_id: attempt([entry])[1] for entry in entries}
    return {article_id: _sentence(found[0]) for article_id, found in faults.items() if found}


def _sentence(difference: Difference) -> str:
    return f"{difference.field}: expected {difference.expected!r}, read back {difference.found!r}"
