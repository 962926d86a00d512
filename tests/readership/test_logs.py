"""Access logs: each line counts once, however often and in whatever shape its file comes."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from feeds.config import Config
from feeds.errors import LogError
from feeds.readership import ArticleAddresses, LogImport, LogTally, Opened, Visitors
from feeds.readership import logs as module
from feeds.storage import Store
from feeds.storage.schema import visits
from tests.readers import GOOGLEBOT, PHONE

Import = Callable[[Path], LogTally]


def line(number: int, target: str = "/news/1", agent: str = PHONE, minute: int = 26) -> bytes:
    when = f"02/Mar/2026:15:{minute:02}:43 +0900"
    return (
        f'192.0.2.{number} - - [{when}] "GET {target} HTTP/1.1" 200 5120 "-" "{agent}"\n'.encode()
    )


@pytest.fixture
def import_log(store: Store, config: Config) -> Import:
    def run(path: Path) -> LogTally:
        tally = LogTally()
        addresses = ArticleAddresses(config.views.addresses)
        LogImport(store, Visitors.of(store, config), addresses).run(path, tally)
        return tally

    return run


def readers(store: Store) -> int:
    with store._database.reading() as connection:
        return len(connection.execute(visits.select()).all())


def test_what_the_lines_are_is_told(store: Store, import_log: Import, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_bytes(
        b"".join(
            [
                line(1),
                line(1, "/m/news/1?utm_source=naver"),  # the same article, on a phone
                line(1, "/news/view.php?idx=2"),
                line(2, agent=GOOGLEBOT),
                line(3, "/news/404"),
                line(4, "/css/paper.css"),
                b"what is this\n",
            ]
        )
    )
    tally = import_log(log)
    assert tally == LogTally(
        lines=7,
        views=4,
        other_pages=1,
        unknown_articles=1,
        unreadable=1,
        first_fault=f"{log}:7: not in the combined log format",
    )
    assert readers(store) == 2


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_the_same_file_counts_once(
    store: Store, import_log: Import, tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    lines = b"".join(map(line, range(5)))
    (tmp_path / "access.log").write_bytes(pack(lines))
    assert import_log(tmp_path / "access.log").views == 5
    assert import_log(tmp_path / "access.log").lines == 0
    # Also under another name, and packed by the rotation.
    (tmp_path / "access.log.1").write_bytes(lines)
    (tmp_path / "access.log.2.gz").write_bytes(gzip.compress(lines))
    for name in ("access.log.1", "access.log.2.gz"):
        assert import_log(tmp_path / name) == LogTally()
    assert readers(store) == 5


def test_a_log_that_has_grown_goes_on_where_it_was(
    store: Store, import_log: Import, tmp_path: Path
) -> None:
    log = tmp_path / "access.log"
    log.write_bytes(line(1) + line(2)[:-30])  # its last line is being written
    assert import_log(log).views == 1
    log.write_bytes(line(1) + line(2) + line(3).rstrip(b"\n"))  # this one only lacks its end
    assert import_log(log).views == 2
    assert import_log(log).lines == 0
    log.write_bytes(line(1) + line(2) + line(3) + line(4))
    assert import_log(log).views == 1
    assert readers(store) == 4


@pytest.mark.parametrize("before", [b"", line(1)])
def test_a_line_whose_end_comes_later_is_one_line(
    store: Store, import_log: Import, tmp_path: Path, before: bytes
) -> None:
    log = tmp_path / "access.log"
    log.write_bytes(before + line(2).rstrip(b"\n"))
    import_log(log)
    log.write_bytes(before + line(2) + line(3))
    assert import_log(log) == LogTally(lines=1, views=1)
    with store._database.reading() as connection:
        assert {row.times for row in connection.execute(visits.select())} == {1}


def test_an_unreadable_line_is_named_by_its_place_in_its_own_file(
    store: Store, config: Config, import_log: Import, tmp_path: Path
) -> None:
    grown, second = tmp_path / "grown.log", tmp_path / "second.log"
    grown.write_bytes(line(1) + line(2))
    import_log(grown)
    grown.write_bytes(line(1) + line(2) + line(3) + b"what is this\n")
    assert import_log(grown).first_fault == f"{grown}:4: not in the combined log format"
    second.write_bytes(line(4) + b"what is this\n")
    one_after_the_other = LogTally()
    one = LogImport(store, Visitors.of(store, config), ArticleAddresses(config.views.addresses))
    for log in (grown, second):
        one.run(log, one_after_the_other)
    assert one_after_the_other.first_fault.startswith(f"{second}:2: ")


def test_another_log_with_the_same_first_line_is_another_log(
    store: Store, import_log: Import, tmp_path: Path
) -> None:
    one, other = tmp_path / "one.log", tmp_path / "other.log"
    one.write_bytes(line(1) + line(2))
    other.write_bytes(line(1) + line(3) + line(4))
    assert import_log(one).views == 2
    assert import_log(other).views == 3
    assert import_log(one).lines == import_log(other).lines == 0
    assert readers(store) == 4


def test_a_copy_of_the_beginning_of_a_log_has_nothing_new(
    store: Store, import_log: Import, tmp_path: Path
) -> None:
    whole, part = tmp_path / "whole.log", tmp_path / "part.log"
    whole.write_bytes(line(1) + line(2) + line(3))
    part.write_bytes(line(1) + line(2))
    import_log(whole)
    assert import_log(part).lines == 0
    assert readers(store) == 3


def test_a_damaged_gzip_counts_as_far_as_it_can_be_read(
    import_log: Import, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: Store
) -> None:
    monkeypatch.setattr(module, "_BATCH_BYTES", 1000)
    packed = gzip.compress(b"".join(line(n % 250, minute=n % 60) for n in range(5000)))
    log = tmp_path / "access.log.gz"
    log.write_bytes(packed[: len(packed) // 2])
    with pytest.raises(LogError, match=r"access\.log\.gz: cannot be read further: "):
        import_log(log)
    before = readers(store)
    assert before > 10
    log.write_bytes(packed)
    import_log(log)
    assert readers(store) == 250


def test_a_small_gzip_that_ends_early_counts_as_far_as_it_can_be_read(
    import_log: Import, tmp_path: Path, store: Store
) -> None:
    packed = gzip.compress(b"".join(line(n) for n in range(250)), 0)
    log = tmp_path / "access.log.gz"
    log.write_bytes(packed[: len(packed) // 2])
    with pytest.raises(LogError, match="before the end-of-stream marker"):
        import_log(log)
    before = readers(store)
    assert 110 < before < 130
    log.write_bytes(packed)
    assert import_log(log).views == 250 - before


def test_a_log_that_is_not_there_is_told(import_log: Import, tmp_path: Path) -> None:
    with pytest.raises(LogError, match=r"none\.log: cannot be read further: .*No such file"):
        import_log(tmp_path / "none.log")


def test_a_line_of_the_future_is_not_believed(import_log: Import, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_bytes(line(1).replace(b"2026", b"2126"))
    tally = import_log(log)
    assert (tally.views, tally.unreadable) == (0, 1)
    assert "its time has not come yet" in tally.first_fault


def test_an_import_that_was_killed_goes_on(
    store: Store, import_log: Import, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "access.log"
    log.write_bytes(b"".join(line(n) for n in range(200)))
    monkeypatch.setattr(module, "_BATCH_BYTES", 2000)
    fold, folds = store.visits.fold, []

    def fold_thrice(*arguments: object) -> bool:
        folds.append(arguments)
        if len(folds) > 3:
            raise KeyboardInterrupt
        return fold(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(type(store.visits), "fold", lambda _self, *given: fold_thrice(*given))
    with pytest.raises(KeyboardInterrupt):
        import_log(log)
    monkeypatch.undo()
    before = readers(store)
    assert 0 < before < 200
    assert import_log(log).views == 200 - before
    assert readers(store) == 200


def test_beacon_and_log_see_one_visitor(
    store: Store, config: Config, import_log: Import, tmp_path: Path
) -> None:
    log = tmp_path / "access.log"
    log.write_bytes(line(1))
    import_log(log)
    with store._database.reading() as connection:
        row = connection.execute(visits.select()).one()
    opened = Opened("1", row.hour * 3600 + 60, "192.0.2.1", PHONE)
    assert Visitors.of(store, config).view(opened).visitor == row.visitor
