"""The running service: its processes, what they show each other, and how they end."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import feedparser
import feedparser_rs
import psutil
import pytest
import urllib3

from feeds import __version__
from feeds.config import load
from feeds.model import Article, Author
from feeds.store import open_store
from feeds.verify import inspect
from tests import patches
from tests.paper import record, write_articles, write_config
from tests.processes import (
    FEEDS,
    Running,
    environment,
    eventually,
    feeds,
    free_port,
    imported,
    serving,
    started,
)

STOPS = (signal.SIGTERM, signal.SIGINT)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a paper with one article that is not yet published."""
    write_config(tmp_path)
    imported(tmp_path, write_articles(tmp_path / "a.jsonl", [record("1", sections=["지역"])]))
    return tmp_path


def entries(parser: Any, body: bytes) -> list[Any]:
    parsed = parser.parse(body)
    assert not parsed.bozo
    return list(parsed.entries)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The sample newspaper, served by two web processes."""
    folder, port = tmp_path_factory.mktemp("sample"), free_port()
    write_config(folder)
    with serving(folder, port, "--sample", "--workers", "2") as service:
        service.published("/feeds/latest.rss")
        yield service


@pytest.mark.parametrize("extension", ["rss", "atom", "json"])
def test_a_fresh_start_shows_a_living_paper_to_two_parsers(sample: Running, extension: str) -> None:
    body = sample.published(f"/feeds/latest.{extension}")
    assert inspect(body) == ()
    others = entries(feedparser_rs, body)
    assert len(others) >= 30
    assert all(entry.title and entry.link for entry in others)
    if extension != "json":
        assert [e.id for e in entries(feedparser, body)] == [e.id for e in others]


def test_an_article_is_soon_in_every_web_process(sample: Running) -> None:
    path, title = "/feeds/latest.atom", "방금 들어온 소식"

    def shown() -> set[bool]:
        # Each request has a connection of its own, which the kernel gives to either process.
        return {title in sample.get(path).data.decode() for _ in range(20)}

    assert shown() == {False}
    imported(sample.folder, write_articles(sample.folder / "n.jsonl", [record("n", title=title)]))
    assert eventually(lambda: shown() == {True}, seconds=10)


def test_a_web_process_goes_on_after_a_document_that_was_damaged_by_hand(sample: Running) -> None:
    path, title = "/feeds/latest.rss", "뒤에 온 소식"
    before = sample.published(path)
    with closing(sqlite3.connect(sample.folder / "newsroom.db")) as database, database:
        of_it = "path = 'latest.rss'"
        database.execute(f"UPDATE representations SET bytes = 0 WHERE {of_it} AND coding = 'br'")
        newest = "(SELECT max(version) + 1 FROM documents)"
        database.execute(f"UPDATE documents SET version = {newest} WHERE {of_it}")
    told = "feeds come from memory only: object of type 'int' has no len()"
    eventually(lambda: sample.errors.read_text("utf-8").count(told))
    assert sample.published(path) == before
    imported(sample.folder, write_articles(sample.folder / "n.jsonl", [record("d", title=title)]))
    eventually(lambda: all(title in sample.get(path).data.decode() for _ in range(20)))


def test_every_response_has_one_date(sample: Running) -> None:
    for path in ("/", "/feeds/latest.rss", "/api/articles/1"):
        assert len(sample.get(path).headers.getlist("Date")) == 1, path


def test_head_names_the_hub_of_a_feed_as_get_does(sample: Running) -> None:
    address = f"{sample.url}/feeds/latest.rss"
    with urllib3.PoolManager(retries=False, timeout=10) as pool:
        links = {pool.request(method, address).headers["Link"] for method in ("GET", "HEAD")}
    assert len(links) == 1
    assert '; rel="hub"' in links.pop()


def test_a_renamed_section_leads_on_and_no_reader_is_sent_to_a_feed_that_is_not_there(
    sample: Running,
) -> None:
    one = record("moved", sections=["옛이름"], title="옮겨 온 기사")
    imported(sample.folder, write_articles(sample.folder / "n.jsonl", [one]))
    old, new = (f"/feeds/sections/{quote(name)}.atom" for name in ("옛이름", "새이름"))
    before = sample.published(old).decode()
    done = feeds(sample.folder, "move", "sections/옛이름", "sections/새이름")
    assert done.stdout == 'moved to sections/새이름, called "새이름"; articles: 1\n'

    def has_moved() -> bool:
        response = sample.get(old)
        if response.status == 301:
            assert response.headers["Location"].endswith(new)
            assert sample.get(new).status == 200
        return response.status == 301

    eventually(has_moved, seconds=10)
    after = sample.published(new).decode()
    assert "새이름</title>" in after
    assert "옮겨 온 기사" in after
    ids = re.compile("<id>(.*?)</id>")
    assert ids.findall(after) == ids.findall(before)
    old_page, new_page = (f"/sections/{quote(name)}" for name in ("옛이름", "새이름"))
    eventually(lambda: sample.get(old_page).headers.get("Location", "").endswith(new_page))
    # The CMS goes on with the old name.
    again = write_articles(sample.folder / "n.jsonl", [one | {"title": "고친 기사"}])
    imported(sample.folder, again)
    eventually(lambda: "고친 기사" in sample.published(new).decode(), seconds=10)
    assert sample.get(old).status == 301


def test_an_embargoed_article_is_nowhere_before_its_moment_and_soon_after_everywhere(
    sample: Running,
) -> None:
    secret = "극비-발표"
    feeds_of_it = ("latest", f"sections/{secret}", f"authors/{secret}", f"tags/{secret}")
    paths = [f"/feeds/{feed}.{each}" for feed in feeds_of_it for each in ("rss", "atom", "json")]
    paths += ["/feeds.opml", "/feeds/tags.opml", "/", f"/sections/{secret}", "/articles/secret"]
    config = load(sample.folder / "config.yaml")
    at = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=3)
    names = {"sections": (secret,), "tags": (secret,), "authors": (Author(secret),)}
    later = Article("secret", secret, at, at, **names)
    with open_store(config.store) as store:
        patches.save(store, [later], "www.news.example", datetime.now(UTC))

    def shows(path: str) -> bool:
        is_there = secret in sample.get(path).data.decode()
        assert not is_there or datetime.now(UTC) >= at
        return is_there

    eventually(lambda: len([path for path in paths if shows(path)]) == len(paths))


@pytest.mark.parametrize("host", ["127.0.0.1", "203.0.113.1"])  # taken; not ours
def test_an_address_that_cannot_be_had_is_told_and_nothing_is_left(
    sample: Running, tmp_path: Path, host: str
) -> None:
    write_config(tmp_path)
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    done = feeds(tmp_path, "serve", "--host", host, "--port", str(sample.port))
    assert (done.returncode, done.stdout) == (2, "")
    assert f"feeds: cannot listen at {host}:{sample.port}: " in done.stderr
    assert "Traceback" not in done.stderr
    assert {child.pid for child in psutil.Process().children(recursive=True)} <= before


def test_a_link_in_the_place_of_the_lock_is_not_followed(tmp_path: Path) -> None:
    write_config(tmp_path)
    port, precious = free_port(), tmp_path / "precious"
    precious.write_text("kept")
    link = tmp_path / f"feeds-{os.getuid()}-127.0.0.1-{port}.lock"
    link.symlink_to(precious)
    done = feeds(tmp_path, "serve", "--port", str(port), TMPDIR=str(tmp_path))
    assert (done.returncode, precious.read_text()) == (2, "kept")
    assert "Too many levels of symbolic links" in done.stderr


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex(("127.0.0.1", port)) != 0


def has_ended_well(service: Running, family: list[psutil.Process]) -> None:
    assert service.process.wait(15) == 0
    assert [child for child in family if child.is_running()] == []
    said = service.errors.read_text("utf-8")
    assert "Traceback" not in said
    assert "did not stop" not in said


def documents(service: Running) -> dict[str, tuple[bytes, str, str]]:
    """Give every document with its validators."""
    found = {}
    for path in ("latest", "sections/지역", "most-read/7d"):
        for extension in ("rss", "atom", "json"):
            place = f"/feeds/{path}.{extension}"
            eventually(partial(service.all_know, place))
            got = service.get(place)
            found[place] = (got.data, got.headers["ETag"], got.headers["Last-Modified"])
    return found


def test_a_stop_leaves_nothing_and_a_restart_changes_nothing(folder: Path) -> None:
    port = free_port()
    seen = []
    for stop in STOPS:
        with serving(folder, port, "--workers", "2") as service:
            seen.append(documents(service))
            eventually(service.worker)
            family = service.children()
            assert len(family) == 4
            service.process.send_signal(stop)
            has_ended_well(service, family)
            assert service.faults() == []
            assert is_free(port)
    assert seen[0] == seen[1]


@pytest.mark.parametrize("stop", STOPS)
def test_a_signal_to_all_processes_at_once_is_a_clean_end(
    folder: Path, stop: signal.Signals
) -> None:
    with serving(folder, free_port()) as service:
        eventually(service.worker)
        family = service.children()
        # A terminal sends SIGINT so, and an init system SIGTERM.
        for process in (service.process, *service.web_processes()):
            process.send_signal(stop)
        has_ended_well(service, family)


@pytest.mark.parametrize("stop", STOPS)
def test_a_stop_during_the_start_is_a_clean_end(folder: Path, stop: signal.Signals) -> None:
    with serving(folder, free_port(), "--workers", "2", until=Running.has_family) as service:
        family = service.children()
        service.process.send_signal(stop)
        has_ended_well(service, family)
        assert service.faults() == []


def test_the_log_tells_each_process_and_publication_as_lines_of_json(folder: Path) -> None:
    port = free_port()
    with serving(folder, port, FEEDS_LOG_FORMAT="json") as service:
        service.published("/feeds/sections/지역.rss")
        service.process.terminate()
        assert service.process.wait(15) == 0
    lines = list(map(json.loads, service.errors.read_text("utf-8").splitlines()))
    for line in lines:
        assert datetime.fromisoformat(line["time"]).utcoffset() == timedelta(0)
        assert line["level"] == "INFO"
    told = {event: {} for event in ("started", "stopped")}
    for line in lines:
        if process := line.get("process"):
            told[line["message"].removeprefix(process).split(":")[0].strip()][process] = line
    names = {"service", "web process", "worker", "application process"}
    assert told["started"].keys() == told["stopped"].keys() == names
    for line in told["started"].values():
        assert line["version"] == __version__
        assert line["store"] == f"sqlite:///{folder / 'newsroom.db'}"
    assert (told["started"]["service"]["host"], told["started"]["service"]["port"]) == (
        "127.0.0.1",
        port,
    )
    (published,) = (line for line in lines if line.get("term") == "section 지역")
    assert published["documents"] == 6
    assert 0 < published["seconds"] < 60


def test_a_killed_process_is_replaced(folder: Path) -> None:
    with serving(folder, free_port()) as service:
        before = service.published("/feeds/latest.rss")
        (web,) = service.web_processes()
        worker = eventually(service.worker)
        for process in (web, worker):
            process.kill()
        eventually(lambda: not web.is_running() and service.is_ready())
        assert service.published("/feeds/latest.rss") == before
        eventually(lambda: (found := service.worker()) and found.pid != worker.pid)
        imported(folder, write_articles(folder / "n.jsonl", [record("n", tags=["새순"])]))
        assert "제목 n" in service.published("/feeds/tags/새순.rss").decode()
        assert "the worker ended with -9" in service.errors.read_text("utf-8")


def test_processes_that_cannot_be_started_for_a_while_are_started_later(folder: Path) -> None:
    with serving(folder, free_port(), "--workers", "2") as service:
        feed = service.published("/feeds/latest.rss")
        before = {eventually(service.worker), service.web_processes()[0]}
        most = service.process.rlimit(psutil.RLIMIT_NOFILE)
        service.process.rlimit(psutil.RLIMIT_NOFILE, (3, most[1]))  # as if all files were in use
        for process in before:
            process.kill()
        for name in ("web process", "worker"):
            told = f"the {name} cannot be started: Too many open files"
            eventually(lambda told=told: told in service.errors.read_text("utf-8"))
        assert service.get("/feeds/latest.rss").data == feed
        service.process.rlimit(psutil.RLIMIT_NOFILE, most)
        eventually(lambda: service.has_family() and service.is_ready())
        assert before.isdisjoint(service.children())
        imported(folder, write_articles(folder / "n.jsonl", [record("n", tags=["새순"])]))
        service.published("/feeds/tags/새순.rss")


def test_a_service_stops_while_a_web_process_cannot_be_started(folder: Path) -> None:
    with serving(folder, free_port(), "--workers", "2") as service:
        family, most = service.children(), service.process.rlimit(psutil.RLIMIT_NOFILE)
        service.process.rlimit(psutil.RLIMIT_NOFILE, (3, most[1]))
        service.web_processes()[0].kill()
        told = "the web process cannot be started"
        eventually(lambda: told in service.errors.read_text("utf-8"))
        service.process.terminate()
        service.process.wait(15)
        assert [child for child in family if child.is_running()] == []


def test_a_killed_service_leaves_no_orphan(folder: Path) -> None:
    with serving(folder, free_port(), "--workers", "2") as service:
        eventually(service.worker)
        family = service.children()
        assert len(family) == 4
        service.process.kill()
        _, alive = psutil.wait_procs(family, timeout=20)
        assert alive == []
        assert is_free(service.port)


def test_a_killed_application_process_is_replaced_and_feeds_go_on(folder: Path) -> None:
    with serving(folder, free_port()) as service:
        feed = service.published("/feeds/latest.rss")
        killed = eventually(service.application)
        killed.suspend()
        # A web process learns of a document within a fraction of a second, and asks until then.
        eventually(lambda: service.get_status("/feeds/latest.rss") == 200)
        assert service.get("/feeds/latest.rss").data == feed
        killed.kill()
        assert service.get("/feeds/latest.rss").data == feed
        eventually(lambda: service.found("/articles/1"))
        assert "the application process ended with -9" in service.errors.read_text("utf-8")


def test_a_web_process_that_ends_again_and_again_takes_no_other_along(folder: Path) -> None:
    with serving(folder, free_port(), "--workers", "2") as service:
        for _ in range(3):
            first = eventually(lambda: len(web := service.web_processes()) == 2 and web[0])
            first.kill()
            first.wait(15)
        eventually(lambda: len(service.web_processes()) == 2 and service.is_ready())
        assert service.process.poll() is None


def test_a_service_starts_without_its_store_and_serves_when_it_comes(tmp_path: Path) -> None:
    write_config(tmp_path, store="sqlite:///disk/newsroom.db")
    with serving(tmp_path, free_port(), until=lambda it: it.get_status("/healthz") == 200) as it:
        assert it.get_status("/feeds/latest.rss") == 503
        assert it.get_status("/") == 503
        (tmp_path / "disk").mkdir()
        imported(tmp_path, write_articles(tmp_path / "a.jsonl", [record("1")]))
        eventually(lambda: "제목 1" in it.get("/feeds/latest.rss").data.decode())
        assert eventually(it.is_ready)


def test_of_services_that_start_together_one_gets_the_port(tmp_path: Path) -> None:
    port = free_port()
    folders = [tmp_path / name for name in "abc"]
    for each in folders:
        each.mkdir()
        write_config(each)
    command = [*FEEDS, "serve", "--port", str(port)]
    with ExitStack() as stack:
        processes = [stack.enter_context(started(command, each)) for each in folders]
        eventually(lambda: sum(each.poll() is None for each in processes) == 1)
        said = "".join((each / "errors.txt").read_text("utf-8") for each in folders)
        assert said.count(f"cannot listen at 127.0.0.1:{port}") == 2


def test_stalled_bodies_hold_up_no_feed(folder: Path) -> None:
    with serving(folder, free_port()) as service, ExitStack() as stack:
        feed = service.published("/feeds/latest.rss")
        stalled = []
        for _ in range(100):
            stalled.append(socket.create_connection(("127.0.0.1", service.port), timeout=30))
            stack.enter_context(stalled[-1])
            stalled[-1].sendall(b"POST /hub HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx")
        answers = {each.recv(12) for each in stalled}
        assert answers == {b"HTTP/1.1 408", b"HTTP/1.1 503"}
        for _ in range(20):
            assert service.get("/feeds/latest.rss").data == feed
            assert service.get_status("/") == 200


# A main thread that is never out of a wait, which a handler would interrupt.
COUNT_STOPS = """
import os, signal, sys, threading
from feeds.service import stop_once
stops, stop, numbers = [], threading.Event(), list(map(int, sys.argv[1].split(",")))
def note():
    stops.append(threading.current_thread().name)
    stop.set()
stop_once(note, *map(signal.Signals, numbers))
for _ in range(3):
    for number in (signal.SIGINT, *numbers):
        os.kill(os.getpid(), number)
stop.wait()
print(stops)
"""
# As in a process that granian forks: the parent's handler is there, and then granian's.
STOP_EARLY = """
import os, signal, threading
from feeds import processes
stop, lost = threading.Event(), []
signal.signal(signal.SIGTERM, lambda *_: lost.append("lost"))
processes._web_application = lambda: os.kill(os.getpid(), signal.SIGTERM)
processes.web_application()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
stop.wait()
print(lost)
"""


@pytest.mark.parametrize(
    ("script", "argument", "said"),
    [
        pytest.param(COUNT_STOPS, "15", "['stop']", id="often, outside the main thread"),
        pytest.param(COUNT_STOPS, "15,2", "['stop']", id="often, by either signal"),
        pytest.param(STOP_EARLY, "", "[]", id="before granian has set its handler"),
    ],
)
def test_a_process_that_is_told_to_stop_does_so_once(script: str, argument: str, said: str) -> None:
    command = [sys.executable, "-c", script, argument]
    told = subprocess.check_output(command, env=environment(), text=True, timeout=30)
    assert told.strip() == said
