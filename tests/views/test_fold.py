"""Spool files are folded exactly once, whatever is interrupted, and deleted when complete."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from feeds.errors import StoreError
from feeds.model import View
from feeds.store import Position, Store, open_store
from feeds.store.schema import visits
from feeds.store.visits import Visits
from feeds.views import Spool, fold_all
from feeds.views.fold import Folded, _alone_in

VIEW = View(moment=1_772_409_600, day=739_677, article_id="1", visitor=1, network=7)


def write(folder: Path, *visitors: int, close: bool = True) -> Spool:
    spool = Spool(folder)
    for visitor in visitors:
        spool.append(VIEW._replace(visitor=visitor))
    if close:
        spool.close()
    return spool


def visitors_of(store: Store) -> dict[int, int]:
    with store._database.reading() as connection:
        return {row.visitor: row.times for row in connection.execute(visits.select())}


def test_what_is_complete_is_folded_and_deleted(store: Store, spooled: Path) -> None:
    write(spooled, 1, 2)
    write(spooled, 3)
    assert fold_all(spooled, store).views == 3
    assert visitors_of(store) == {1: 1, 2: 1, 3: 1}
    assert list(spooled.iterdir()) == []


def test_it_says_whether_all_that_was_there_is_folded(store: Store, spooled: Path) -> None:
    write(spooled, 1, close=False)
    assert fold_all(spooled, store).whole
    write(spooled, 2)
    assert not fold_all(spooled, store, lambda: True).whole
    with _alone_in(spooled):
        assert not fold_all(spooled, store).whole
    unreadable = spooled / "0.views"
    unreadable.mkdir()
    assert fold_all(spooled, store) == Folded(1, whole=False)
    unreadable.rmdir()
    assert fold_all(spooled, store) == Folded(0, whole=True)
    assert fold_all(spooled / "none", store).whole


def test_a_file_that_is_written_to_is_folded_as_far_as_it_goes_and_stays(
    store: Store, spooled: Path
) -> None:
    spool = write(spooled, 1, close=False)
    assert fold_all(spooled, store).views == 1
    assert fold_all(spooled, store).views == 0
    spool.append(VIEW._replace(visitor=2))
    assert fold_all(spooled, store).views == 1
    assert len(list(spooled.iterdir())) == 1
    spool.close()
    assert fold_all(spooled, store).views == 0
    assert list(spooled.iterdir()) == []
    assert visitors_of(store) == {1: 1, 2: 1}


def test_what_was_folded_before_a_crash_is_not_folded_again(store: Store, spooled: Path) -> None:
    write(spooled, 1, 2)
    (path,) = spooled.iterdir()
    kept = path.read_bytes()
    first = len(kept) // 2
    # The worker died after the first piece, and once more after the last, before it could delete.
    assert store.visits.fold(path.name, Position(), Position(first), [VIEW._replace(visitor=1)])
    assert fold_all(spooled, store).views == 1
    assert visitors_of(store) == {1: 1, 2: 1}
    path.write_bytes(kept)
    assert store.visits.fold(path.name, Position(), Position(len(kept)), [])
    assert fold_all(spooled, store).views == 0
    assert list(spooled.iterdir()) == []
    assert visitors_of(store) == {1: 1, 2: 1}


def test_a_piece_that_somebody_else_folded_meanwhile_is_left(store: Store, spooled: Path) -> None:
    write(spooled, 1, 2)
    (path,) = spooled.iterdir()
    length = path.stat().st_size
    views = [VIEW._replace(visitor=1), VIEW._replace(visitor=2)]
    assert store.visits.fold(path.name, Position(), Position(length), views)
    assert not store.visits.fold(path.name, Position(), Position(length), views)
    assert visitors_of(store) == {1: 1, 2: 1}


class Slow:
    """The visits of a store, for a worker that another overtakes when it has read a piece."""

    def __init__(self, visits: Visits, overtake: Callable[[], object]) -> None:
        self._visits = visits
        self._overtake = overtake
        self.position = visits.position
        self.forget_spool = visits.forget_spool

    def fold(self, *piece: Any) -> bool:
        self._overtake()
        return self._visits.fold(*piece)


def test_a_slow_worker_brings_nothing_that_another_folded_and_deleted(
    store: Store, spooled: Path
) -> None:
    spool = write(spooled, 1, 2, close=False)

    def overtake() -> None:
        spool.close()
        fold_all(spooled, store)

    slow: Any = Slow(store.visits, overtake)
    fold_all(spooled, replace(store, visits=slow))
    fold_all(spooled, store)
    assert visitors_of(store) == {1: 1, 2: 1}
    assert list(spooled.iterdir()) == []


def test_a_store_that_is_away_loses_nothing(store: Store, spooled: Path, tmp_path: Path) -> None:
    write(spooled, 1)
    with open_store(f"sqlite:///{tmp_path / 'other.db'}") as other:
        (tmp_path / "other.db").rename(tmp_path / "aside.db")
        with pytest.raises(StoreError):
            fold_all(spooled, other)
    assert fold_all(spooled, store).views == 1


def test_a_folder_that_is_not_there_has_nothing_to_fold(store: Store, tmp_path: Path) -> None:
    assert fold_all(tmp_path / "none", store).views == 0


def test_folding_stops_between_two_files_when_told(store: Store, spooled: Path) -> None:
    write(spooled, 1)
    assert fold_all(spooled, store, lambda: True).views == 0
    assert fold_all(spooled, store).views == 1
