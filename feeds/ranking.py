"""From counts to an order. Pure: no clock, no store; the counts are enough to check an order."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile

EVER = "ever"
"""The basis of a ranking that went beyond all windows, to readers that were carried over."""

# These tell a rise from chance: the readers added to both sides of the comparison, and the multiple
# of the usual from which on a number is far above it.
_SMOOTHING = 5.0
_FAR_ABOVE = 2.0


@dataclass(frozen=True, slots=True)
class Counted:
    """A live article and its readers in some window; `published` is seconds since 1970."""

    article_id: str
    published: int
    readers: int


@dataclass(frozen=True, slots=True)
class Ranking:
    """The order of a ranked feed, by article id; `basis` is the window that was counted in fact."""

    articles: tuple[str, ...]
    basis: str


@dataclass(frozen=True, slots=True)
class Rules:
    """Which articles may be ranked, and how many.

    Articles published before `since` are too old, those after `now` under embargo (seconds since
    1970). An article needs `minimum` readers. With fewer than `fill` articles, a longer window is
    counted.
    """

    now: int
    limit: int
    minimum: int
    fill: int = 0
    since: int = 0
    blocked: frozenset[str] = frozenset()

    def allow(self, article: Counted) -> bool:
        """Say whether an article may be ranked, however many readers it has."""
        in_time = self.since <= article.published <= self.now
        return in_time and article.article_id not in self.blocked


@dataclass(frozen=True, slots=True)
class Usual:
    """What such hours usually bring to the whole paper: readers, and articles with any readers."""

    readers: float
    articles: float


def rank(counted: Iterable[Counted], rules: Rules) -> list[Counted]:
    """Rank by readers, then newer, then id; `counted` comes by falling readers.

    Articles are taken only as far as needed: the last ones compared have equal readers.
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
) -> tuple[list[Counted], str]:
    """Rank by the first window that has `fill` articles, or else with carried-over readers too.

    `windows` come from short to long. `ever` gets the articles of the longest one, and adds the
    readers from before this service counted. The name of the window comes with the order.
    """
    ranked = list[Counted]()
    for window, counted in windows:
        ranked = rank(counted, rules)
        if len(ranked) >= min(rules.fill, rules.limit):
            return ranked, window
    return rank(ever(ranked), rules), EVER


def rank_rising(
    recent: Iterable[Counted], shares: Mapping[str, float], usual: Usual, rules: Rules
) -> list[Counted]:
    """Rank the articles that have far more readers than usual, the steepest rise first.

    `shares` are the articles' shares of all readers in the time before. An article can expect its
    share of the readers that such hours bring, but at least the average of the articles read then.
    Both sides are smoothed, so that one reader, or two at night, never make a rise.
    """
    average = 1 / usual.articles if usual.articles else 0.0
    rises = dict[Counted, float]()
    for each in recent:
        expected = usual.readers * max(shares.get(each.article_id, 0.0), average)
        rise = (each.readers + _SMOOTHING) / (expected + _SMOOTHING)
        if rise >= _FAR_ABOVE and each.readers >= rules.minimum and rules.allow(each):
            rises[each] = rise
    return sorted(rises, key=lambda each: (-rises[each], *_newer_then_id(each)))[: rules.limit]


def _newer_then_id(article: Counted) -> tuple[int, str]:
    return -article.published, article.article_id
