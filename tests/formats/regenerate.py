"""Write the golden documents anew: `python -m tests.formats.regenerate`, then read the diff."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from feeds.formats import FORMATS
from tests.formats.samples import ATTACHED, AWKWARD, FULL, TOMBSTONES, ranked

GOLDEN = Path(__file__).with_name("golden")
_CASE = ranked(FULL, AWKWARD, ATTACHED)
_CHANNEL = replace(_CASE.channel, tombstones=TOMBSTONES)


def documents() -> Mapping[str, bytes]:
    """The golden documents as they are written now, by file name."""
    return {
        f"most-read.{name}": fmt.render(_CHANNEL, _CASE.entries) for name, fmt in FORMATS.items()
    }


def write() -> None:
    """Replace the stored documents."""
    GOLDEN.mkdir(exist_ok=True)
    for name, body in documents().items():
        (GOLDEN / name).write_bytes(body)


if __name__ == "__main__":
    write()
