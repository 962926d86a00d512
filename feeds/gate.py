"""The gate: nothing is published before it was read back and found equal to its articles.

A document that differs is not published. Where single articles are at fault they are held back,
with the reason, and the rest goes out; else the whole document is refused.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from feeds.formats import FORMATS, Format
from feeds.model import Channel, Difference, Entry
from feeds.verify import verify

Render = Callable[[Channel, Sequence[Entry]], bytes]


@dataclass(frozen=True, slots=True)
class Edition:
    """What became of a document at the gate.

    `body` is None when nothing may be published; `fault` then says why. `held_back` is article id
    → reason.
    """

    body: bytes | None
    held_back: Mapping[str, str] = field(default_factory=dict)
    fault: str | None = None


def edit(
    extension: str,
    channel: Channel,
    entries: Sequence[Entry],
    formats: Mapping[str, Format] = FORMATS,
) -> Edition:
    """Render a document, hold back the articles that it cannot carry, and prove the rest equal."""
    render = formats[extension].render
    kept, held_back = list(entries), dict[str, str]()
    while True:
        body, differences = _attempt(extension, render, channel, kept)
        if not differences:
            return Edition(body, held_back)
        reasons = _by_article(differences) or _each_alone(extension, render, channel, kept)
        if not reasons or len(reasons) == len(kept):
            # Nothing would be left: it is the document that is at fault, not single articles.
            return Edition(None, fault="; ".join(map(_sentence, differences[:3])))
        held_back |= reasons
        kept = [entry for entry in kept if entry.article_id not in reasons]


def dated(channel: Channel, entries: Sequence[Entry]) -> Channel:
    """Give a channel the date of its latest change, which is that of its entries."""
    updated = max((entry.updated for entry in entries), default=channel.updated)
    return replace(channel, updated=updated)


def _attempt(
    extension: str,
    render: Render,
    channel: Channel,
    entries: Sequence[Entry],
) -> tuple[bytes, tuple[Difference, ...]]:
    channel = dated(channel, entries)
    try:
        body = render(channel, entries)
        return body, verify(extension, body, channel, entries)
    except Exception as error:  # noqa: BLE001 - a renderer that fails in any way must not publish
        return b"", (Difference("document", "a document", repr(error)),)


def _each_alone(
    extension: str,
    render: Render,
    channel: Channel,
    entries: Sequence[Entry],
) -> dict[str, str]:
    """Find the articles that a document cannot even carry alone."""
    reasons = {}
    for entry in entries:
        _, differences = _attempt(extension, render, channel, [entry])
        if differences:
            reasons[entry.article_id] = _sentence(differences[0])
    return reasons


def _by_article(differences: Sequence[Difference]) -> dict[str, str]:
    """Give each article that reads otherwise its reason.

    One that is missing may have been dropped for the renderer's own fault, and is tried alone.
    """
    reasons: dict[str, str] = {}
    for difference in differences:
        if difference.article_id is not None and difference.field != "entry":
            reasons.setdefault(difference.article_id, _sentence(difference))
    return reasons


def _sentence(difference: Difference) -> str:
    return f"{difference.field}: expected {difference.expected!r}, read back {difference.found!r}"
