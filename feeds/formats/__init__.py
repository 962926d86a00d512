"""The formats that a feed is published in: one file each, and one line in `FORMATS`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from feeds.formats import atom, jsonfeed, rss
from feeds.formats.jsonfeed import ABOUT
from feeds.formats.opml import render_opml
from feeds.formats.sitemap import render_robots, render_sitemap, render_sitemap_index
from feeds.model import Channel, Entry

__all__ = ["ABOUT", "FORMATS", "Format", "render_opml", "render_robots"]
__all__ += ["render_sitemap", "render_sitemap_index"]


@dataclass(frozen=True, slots=True)
class Format:
    """How one format is named, served and rendered.

    The same channel and entries give the same bytes, in the order given. A text that feedgen, lxml
    or JSON cannot carry raises TypeError or ValueError.
    """

    name: str
    media_type: str
    render: Callable[[Channel, Sequence[Entry]], bytes]


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "rss": Format("RSS 2.0", f"{rss.MEDIA_TYPE}; charset=utf-8", rss.render),
        "atom": Format("Atom 1.0", f"{atom.MEDIA_TYPE}; charset=utf-8", atom.render),
        "json": Format("JSON Feed 1.1", f"{jsonfeed.MEDIA_TYPE}; charset=utf-8", jsonfeed.render),
    }
)
"""Every format by its file extension, which is the last part of a feed's path."""
