"""`feeds.ranking`: an order that everybody can work out again from the counts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.ranking import EVER, Counted, Rules, Usual, rank, rank_rising, widen

NOW = 1_000
RULES = Rules(now=NOW, limit=3, minimum=1)
NIGHT = Usual(readers=0.0, articles=0.0)
# Ten articles share a hundred readers, so that ten are to be expected of one.
NOON = Usual(readers=100.0, articles=10.0)


def article(article_id: str, readers: int = 5, published: int = 0) -> Counted:
    return Counted(article_id, published, readers)


def ids(ranked: Iterable[Counted]) -> list[str]:
    return [each.article_id for each in ranked]


class Tap:
    """Counts that are read one by one; remembers which ones were."""

    def __init__(self, counted: Iterable[Counted]) -> None:
        self._counted = counted
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[Counted]:
        for each in self._counted:
            self.taken.append(each.article_id)
            yield each


def test_no_more_is_taken_than_tells_that_no_equal_follows() -> None:
    tap = Tap(article(str(n), 100 - n) for n in count())
    assert ids(rank(tap, RULES)) == ["0", "1", "2"]
    assert tap.taken == ["0", "1", "2", "3"]
    tap = Tap(article(str(n), 5 - n) for n in count())
    assert ids(rank(tap, replace(RULES, minimum=4))) == ["0", "1"]
    assert tap.taken == ["0", "1", "2"]


# Few different numbers, so that there are ties of all kinds.
COUNTED = st.lists(
    st.builds(
        Counted,
        article_id=st.text("abcd", max_size=3),
        published=st.integers(-2, 6),
        readers=st.integers(0, 4),
    ),
    max_size=25,
    unique_by=lambda each: each.article_id,
)
ANY_RULES = st.builds(
    Rules,
    now=st.integers(0, 6),
    limit=st.integers(1, 10),
    minimum=st.integers(1, 4),
    fill=st.integers(0, 12),
    since=st.integers(-2, 3),
    blocked=st.frozensets(st.text("ab", max_size=2), max_size=3),
)


def sorted_out(counted: Iterable[Counted], rules: Rules) -> list[Counted]:
    """Rank in one go, as one would with all of them on a sheet of paper."""
    allowed = [
        each
        for each in counted
        if each.readers >= rules.minimum
        and rules.since <= each.published <= rules.now
        and each.article_id not in rules.blocked
    ]
    allowed.sort(key=lambda each: (-each.readers, -each.published, each.article_id))
    return allowed[: rules.limit]


def falling(counted: Iterable[Counted]) -> list[Counted]:
    return sorted(counted, key=lambda each: -each.readers)


@settings(max_examples=100)
@given(st.lists(COUNTED, min_size=1, max_size=4), COUNTED, ANY_RULES)
def test_the_order_is_that_of_a_full_sort_over_the_first_window_with_enough_articles(
    windows: list[list[Counted]], ever: list[Counted], rules: Rules
) -> None:
    named = [(f"{n}d", falling(counted)) for n, counted in enumerate(windows)]
    orders = [(name, sorted_out(counted, rules)) for name, counted in named]
    assert [(name, rank(counted, rules)) for name, counted in named] == orders
    orders.append((EVER, sorted_out(ever, rules)))
    enough = min(rules.fill, rules.limit)
    basis, order = next(each for each in orders if len(each[1]) >= enough or each[0] == EVER)
    longest: list[list[Counted]] = []

    def carried_over(ranked: Sequence[Counted]) -> list[Counted]:
        longest.append(list(ranked))
        return falling(ever)

    assert widen(named, carried_over, rules) == (order, basis)
    assert longest == ([orders[-2][1]] if basis == EVER else [])


def test_a_longer_window_is_not_read_without_need() -> None:
    longer, ever = Tap([article("a")]), Tap([article("b")])
    windows: list[tuple[str, Iterable[Counted]]] = [("1d", [article("c")]), ("2d", longer)]
    assert widen(windows, lambda _: ever, replace(RULES, fill=1)) == ([article("c")], "1d")
    assert longer.taken == ever.taken == []


def rising(usual: Usual, *recent: Counted, rules: Rules = RULES, **shares: float) -> list[str]:
    return ids(rank_rising(recent, shares, usual, rules))


@settings(max_examples=100)
@given(
    readers=st.integers(0, 2),
    share=st.floats(0, 1),
    usual=st.builds(Usual, readers=st.floats(0, 1e9), articles=st.floats(0, 1e6)),
)
def test_one_reader_or_two_never_make_a_rise_however_quiet_it_usually_is(
    readers: int, share: float, usual: Usual
) -> None:
    assert rising(usual, article("a", readers), a=share) == []


@pytest.mark.parametrize(
    ("usual", "readers", "share", "order"),
    [
        (NIGHT, 4, 0, []),
        (NIGHT, 5, 0, ["a"]),
        (NOON, 24, 0, []),
        (NOON, 25, 0, ["a"]),
        # Hardly read before: compared with an average article.
        (NOON, 24, 0.001, []),
        # Always read, by fifty of a hundred readers: compared with its own share.
        (NOON, 104, 0.5, []),
        (NOON, 105, 0.5, ["a"]),
    ],
)
def test_only_what_is_far_above_usual_rises(
    usual: Usual, readers: int, share: float, order: list[str]
) -> None:
    assert rising(usual, article("a", readers), a=share) == order


def test_the_steepest_rise_is_first_then_the_newer_then_the_lesser_id() -> None:
    rises = [article("many", 300), article("steep", 90), article("less", 60)]
    assert rising(NOON, *rises, many=0.8) == ["steep", "less", "many"]
    rises = [article("a", 50, 1), article("c", 50, 2), article("b", 50, 2), article("d", 50)]
    assert rising(NOON, *rises) == ["b", "c", "a"]
    assert rising(NOON) == rising(NIGHT) == []


@pytest.mark.parametrize(
    "rules",
    [
        replace(RULES, blocked=frozenset({"a"})),
        replace(RULES, now=99),
        replace(RULES, since=101),
        replace(RULES, minimum=51),
    ],
    ids=["blocked", "embargoed", "too old", "too few readers"],
)
def test_what_may_not_be_ranked_does_not_rise(rules: Rules) -> None:
    assert rising(NOON, article("a", 50, published=100)) == ["a"]
    assert rising(NOON, article("a", 50, published=100), rules=rules) == []
