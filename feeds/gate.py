"""The gate: a document is published only after it was read back and equals its articles.

Articles that a document cannot carry even alone are held back, with the reason, and the rest goes
out. If each can be carried alone, those are held back that differ beside the others, as two
articles with one id do. If the rest is refused too, the document itself is at fault.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from feeds.errors import RenderError
from feeds.formats import FORMATS
from feeds.model import Channel, Difference, Entry
from feeds.verify import verify

Write = Callable[[Sequence[Entry]], bytes]
"""Writes a feed of the entries that it is given; a page is always whole, and given none."""

Check = Callable[[bytes, Sequence[Entry]], Sequence[Difference]]
"""Reads a document of these entries back, and lists its differences from its sources."""


def render_checked(
    write: Write, check: Check, entries: Sequence[Entry] = ()
) -> tuple[bytes, dict[str, str]]:
    """Render a document, read it back, and hold back the articles that it cannot carry.

    Returns its bytes, and article id → reason. Raises RenderError where the document itself is at
    fault, or would be left without any article.
    """
    attempt = partial(_attempt, write, check)
    body, differences = attempt(entries)
    if not differences:
        return body, {}
    alone = {entry.article_id: attempt([entry])[1] for entry in entries}
    held_back = {article_id: _sentence(found[0]) for article_id, found in alone.items() if found}
    held_back = held_back or {
        each.article_id: _sentence(each)
        for each in differences
        if each.article_id is not None and each.field != "entry"
    }
    kept = [entry for entry in entries if entry.article_id not in held_back]
    if held_back and kept:
        body, differences = attempt(kept)
    if differences:
        raise RenderError("; ".join(map(_sentence, differences[:3])))
    return body, held_back


def feed_in(extension: str, channel: Channel) -> tuple[Write, Check]:
    """Give the writer of a feed in a format, and its check."""
    form = FORMATS[extension]
    return (
        lambda entries: form.render(dated(channel, entries), entries),
        lambda body, entries: verify(extension, body, dated(channel, entries), entries),
    )


def dated(channel: Channel, entries: Sequence[Entry]) -> Channel:
    """Date a channel by the latest change of its entries, or the latest withdrawal."""
    changes = [*(entry.updated for entry in entries), *(each.when for each in channel.tombstones)]
    return replace(channel, updated=max(changes, default=channel.updated))


def _attempt(
    write: Write, check: Check, entries: Sequence[Entry]
) -> tuple[bytes, Sequence[Difference]]:
    try:
        body = write(entries)
        return body, check(body, entries)
    except Exception as error:  # noqa: BLE001 - whatever a library raises, nothing is published
        return b"", (Difference("document", "a document", f"cannot be written: {error!r}"),)


def _sentence(difference: Difference) -> str:
    """Say what a document says otherwise than its sources."""
    if difference.field == "document":
        return difference.found
    return f"{difference.field}: expected {difference.expected!r}, read back {difference.found!r}"
