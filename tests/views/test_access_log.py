"""Access logs: each line counts once, however often and in whatever shape its file comes."""

import gzip
from collections.abc import Callable, Sequence
from hashlib import sha256
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feeds.config import Config
from feeds.errors import LogError
from feeds.store import Position, Store
from feeds.store.schema import visits
from feeds.views import Hit, LogImport, LogTally, Visitors, access_log
from tests.readers import GOOGLEBOT, PHONE

Import = Callable[..., LogTally]
Pack = Callable[[bytes], bytes]
packed_or_not = pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])


def line(number: int, target: str = "/news/1", agent: str = PHONE, minute: int = 26) -> bytes:
    when = f"02/Mar/2026:15:{minute:02}:43 +0900"
    return (
        f'192.0.2.{number} - - [{when}] "GET {target} HTTP/1.1" 200 5120 "-" "{agent}"\n'.encode()
    )


def probe(second: int, number: int = 0) -> bytes:
    """A line that a load balancer causes on all its servers in the same second."""
    target, agent = f"/health?{number}", "HAProxy"
    return line(1, target, agent, minute=second // 60).replace(b":43 ", b":%02d " % (second % 60))


@pytest.fixture
def import_log(store: Store, config: Config) -> Import:
    def run(path: Path, progress: Callable[[int], object] = id) -> LogTally:
        importer = LogImport(store, config)
        importer.run(path, progress)
        return importer.tally

    return run


def readers(store: Store) -> int:
    with store._database.reading() as connection:
        return len(connection.execute(visits.select()).all())


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "access.log"


def test_what_the_lines_are_is_told(store: Store, import_log: Import, log: Path) -> None:
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


def test_a_log_counts_once_also_renamed_and_compressed(
    store: Store, import_log: Import, tmp_path: Path, log: Path
) -> None:
    lines = b"".join(map(line, range(5)))
    log.write_bytes(lines)
    assert import_log(log).views == 5
    (tmp_path / "access.log.1").write_bytes(lines)
    (tmp_path / "access.log.2.gz").write_bytes(gzip.compress(lines))
    for name in ("access.log", "access.log.1", "access.log.2.gz"):
        assert import_log(tmp_path / name) == LogTally()
    assert readers(store) == 5


@pytest.mark.parametrize("before", [b"", line(1)])
def test_a_log_that_an_earlier_version_read_in_part_goes_on_there(
    store: Store, import_log: Import, log: Path, before: bytes
) -> None:
    # It took a whole last line also without its end, and kept hashes of shorter parts, too.
    read = before + line(2).rstrip(b"\n")
    first = sha256(read.partition(b"\n")[0]).hexdigest()
    position = Position(len(read), f"{sha256(read).hexdigest()} 0a1b2c3d4e5f6071")
    assert store.visits.fold(f"log {first} 1", Position(), position, [])
    log.write_bytes(read + b"\n" + line(3) + b"what is this\n")
    tally = import_log(log)
    assert (tally.lines, tally.views) == (2, 1)
    assert tally.first_fault.startswith(f"{log}:{len(before.splitlines()) + 3}: ")
    assert import_log(log) == LogTally()


servers = st.lists(st.integers(0, 6), min_size=2, max_size=3)
imports = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 700), st.booleans()), max_size=8)
runs = count()


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(servers, st.integers(1, 4), imports)
def test_however_logs_grow_each_reader_of_each_server_counts_once(
    import_log: Import,
    log: Path,
    read: Sequence[int],
    probes: int,
    imports: Sequence[tuple[int, int, bool]],
) -> None:
    run = next(runs)
    begun = b"".join(probe(second, run) for second in range(probes))
    contents = [
        begun + b"".join(line(n, minute=minute) for n in range(many))
        for minute, many in enumerate(read)
    ]
    lengths = dict.fromkeys(range(len(contents)), 0)
    every = [(server, len(content), False) for server, content in enumerate(contents)]
    views = 0
    for number, more, packed in [*imports, *every]:
        server = number % len(contents)
        lengths[server] += more
        content = contents[server][: lengths[server]]
        log.write_bytes(gzip.compress(content) if packed else content)
        views += import_log(log).views
    assert views == sum(read)


def test_a_log_that_was_cut_or_changed_is_another_log(import_log: Import, log: Path) -> None:
    log.write_bytes(line(1) + line(2) + line(3))
    import_log(log)
    cut, shorter, longer = line(1) + line(2), line(1) + line(4), line(1) + line(5) * 3
    for changed in (shorter, longer, cut):
        log.write_bytes(changed)
        assert import_log(log).lines == changed.count(b"\n")


def test_a_line_that_is_completed_during_the_import_is_left_for_the_next_one(
    import_log: Import, log: Path
) -> None:
    log.write_bytes(line(1) + line(2)[:-30])

    def written(_: int) -> None:
        log.write_bytes(line(1) + line(2) + line(3))

    tally = import_log(log, written)
    assert (tally.views, tally.unreadable) == (1, 0)
    assert import_log(log) == LogTally(lines=2, views=2)


def test_a_first_line_that_is_completed_during_the_import_counts_once(
    store: Store, import_log: Import, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.write_bytes(line(1)[:-30])
    position = store.visits.position

    def completed(name: str) -> Position:
        log.write_bytes(line(1))
        return position(name)

    monkeypatch.setattr(store.visits, "position", completed)
    before = import_log(log).views
    log.write_bytes(line(1))
    assert before + import_log(log).views == 1


def test_a_damaged_gzip_counts_up_to_the_batch_with_the_damage(
    store: Store, config: Config, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access_log, "_BATCH_BYTES", 20_000)
    packed = gzip.compress(b"".join(line(n % 250, minute=n % 60) for n in range(5000)))
    importer = LogImport(store, config)
    log.write_bytes(packed[: len(packed) // 2])
    with pytest.raises(LogError, match=r"access\.log: cannot be read: .*end-of-stream"):
        importer.run(log, id)
    assert 1000 < importer.tally.views < 5000
    log.write_bytes(packed)
    importer.run(log, id)
    assert importer.tally.views == 5000


def test_an_import_that_was_killed_goes_on(
    store: Store, import_log: Import, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.write_bytes(b"".join(line(n) for n in range(200)))
    monkeypatch.setattr(access_log, "_BATCH_BYTES", 2000)
    batches = count()

    def killed(_: int) -> None:
        if next(batches) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_log(log, killed)
    before = readers(store)
    assert 0 < before < 200
    assert import_log(log).views == 200 - before
    assert readers(store) == 200


def test_beacon_and_log_see_one_visitor(
    store: Store, config: Config, import_log: Import, log: Path
) -> None:
    log.write_bytes(line(1))
    import_log(log)
    with store._database.reading() as connection:
        row = connection.execute(visits.select()).one()
    hit = Hit("1", row.hour * 3600 + 60, "192.0.2.1", PHONE)
    assert Visitors(config, store.visits.salt).view(hit).visitor == row.visitor


@packed_or_not
def test_nothing_but_a_very_long_line_is_lost(import_log: Import, log: Path, pack: Pack) -> None:
    log.write_bytes(pack(line(1) + line(2) + b"\0" * 5_000_000 + b"\n" + line(3)))
    tally = import_log(log)
    assert (tally.lines, tally.views, tally.unreadable) == (4, 3, 1)
    assert tally.first_fault.startswith(f"{log}:3: ")
