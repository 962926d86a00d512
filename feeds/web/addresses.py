"""The one address of each feed, whatever a client writes for it."""

import unicodedata
from collections.abc import Mapping

from feeds.text import slug

GONE = "gone"


def canonical(path: str) -> str:
    """Give the path below `/feeds/` that is meant: NFC, slugs as they are made, no odd slashes."""
    parts = [part for part in unicodedata.normalize("NFC", path).split("/") if part]
    if not parts:
        return path
    *folders, last = parts
    stem, dot, extension = last.rpartition(".")
    parts = [slug(part) for part in (*folders, stem or last)]
    return "/".join(parts) + (dot + extension.lower() if stem else "")


def moved_to(path: str, moved: Mapping[str, str]) -> str | None:
    """Give what a renamed section's, author's or tag's feed is called now, however often renamed.

    It is `GONE` where there is nothing any more, None where nothing was moved.
    """
    found = None
    for _ in moved:  # no chain of names is longer, and a circle ends
        for old, new in moved.items():
            rest = path.removeprefix(old)
            if rest != path and rest[:1] in (".", "/"):
                if new == GONE:
                    return GONE
                found = path = new + rest
    return found
