"""What a reader of articles takes and what it gives, whichever the source."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import BinaryIO, TypeAlias

from feeds.model import Article


@dataclass(frozen=True, slots=True)
class Source:
    """Where articles come from, as far as that changes how they are read.

    `name` is the file's, with those folders before it that are part of a page's id. `timezone` is
    the zone of dates without an offset, `base_url` what relative addresses are resolved against.
    No article was updated after `now`. `section` goes to articles that name none.
    """

    name: str
    timezone: tzinfo
    base_url: str
    now: datetime
    section: str | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """An article, the line it starts on (from 1), and what was changed to make it fit."""

    article: Article
    line: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """A place (line from 1) that gave no article: what is wrong there and what to do."""

    line: int
    reason: str


Reader: TypeAlias = Callable[[BinaryIO, Source], Iterator[Accepted | Rejected]]
