"""Whatever views come in whatever way: the counts are those of a plain recount."""

from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feeds.store import SECONDS, Bursts, Position, Store, View
from tests.store.samples import MIDNIGHT, TODAY, empty, rows, settle_views, tally, totals, view

Key = tuple[int, str, str]
BURSTS = Bursts(articles=2, network=1)
SPANS = (2, 24, 26)
COUNTING = ("reader", "given")


class Recount:
    """The same as the store does, from a list of all views, anew each time."""

    def __init__(self) -> None:
        self.views: list[View] = []
        self.kept = Counter[Key]()
        self.given: dict[Key, int] = {}
        self.hour = -(10**6)
        self.spans: tuple[int, ...] = ()
        self.uncounted = set[int]()

    def fold(self, views: list[View]) -> None:
        self.views += views
        self.uncounted |= {one.day for one in views if not one.left_out}

    def close(self, days: Iterable[int]) -> None:
        for day in set(days) - self.uncounted:
            self.kept += recounted([one for one in self.views if one.day == day])
            self.views = [one for one in self.views if one.day != day]

    def settle(self, hour: int, spans: tuple[int, ...]) -> None:
        self.hour, self.spans = hour, spans
        self.uncounted.clear()

    def tally(self) -> Counter[Key]:
        return self.kept + recounted(self.views) + Counter(self.given)

    def totals(self) -> dict[int, Counter[str]]:
        found = {span: Counter[str]() for span in self.spans}
        for (hour, kind, article_id), n in self.tally().items():
            for span in self.spans:
                if kind in COUNTING and hour >= self.hour - span:
                    found[span][article_id] += n
        return {span: readers for span, readers in found.items() if readers}


def recounted(views: Iterable[View]) -> Counter[Key]:
    """Count views by the rules, as one would by hand."""
    found = Counter[Key]()
    seen: dict[tuple[int, int], dict[str, list[View]]] = {}
    for one in views:
        if one.left_out:
            found[hour_of(one), one.left_out, one.article_id] += 1
        else:
            seen.setdefault((one.day, one.visitor), {}).setdefault(one.article_id, []).append(one)
    places = Counter[tuple[int, int, str]]()
    arrivals = sorted(
        (min(map(hour_of, opened)), visitor, day, article_id, opened[0].network, len(opened))
        for (day, visitor), articles in seen.items()
        for article_id, opened in articles.items()
    )
    for hour, visitor, day, article_id, network, times in arrivals:
        if len(seen[day, visitor]) > BURSTS.articles:
            found[hour, "burst", article_id] += times
            continue
        places[day, network, article_id] += 1
        if places[day, network, article_id] > BURSTS.network:
            found[hour, "crowd", article_id] += times
        else:
            found[hour, "reader", article_id] += 1
            found[hour, "repeat", article_id] += times - 1
    return +found


def hour_of(one: View) -> int:
    return one.moment // SECONDS - MIDNIGHT


def fold(views: list[View], spool: str, store: Store, recount: Recount) -> None:
    """Fold a piece, and once more as if it had been interrupted."""
    before = store.visits.position(spool)
    after = Position(before.at + 1)
    assert store.visits.fold(spool, before, after, views)
    assert not store.visits.fold(spool, before, after, views)
    recount.fold(views)


def settle(hour: int, spans: tuple[int, ...], store: Store, recount: Recount) -> None:
    settle_views(store, hour, spans=spans, bursts=BURSTS)
    recount.settle(hour, spans)
    check(store, recount)


def close(days: list[int], store: Store, recount: Recount) -> None:
    store.readers.close(days, since=0)
    recount.close(days)
    if not recount.uncounted:
        check(store, recount)


def give(readers: dict[tuple[int, str], int], store: Store, recount: Recount) -> None:
    store.readers.give({(MIDNIGHT + hour, name): n for (hour, name), n in readers.items()})
    recount.given |= {(hour, "given", name): n for (hour, name), n in readers.items()}


def check(store: Store, recount: Recount) -> None:
    assert tally(store) == recount.tally()
    assert totals(store) == recount.totals()


def one_view(hour: int, article_id: str, visitor: int, second: int, left_out: str) -> View:
    """Make a view; three neighbours share a network."""
    at = (MIDNIGHT + hour) * SECONDS + second
    plain = view(hour, article_id, visitor=visitor, network=visitor // 3)
    return plain._replace(moment=at, left_out=left_out)


# Around two midnights of the paper; hours to settle at run ahead, stand still and go back.
HOURS = st.sampled_from([-2, -1, 0, 1, 23, 24, 25])
NAMES = st.sampled_from("abc")
VISITORS = st.sampled_from([*range(6), -(2**63)])
LEFT = ["", "", "", "", "robot", "staff"]
VIEWS = st.builds(
    one_view, HOURS, NAMES, VISITORS, st.sampled_from([0, 3599]), st.sampled_from(LEFT)
)
FOLDS = st.builds(partial, st.just(fold), st.lists(VIEWS, max_size=25), st.sampled_from("xy"))
SETTLES = st.builds(
    partial,
    st.just(settle),
    st.integers(-3, 52),
    st.sampled_from([SPANS, SPANS, SPANS, SPANS[:2], SPANS[1:], ()]),
)
CLOSES = st.builds(
    partial, st.just(close), st.lists(st.sampled_from([TODAY - 1, TODAY, TODAY + 1]), unique=True)
)
GIVES = st.builds(
    partial,
    st.just(give),
    st.dictionaries(st.tuples(HOURS, NAMES), st.integers(0, 3), max_size=3),
)
STEPS = st.lists(st.one_of(FOLDS, FOLDS, FOLDS, SETTLES, SETTLES, GIVES, CLOSES), max_size=14)


Steps = Iterable[Callable[[Store, Recount], None]]


# Bursts and crowds on both sides of midnight, reloads, and left-out views.
OPENED = [(visitor, name) for visitor in range(6) for name in "abc"[visitor // 3 :]]
A_DAY: Steps = [
    partial(fold, [one_view(23, name, visitor, 0, "") for visitor, name in OPENED], "x"),
    partial(settle, 24, SPANS),
    partial(give, {(0, "a"): 2, (24, "b"): 3}),
    partial(fold, [one_view(24, "a", n, 0, left) for n in range(6) for left in LEFT], "y"),
    partial(fold, [one_view(22, "a", visitor, 0, "") for visitor in (5, 5, -(2**63))], "x"),
]


def check_life(store: Store, steps: Steps, last: int) -> None:
    recount = Recount()
    for step in steps:
        step(store, recount)
    settle(last, SPANS, store, recount)
    close([TODAY - 1, TODAY, TODAY + 1], store, recount)
    settle(last + 1, SPANS, store, recount)
    assert rows(store, "visits") == 0


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS, last=st.integers(0, 60))
def test_any_views_in_any_pieces_and_order_give_the_counts_of_a_recount(
    one_store: Store, steps: Steps, last: int
) -> None:
    empty(one_store)
    check_life(one_store, steps, last)


def test_every_store_counts_a_day_alike(store: Store) -> None:
    check_life(store, A_DAY, 25)
