"""Views count once, in whatever spools they lie and however often folding is interrupted."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.errors import StoreError
from feeds.model import View
from feeds.store import Position, Store
from feeds.store.visits import Visits
from feeds.views import Spool, fold_all, spool
from tests.store.samples import Bursts, empty, settle_views, tally, totals, view

# Two articles a visitor, two visitors of a network on an article: so that both happen often.
STRICT = Bursts(articles=2, network=2)
VIEWS = st.lists(
    st.builds(
        lambda hour, name, visitor, reason: view(
            hour, name, visitor=visitor, network=visitor // 4, left_out=reason
        ),
        st.integers(0, 30),
        st.sampled_from("abcd"),
        st.integers(0, 6),
        st.sampled_from(["", "", "", "robot"]),
    ),
    max_size=30,
)
# By the number of a file; they are folded in the order of these.
SPOOLS = st.dictionaries(st.integers(0, 9), VIEWS, min_size=1, max_size=4)
# Of each run of the worker: after how many pieces it dies, and whether the last one was stored.
RUNS = st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=6)


class Dying(Visits):
    """Visits in a process that is killed around its nth piece."""

    def __init__(self, store: Store, pieces: int, *, stored: bool) -> None:
        super().__init__(store._database)
        self._pieces = pieces
        self._stored = stored

    def fold(self, spool: str, before: Position, after: Position, views: Iterable[View]) -> Any:
        self._pieces -= 1
        if self._pieces >= 0 or self._stored:
            super().fold(spool, before, after, views)
        if self._pieces < 0:
            raise StoreError("killed")
        return True


def counted(store: Store) -> tuple[object, object]:
    settle_views(store, 30, bursts=STRICT)
    return tally(store), totals(store)


@settings(max_examples=25, deadline=None)
@given(spools=SPOOLS, piece_bytes=st.integers(100, 400), runs=RUNS)
def test_any_spools_folded_in_any_pieces_by_any_runs_give_the_same_counts(
    one_store: Store,
    tmp_path_factory: pytest.TempPathFactory,
    spools: dict[int, list[View]],
    piece_bytes: int,
    runs: list[tuple[int, bool]],
) -> None:
    empty(one_store)
    everything = [each for views in spools.values() for each in views]
    assert one_store.visits.fold("all at once", Position(), Position(1), everything)
    expected = counted(one_store)
    empty(one_store)
    folder = tmp_path_factory.mktemp("spool")
    write(folder, spools)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spool, "_BATCH_BYTES", piece_bytes)
        for pieces, stored in runs:
            with suppress(StoreError):
                fold_all(folder, replace(one_store, visits=Dying(one_store, pieces, stored=stored)))
            settle_views(one_store, 30, bursts=STRICT)
        assert fold_all(folder, one_store)
    assert counted(one_store) == expected
    assert list(folder.iterdir()) == []


def write(folder: Path, spools: dict[int, list[View]]) -> None:
    for number, views in spools.items():
        writer = Spool(folder)
        for each in views:
            writer.append(each)
        writer.close()
        for path in folder.glob("?*-*.views"):
            path.rename(folder / f"{number}.views")
