"""What is new since an earlier version of a feed (RFC 3229 with the `feed` manipulation)."""

import hashlib
from collections.abc import Sequence

from feeds.compress import encoded
from feeds.gate import edit
from feeds.model import Bodies, Channel, Entry
from feeds.store import Version


def digests_of(entries: Sequence[Entry]) -> dict[str, str]:
    """Give a digest of each entry by its id."""
    return {entry.id: digest(entry) for entry in entries}


def digest(*parts: object) -> str:
    """Give a short hash of data that prints the same when it is the same."""
    return hashlib.blake2b(repr(parts).encode(errors="replace"), digest_size=12).hexdigest()


def deltas_of(
    extension: str, channel: Channel, entries: Sequence[Entry], versions: Sequence[Version]
) -> dict[str, Bodies]:
    """Render, by the ETag of a version, only the entries that are new or changed since it.

    Each passes the gate as the whole document does. There is none for a version that has nothing
    in common with the document, and none for a ranked feed: what moved in it is its order.
    """
    if channel.ranked:
        return {}
    digests = digests_of(entries)
    deltas: dict[str, Bodies] = {}
    by_news: dict[tuple[str, ...], Bodies] = {}
    for version in versions:
        news = [each for each in entries if version.digests.get(each.id) != digests[each.id]]
        if len(news) < len(entries):
            ids = tuple(entry.id for entry in news)
            bodies = by_news.get(ids) or _checked(extension, channel, news)
            if bodies:
                deltas[version.etag] = by_news[ids] = bodies
    return deltas


def _checked(extension: str, channel: Channel, entries: Sequence[Entry]) -> Bodies:
    edition = edit(extension, channel, entries)
    return encoded(edition.body) if edition.body is not None and not edition.held_back else {}
