"""From counts to an order. Pure: no clock, no store; whoever has the counts can check the order."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile

from feeds.model import Counted, Ranking

EVER = "ever"
"""The basis of a ranking that had to go beyond all windows, to readers that were carried over."""

# A rise is told from chance by these: readers added to both sides of the comparison, and how many
# times as much as usual is far above it.
_SMOOTHING = 5.0
_FAR_ABOVE = 2.0


@dataclass(frozen=True, slots=True)
class Rules:
    """What may be ranked, and how many of it.

    Articles published before `since` are too old, those after `now` under embargo (seconds since
    1970). An article needs `minimum` readers; with fewer articles than `fill` a longer time counts.
    """

    now: int
    limit: int
    minimum: int
    fill: int = 0
    since: int = 0
    blocked: frozenset[str] = frozenset()

    def allow(self, article: Counted) -> bool:
        """Say whether an article may be ranked, whatever its readers."""
        in_time = self.since <= article.published <= self.now
        return in_time and article.article_id not in self.blocked


@dataclass(frozen=True, slots=True)
class Usual:
    """What hours such as these bring to the whole paper: readers, and articles that have any."""

    readers: float
    articles: float


@dataclass(frozen=True, slots=True)
class Rise:
    """An article's readers in the last hours, and its share of all readers in the time before."""

    article: Counted
    share: float


def rank(counted: Iterable[Counted], rules: Rules) -> list[Counted]:
    """Rank by readers, then newer, then id; `counted` comes by falling readers.

    No more of it is taken than it needs: all of equal readers are compared, the rest is left.
    """
    ranked = list[Counted]()
    enough = takewhile(lambda each: each.readers >= rules.minimum, counted)
    for _, equals in groupby(enough, key=lambda each: each.readers):
        ranked += sorted(filter(rules.allow, equals), key=_newer_then_id)
        if len(ranked) >= rules.limit:
            break
    return ranked[: rules.limit]


def widen(
    windows: Iterable[tuple[str, Iterable[Counted]]],
    ever: Callable[[Sequence[Counted]], Iterable[Counted]],
    rules: Rules,
) -> Ranking:
    """Rank by the first window that has `fill` articles; if none has, with carried-over readers.

    `windows` come from short to long. `ever` gets what the longest one ranked, and adds to it the
    readers from before this service counted.
    """
    ranked = list[Counted]()
    for window, counted in windows:
        ranked = rank(counted, rules)
        if len(ranked) >= min(rules.fill, rules.limit):
            return _ranking(ranked, window)
    return _ranking(rank(ever(ranked), rules), EVER)


def rank_rising(rises: Iterable[Rise], usual: Usual, rules: Rules) -> list[Counted]:
    """Rank what is read far above what is usual, by how far.

    To be expected is an article's share of the readers that such hours bring; at least what an
    article that is read then has on average. Both sides are smoothed, so that one reader, or two
    at night, never make a rise.
    """
    average = 1 / usual.articles if usual.articles else 0.0
    found = list[tuple[float, Counted]]()
    for each in rises:
        expected = usual.readers * max(each.share, average)
        rise = (each.article.readers + _SMOOTHING) / (expected + _SMOOTHING)
        enough = each.article.readers >= max(rules.minimum, 2)
        if rise >= _FAR_ABOVE and enough and rules.allow(each.article):
            found.append((rise, each.article))
    found.sort(key=lambda pair: (-pair[0], *_newer_then_id(pair[1])))
    return [article for _, article in found[: rules.limit]]


def _ranking(ranked: Iterable[Counted], basis: str) -> Ranking:
    return Ranking(tuple(each.article_id for each in ranked), basis)


def _newer_then_id(article: Counted) -> tuple[int, str]:
    return -article.published, article.article_id
