"""How fast `feeds import` is, beside the least that an import of the same lines can do."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import psutil
import psycopg
import sqlalchemy as sa

from feeds.cli.articles import BATCH
from feeds.importers import record_of
from feeds.store import open_store
from tests.bench import bare
from tests.bench.articles import SITE, article
from tests.bench.korean import SECTIONS
from tests.bench.measure import Numbers, Race, Table, run
from tests.paper import write_config
from tests.postgres import postgres
from tests.processes import FEEDS, environment

_ARTICLES = 20_000
_MANY_ARTICLES = 1_000_000
_BODY_BYTES = (1_600, 2_800)
_SECONDS_BETWEEN_LOOKS = 0.02
_ROOT = Path(__file__).parents[2]


def measure(repetitions: int) -> Iterator[Table]:
    """Import 20,000 articles as JSON Lines, from the file to durable rows of an empty store.

    Bodies have 2 to 3 kB. Each turn is a process of its own, its start included. "s" is time on
    the clock, "cpu s" the processor time of the process, without a database server's, and "MB" the
    most memory it had. A ratio, ×, is how many times as many articles a second as the peer.

    \b
      feeds             `feeds import`; "again/s" when it reads the same file once more and compares
                        each article with the stored one, and none has changed
      bare minimum      json.loads, and sqlite3.executemany or psycopg's COPY into the same tables
                        with the same indexes, in as many transactions (tests/bench/bare.py)
    """
    yield from _measured(_ARTICLES, repetitions)


def measure_million(repetitions: int) -> Iterator[Table]:
    """Do the same as `imports` with 1,000,000 articles; bodies repeat after 20,000."""
    yield from _measured(_MANY_ARTICLES, repetitions)


def write_lines(path: Path, count: int) -> Path:
    """Write articles as JSON Lines, newest first."""
    bases = [_record(number) for number in range(min(count, _ARTICLES))]
    first = datetime.fromisoformat(bases[0]["published"])
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            date = (first - timedelta(minutes=number)).isoformat()
            ours = {"id": f"news-{number}", "published": date, "updated": date}
            ours["url"] = f"{SITE}/news/view.php?idx={number}"
            record = bases[number % len(bases)] | ours
            file.write(f"{json.dumps(record, ensure_ascii=False)}\n")
    return path


def bare_import(file: Path, store: str) -> list[str]:
    """Give the command of the bare minimum."""
    return [sys.executable, bare.__file__, str(file), store, str(BATCH)]


def _record(number: int) -> dict[str, object]:
    made = article(number, body_bytes=_BODY_BYTES)
    sections = tuple(SECTIONS[each % len(SECTIONS)] for each in (number, number + 3))
    return record_of(
        replace(made, sections=sections[number % 2 :], image=made.image if number % 2 else None)
    )


def _measured(count: int, repetitions: int) -> Iterator[Table]:
    with TemporaryDirectory() as name, postgres() as server:
        file = write_lines(Path(name, "articles.jsonl"), count)
        for database, url in {"SQLite": None, "PostgreSQL": server}.items():
            yield run(_race(database, file, count, url), repetitions)


def _race(name: str, file: Path, count: int, server: str | None) -> Race[object]:
    def feeds(_: object) -> Numbers:
        folder, _store = _empty_store(file.parent, server)
        command = [*FEEDS, "import", str(file)]
        first, again = (_ran(command, folder, count) for _ in range(2))
        return {**first, "again/s": again["articles/s"]}

    def minimum(_: object) -> Numbers:
        folder, store = _empty_store(file.parent, server)
        return _ran(bare_import(file, store), folder, count)

    ratios = {"× bare minimum": ("articles/s", "bare minimum")}
    return Race(name, {"feeds": feeds, "bare minimum": minimum}, ratios)


def _empty_store(parent: Path, server: str | None) -> tuple[Path, str]:
    """Make the folder of a newspaper without articles; give it and the URL of its store."""
    folder = parent / "paper"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    if server is None:
        store = f"sqlite:///{folder / 'newsroom.db'}"
    else:
        store = (
            f"{sa.make_url(server).set(database='imports').render_as_string(hide_password=False)}"
        )
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute("DROP DATABASE IF EXISTS imports")
            connection.execute("CREATE DATABASE imports")
    write_config(folder, SITE, store=store)
    with open_store(store):
        return folder, store


def _ran(command: Sequence[str], folder: Path, count: int) -> Numbers:
    start, peak = perf_counter(), 0
    process = psutil.Popen(
        command,
        cwd=folder,
        env=environment(PYTHONPATH=str(_ROOT)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
        peak = max(peak, process.memory_info().rss)
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    seconds, (_, status, used) = perf_counter() - start, ended
    assert status == 0
    return {
        "s": seconds,
        "articles/s": count / seconds,
        "cpu s": used.ru_utime + used.ru_stime,
        "MB": peak / 2**20,
    }
