"""`feeds.ranking`: an order that everybody can work out again from the counts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.model import Counted, Ranking
from feeds.ranking import EVER, Rise, Rules, Usual, rank, rank_rising, widen

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


def test_the_most_read_article_is_first() -> None:
    assert ids(rank([article("b", 9), article("c", 5), article("a", 2)], RULES)) == ["b", "c", "a"]


def test_of_equally_read_articles_the_newer_is_first_and_of_these_the_lesser_id() -> None:
    equals = [article("a", published=1), article("c", published=2), article("b", published=2)]
    assert ids(rank(equals, RULES)) == ["b", "c", "a"]


def test_no_more_articles_are_ranked_than_the_limit() -> None:
    assert ids(rank([article(str(n), 9 - n) for n in range(5)], RULES)) == ["0", "1", "2"]


def test_who_is_last_among_equals_is_decided_by_age_not_by_the_order_they_come_in() -> None:
    equals = [article(str(n), published=n) for n in range(6)]
    assert ids(rank([article("first", 9), *equals], RULES)) == ["first", "5", "4"]


def test_an_article_needs_the_least_number_of_readers() -> None:
    rules = replace(RULES, minimum=3)
    assert ids(rank([article("a", 4), article("b", 3), article("c", 2)], rules)) == ["a", "b"]


@pytest.mark.parametrize(("published", "ranked"), [(NOW, ["a"]), (NOW + 1, [])])
def test_an_article_is_ranked_from_the_second_it_is_published(
    published: int, ranked: list[str]
) -> None:
    assert ids(rank([article("a", published=published)], RULES)) == ranked


@pytest.mark.parametrize(("published", "ranked"), [(400, ["a"]), (399, [])])
def test_an_article_is_ranked_until_it_is_too_old(published: int, ranked: list[str]) -> None:
    rules = replace(RULES, since=400)
    assert ids(rank([article("a", published=published)], rules)) == ranked


def test_an_article_from_before_1970_may_be_ranked() -> None:
    rules = replace(RULES, since=-(2**62))
    assert ids(rank([article("a", published=-86_400)], rules)) == ["a"]


def test_those_that_may_not_be_ranked_take_no_place() -> None:
    rules = replace(RULES, limit=2, blocked=frozenset({"blocked", "another"}))
    counted = [
        article("blocked", 9),
        article("embargoed", 8, published=NOW + 1),
        article("a", 7),
        article("another", 6),
        article("b", 5),
        article("c", 4),
    ]
    assert ids(rank(counted, rules)) == ["a", "b"]


def test_nothing_counted_gives_no_order() -> None:
    assert rank([], RULES) == []


def test_one_more_is_taken_than_has_a_place_which_tells_that_no_equal_follows() -> None:
    tap = Tap(article(str(n), 100 - n) for n in count())
    assert ids(rank(tap, RULES)) == ["0", "1", "2"]
    assert tap.taken == ["0", "1", "2", "3"]


def test_nothing_is_taken_behind_the_first_with_too_few_readers() -> None:
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
@given(COUNTED, ANY_RULES)
def test_the_order_is_that_of_a_full_sort(counted: list[Counted], rules: Rules) -> None:
    assert rank(falling(counted), rules) == sorted_out(counted, rules)


@settings(max_examples=100)
@given(st.lists(COUNTED, min_size=1, max_size=4), COUNTED, ANY_RULES)
def test_the_window_is_the_first_with_enough_articles_in_a_full_sort(
    windows: list[list[Counted]], ever: list[Counted], rules: Rules
) -> None:
    named = [(f"{n}d", falling(counted)) for n, counted in enumerate(windows)]
    orders = [(name, sorted_out(counted, rules)) for name, counted in named]
    orders.append((EVER, sorted_out(ever, rules)))
    enough = min(rules.fill, rules.limit)
    basis, order = next(each for each in orders if len(each[1]) >= enough or each[0] == EVER)
    found = widen(named, lambda _: falling(ever), rules)
    assert found == Ranking(tuple(ids(order)), basis)


def never(_: Sequence[Counted]) -> Iterable[Counted]:
    raise AssertionError("a window had enough articles")


def windows_of(*sizes: int) -> list[tuple[str, list[Counted]]]:
    """Windows with so many articles each, which are called 1d, 2d and so on."""
    return [
        (f"{n}d", [article(f"{n}-{one}", 9 - one) for one in range(size)])
        for n, size in enumerate(sizes, 1)
    ]


def test_a_window_with_enough_articles_is_not_widened() -> None:
    rules = replace(RULES, fill=2)
    assert widen(windows_of(2, 3), never, rules) == Ranking(("1-0", "1-1"), "1d")


def test_a_window_with_too_few_articles_is_widened_until_there_are_enough() -> None:
    rules = replace(RULES, fill=2)
    assert widen(windows_of(1, 0, 2, 3), never, rules) == Ranking(("3-0", "3-1"), "3d")


def test_a_longer_window_is_not_looked_at_without_need() -> None:
    longer = Tap([article("a")])
    windows: list[tuple[str, Iterable[Counted]]] = [*windows_of(1), ("2d", longer)]
    assert widen(windows, never, replace(RULES, fill=1)).basis == "1d"
    assert longer.taken == []


def test_articles_that_may_not_be_ranked_fill_no_window() -> None:
    rules = replace(RULES, fill=2, blocked=frozenset({"1-0"}))
    assert widen(windows_of(2, 2), never, rules).basis == "2d"


def test_a_full_list_is_enough_where_more_than_it_holds_is_asked_for() -> None:
    rules = replace(RULES, limit=2, fill=5)
    assert widen(windows_of(1, 2, 9), never, rules) == Ranking(("2-0", "2-1"), "2d")


def test_a_window_that_needs_no_article_stays_as_it_is_even_empty() -> None:
    assert widen(windows_of(0, 3), never, replace(RULES, fill=0)) == Ranking((), "1d")


def test_with_too_few_in_every_window_all_readers_so_far_count() -> None:
    given_on: list[Sequence[Counted]] = []

    def ever(ranked: Sequence[Counted]) -> Iterable[Counted]:
        given_on.append(ranked)
        return [article("old", 90), *ranked]

    found = widen(windows_of(0, 1), ever, replace(RULES, fill=2))
    assert found == Ranking(("old", "2-0"), EVER)
    assert given_on == [[article("2-0", 9)]]


def test_the_rules_hold_for_all_readers_so_far_too() -> None:
    rules = Rules(now=NOW, limit=2, minimum=3, fill=9, since=1, blocked=frozenset({"blocked"}))
    counted = [
        article("blocked", 9, published=1),
        article("old", 8, published=0),
        article("embargoed", 7, published=NOW + 1),
        article("a", 6, published=1),
        article("b", 5, published=1),
        article("c", 4, published=1),
    ]
    assert widen([], lambda _: counted, rules) == Ranking(("a", "b"), EVER)
    assert widen([], lambda _: [article("few", 2, published=1)], rules) == Ranking((), EVER)


def rising(usual: Usual, *rises: Rise, rules: Rules = RULES) -> list[str]:
    return ids(rank_rising(rises, usual, rules))


def rise(article_id: str, readers: int, share: float = 0.0, published: int = 0) -> Rise:
    return Rise(article(article_id, readers, published), share)


@settings(max_examples=100)
@given(
    readers=st.integers(0, 2),
    share=st.floats(0, 1),
    usual=st.builds(Usual, readers=st.floats(0, 1e9), articles=st.floats(0, 1e6)),
)
def test_one_reader_or_two_never_make_a_rise_however_quiet_it_usually_is(
    readers: int, share: float, usual: Usual
) -> None:
    assert rising(usual, rise("a", readers, share)) == []


def test_a_crowd_at_night_makes_a_rise() -> None:
    assert rising(NIGHT, rise("a", 20)) == ["a"]


@pytest.mark.parametrize(("readers", "found"), [(10, []), (20, []), (40, ["a"]), (400, ["a"])])
def test_only_what_is_far_above_usual_is_a_rise(readers: int, found: list[str]) -> None:
    assert rising(NOON, rise("a", readers)) == found


def test_the_same_readers_are_a_rise_at_night_and_usual_at_noon() -> None:
    assert rising(NIGHT, rise("a", 15)) == ["a"]
    assert rising(NOON, rise("a", 15)) == []


def test_an_article_that_is_always_read_rises_above_its_own_share_only() -> None:
    evergreen = 0.5  # fifty of a hundred readers
    assert rising(NOON, rise("a", 60)) == ["a"]
    assert rising(NOON, rise("a", 60, evergreen)) == []
    assert rising(NOON, rise("a", 200, evergreen)) == ["a"]


def test_what_was_hardly_read_before_is_compared_with_an_average_article() -> None:
    assert rising(NOON, rise("a", 15, 0.001)) == rising(NOON, rise("a", 15)) == []


def test_the_steepest_rise_is_first_not_the_most_read() -> None:
    rises = [rise("many", 300, 0.8), rise("steep", 90), rise("less", 60)]
    assert rising(NOON, *rises) == ["steep", "less", "many"]


def test_of_equal_rises_the_newer_is_first_and_of_these_the_lesser_id() -> None:
    rises = [rise("a", 50, published=1), rise("c", 50, published=2), rise("b", 50, published=2)]
    assert rising(NOON, *rises) == ["b", "c", "a"]


def test_no_more_rises_are_ranked_than_the_limit() -> None:
    assert rising(NOON, *(rise(str(n), 50 + n) for n in range(5))) == ["4", "3", "2"]


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
    assert rising(NOON, rise("a", 50, published=100)) == ["a"]
    assert rising(NOON, rise("a", 50, published=100), rules=rules) == []


def test_nothing_read_gives_no_rise() -> None:
    assert rising(NOON) == rising(NIGHT) == []
