"""Access logs: each line counts once, however often and in whatever shape its file comes."""

import gzip
import tracemalloc
from collections.abc import Callable, Sequence
from itertools import count, permutations
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feeds.config import Config
from feeds.errors import LogError
from feeds.store import Position, Store
from feeds.store.schema import visits
from feeds.views import ArticleAddresses, LogImport, LogTally, Opened, Visitors
from feeds.views import logs as module
from feeds.views.beginning import Beginning
from tests.paper import settings as paper
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
        left_out=1,
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


def probe(second: int, number: int = 0) -> bytes:
    """Write what a load balancer asks of all its servers in the same second."""
    target, agent = f"/health?{number}", "HAProxy"
    return line(1, target, agent, minute=second // 60).replace(b":43 ", b":%02d " % (second % 60))


@pytest.mark.parametrize("packed", range(4), ids=lambda n: f"the first {n} packed")
def test_the_logs_of_several_servers_may_begin_alike_and_come_in_any_order(
    store: Store, import_log: Import, tmp_path: Path, packed: int
) -> None:
    shortest, longest = [line(1)], [line(2), line(3), line(4), line(5)]
    servers = [shortest, [line(6), line(7)], longest]
    for order, logs in enumerate(permutations(servers)):
        paths = []
        for number, lines in enumerate(logs):
            content = probe(order) + b"".join(lines)
            paths.append(tmp_path / f"{order}-{number}.log")
            paths[-1].write_bytes(gzip.compress(content) if number < packed else content)
        assert [import_log(path).views for path in paths] == [len(lines) for lines in logs]
        assert [import_log(path).lines for path in paths] == [0, 0, 0]
    assert readers(store) == 7


def test_servers_that_nobody_but_a_probe_asked_for_long_keep_their_readers(
    import_log: Import, tmp_path: Path
) -> None:
    probes = b"".join(map(probe, range(50)))
    one, other = tmp_path / "one.log", tmp_path / "other.log"
    one.write_bytes(probes + line(1) + line(2))
    other.write_bytes(probes + line(3))
    assert import_log(one).views == 2
    assert import_log(other).views == 1


def test_logs_of_several_servers_that_grow_and_are_rotated_count_once(
    store: Store, import_log: Import, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.log", tmp_path / "second.log"
    first.write_bytes(probe(0))
    second.write_bytes(probe(0))
    assert [import_log(log).lines for log in (first, second)] == [1, 0]
    second.write_bytes(probe(0) + line(1))
    first.write_bytes(probe(0) + line(2) + line(3))
    assert [import_log(log).views for log in (second, first)] == [1, 2]
    rotated = tmp_path / "first.log.1"
    rotated.write_bytes(probe(0) + line(2) + line(3) + line(4))
    first.write_bytes(probe(1) + line(5))
    assert [import_log(log).views for log in (rotated, first, second)] == [1, 1, 0]
    packed = tmp_path / "first.log.2.gz"
    packed.write_bytes(gzip.compress(rotated.read_bytes()))
    assert import_log(packed).lines == 0
    assert readers(store) == 5


def test_a_copy_of_the_beginning_of_a_log_has_nothing_new(
    store: Store, import_log: Import, tmp_path: Path
) -> None:
    whole, part = tmp_path / "whole.log", tmp_path / "part.log"
    content = b"".join(map(line, range(4)))
    whole.write_bytes(content)
    import_log(whole)
    for length in range(len(line(0)), len(content), 7):
        part.write_bytes(content[:length])
        assert import_log(part).lines == 0
    part.write_bytes(gzip.compress(content[: -len(line(3))]))
    assert import_log(part).lines == 0
    assert readers(store) == 4


def test_a_copy_that_is_being_made_has_nothing_new(
    import_log: Import, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, part = tmp_path / "whole.log", tmp_path / "part.log"
    whole.write_bytes(line(1) + line(2) + line(3))
    import_log(whole)
    part.write_bytes(line(1) + line(2))
    read_again = Beginning.read_again

    def read_and_copy_on(stream: BinaryIO, position: Position) -> Beginning | None:
        found = read_again(stream, position)
        part.write_bytes(whole.read_bytes())
        return found

    monkeypatch.setattr(Beginning, "read_again", read_and_copy_on)
    assert import_log(part).lines == 0


def test_a_log_that_was_written_anew_is_another_log(import_log: Import, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_bytes(line(1) + line(2) + line(3))
    import_log(log)
    for rewritten in (line(1) + line(4), line(1) + line(5) + line(6) + line(7)):
        log.write_bytes(rewritten)
        assert import_log(log).lines == rewritten.count(b"\n")


servers = st.lists(st.integers(0, 6), min_size=2, max_size=3)
imports = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2000), st.booleans()), max_size=8)
runs = count()


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(servers, st.integers(1, 4), imports)
def test_however_logs_grow_each_reader_of_each_server_counts_once(
    import_log: Import,
    tmp_path: Path,
    read: Sequence[int],
    probes: int,
    cuts: Sequence[tuple[int, int, bool]],
) -> None:
    run = next(runs)
    begun = b"".join(probe(second, run) for second in range(probes))
    readers = [b"".join(line(n, minute=m) for n in range(many)) for m, many in enumerate(read)]
    contents = [begun + each for each in readers]
    every = [(server, len(content), False) for server, content in enumerate(contents)]
    views = 0
    for server, length, packed in [*cuts, *every]:
        content = contents[server % len(contents)][:length]
        log = tmp_path / "access.log"
        log.write_bytes(gzip.compress(content) if packed else content)
        views += import_log(log).views
    assert views == sum(read)


def test_a_line_that_is_completed_during_the_import_is_left_for_the_next_one(
    store: Store, config: Config, import_log: Import, tmp_path: Path
) -> None:
    log = tmp_path / "access.log"
    log.write_bytes(line(1) + line(2)[:-30])

    def written(_: int) -> None:
        log.write_bytes(line(1) + line(2) + line(3))

    addresses, tally = ArticleAddresses(config.views.addresses), LogTally()
    LogImport(store, Visitors.of(store, config), addresses, written).run(log, tally)
    assert (tally.views, tally.unreadable) == (1, 0)
    assert import_log(log) == LogTally(lines=2, views=2)
    assert import_log(log) == LogTally()


def test_a_damaged_gzip_counts_as_far_as_it_can_be_read(
    import_log: Import, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: Store
) -> None:
    monkeypatch.setattr(module, "_BATCH_BYTES", 20_000)
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


@pytest.mark.parametrize("zone", ["America/New_York", "UTC", "Asia/Seoul"])
@pytest.mark.parametrize("year", [b"0001", b"1969", b"9999"])
def test_a_line_of_an_impossible_year_is_one_unreadable_line(
    store: Store, import_log: Import, tmp_path: Path, zone: str, year: bytes
) -> None:
    config = paper(tmp_path, site={"timezone": zone})
    log, tally = tmp_path / "access.log", LogTally()
    for day in (b"01/Jan/", b"31/Dec/"):
        log.write_bytes(line(1) + line(2).replace(b"02/Mar/2026", day + year) + line(3))
        addresses = ArticleAddresses(config.views.addresses)
        LogImport(store, Visitors.of(store, config), addresses).run(log, tally)
    assert (tally.lines, tally.views, tally.unreadable) == (6, 4, 2)
    assert tally.first_fault.startswith(f"{log}:2: its time ")


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


LONGEST = module._LONGEST_LINE


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> int:
    """Read so many bytes at once."""
    monkeypatch.setattr(module, "_BATCH_BYTES", 3 * LONGEST)
    return 3 * LONGEST


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("length", [LONGEST - 1, LONGEST, LONGEST + 1, 30 * LONGEST + 7])
@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("filled", [b"x", line(9).rstrip(b"\n") + b" "], ids=["x", "lines"])
def test_a_line_that_is_too_long_is_one_unreadable_line(
    import_log: Import,
    tmp_path: Path,
    pack: Callable[[bytes], bytes],
    length: int,
    filled: bytes,
) -> None:
    log = tmp_path / "access.log"
    long = b"#" + filled * (length // len(filled) + 1)
    log.write_bytes(pack(line(1) + line(2) + long[:length] + b"\n" + line(3)))
    tally = import_log(log)
    assert (tally.lines, tally.views, tally.unreadable) == (4, 3, 1)
    assert tally.first_fault.startswith(f"{log}:3: ")
    assert import_log(log) == LogTally()


@pytest.mark.usefixtures("small_batches")
def test_a_line_that_is_too_long_may_be_written_little_by_little(
    import_log: Import, tmp_path: Path
) -> None:
    log = tmp_path / "access.log"
    content = line(1) + b"x" * (5 * LONGEST) + line(8) + line(2) + b"what is this\n" + line(3)
    tallies = []
    for length in (*range(LONGEST // 2, len(content), LONGEST // 3), len(content)):
        log.write_bytes(content[:length])
        tallies.append(import_log(log))
    assert sum(tally.views for tally in tallies) == 3
    assert sum(tally.unreadable for tally in tallies) == 2
    assert tallies[-1].first_fault.startswith(f"{log}:4: ")


@pytest.mark.parametrize("unit", [b"x", b"\n"], ids=["one line", "no lines"])
def test_a_small_gzip_of_very_much_takes_little_memory(
    import_log: Import, tmp_path: Path, small_batches: int, unit: bytes
) -> None:
    log = tmp_path / "access.log.gz"
    with gzip.open(log, "wb", 1) as packed:
        for _ in range(60):
            packed.write(unit * small_batches)
        packed.write(b"\n" + line(1))
    tracemalloc.start()
    try:
        assert import_log(log).views == 1
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 25 * small_batches


def test_the_keys_of_few_days_are_held(
    store: Store, config: Config, import_log: Import, tmp_path: Path
) -> None:
    visitors = Visitors.of(store, config)
    log = tmp_path / "access.log"
    log.write_bytes(b"".join(line(1).replace(b"02/Mar", b"%02d/Mar" % day) for day in range(1, 20)))
    tally, addresses = LogTally(), ArticleAddresses(config.views.addresses)
    LogImport(store, visitors, addresses).run(log, tally)
    assert tally.views == readers(store) == 19
    assert len(visitors.days._keys) <= 4
