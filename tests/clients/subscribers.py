"""Real clients, each subscribed to one feed, with the articles that it has shown so far.

A subscriber is made from a folder of its own and the feed's address; calling it polls.
"""

import email
import email.policy
import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import feedparser
import feedparser_rs
import urllib3
from reader import make_reader

from tests import npm
from tests.processes import environment


class Seen(NamedTuple):
    """An article as a client shows it."""

    title: str
    authors: tuple[str, ...]
    text: str


Poll = Callable[[], Sequence[Seen]]
Subscribe = Callable[[Path, str], Poll]


def newsboat(folder: Path, url: str) -> Poll:
    (folder / "urls").write_text(f"{url}\n", "utf-8")
    (folder / "config").touch()
    files = ("-u", "urls", "-c", "cache.db", "-C", "config")

    def poll() -> Sequence[Seen]:
        run(folder, "newsboat", *files, "-x", "reload")
        with closing(sqlite3.connect(folder / "cache.db")) as cache:
            rows = cache.execute("SELECT title, author, content FROM rss_item").fetchall()
        return [Seen(title, _names(author), text) for title, author, text in rows]

    return poll


def rss2email(folder: Path, url: str) -> Poll:
    """`r2e`: each article becomes one letter in a folder of its own."""
    letters = folder / "letters" / "news" / "new"
    for part in ("cur", "new", "tmp"):
        letters.with_name(part).mkdir(parents=True)
    settings = {
        "to": "reader@example.invalid",
        "email-protocol": "maildir",
        "maildir-path": letters.parents[1],
        "maildir-mailbox": "news",
        "name-format": "{author}",
    }
    lines = (f"{key} = {value}\n" for key, value in settings.items())
    (folder / "r2e.cfg").write_text("[DEFAULT]\n" + "".join(lines), "utf-8")
    r2e = (Path(sys.executable).with_name("r2e"), "-c", "r2e.cfg", "-d", "r2e.json")
    run(folder, *r2e, "add", "paper", url)

    def poll() -> Sequence[Seen]:
        run(folder, *r2e, "run")
        return [_letter(file.read_bytes()) for file in letters.iterdir()]

    return poll


def _letter(content: bytes) -> Seen:
    letter = email.message_from_bytes(content, policy=email.policy.default)
    sender = letter["From"].addresses[0].display_name
    authors = () if sender == "<author>" else (sender,)  # its placeholder for none
    return Seen(str(letter["Subject"]), authors, letter.get_content())


def reader(folder: Path, url: str) -> Poll:
    """The library `reader`; opened for each poll, since SQLite's connections stay in a thread."""
    file = str(folder / "reader.sqlite")
    with closing(make_reader(file)) as subscriber:
        subscriber.add_feed(url)

    def poll() -> Sequence[Seen]:
        with closing(make_reader(file)) as subscriber:
            subscriber.update_feed(url)
            return [
                Seen(entry.title or "", _names(entry.authors_str), entry.content[0].value)
                for entry in subscriber.get_entries()
            ]

    return poll


def sfeed(folder: Path, url: str) -> Poll:
    settings = f'sfeedpath="{folder}"\nfeeds() {{\n\tfeed paper "{url}"\n}}\n'
    (folder / "sfeedrc").write_text(settings, "utf-8")

    def poll() -> Sequence[Seen]:
        run(folder, "sfeed_update", "sfeedrc")
        rows = [line.split("\t") for line in (folder / "paper").read_text("utf-8").splitlines()]
        return [Seen(row[1], _names(row[6]), row[3]) for row in rows]

    return poll


def feedparser_alone(folder: Path, url: str) -> Poll:
    """A script around feedparser, which fetches itself; the script remembers what it saw."""
    seen: dict[str, Seen] = {}
    validators: dict[str, str] = {}

    def poll() -> Sequence[Seen]:
        found = feedparser.parse(url, **validators)
        assert found.status in (200, 226, 304)
        assert not found.bozo
        validators.update({name: found[name] for name in ("etag", "modified") if name in found})
        return remembered(seen, found)

    return poll


def feedparser_rs_alone(folder: Path, url: str) -> Poll:
    """A script around feedparser_rs, which itself fetches nothing from this machine."""
    seen: dict[str, Seen] = {}
    headers: dict[str, str] = {}

    def poll() -> Sequence[Seen]:
        with urllib3.PoolManager() as pool:
            answer = pool.request("GET", url, headers=headers)
        if answer.status == 304:
            return list(seen.values())
        assert answer.status == 200
        headers["If-None-Match"] = answer.headers["ETag"]
        return remembered(seen, feedparser_rs.parse(answer.data))

    return poll


def node(library: str) -> Subscribe:
    """Subscribe with a script around a library; the script remembers what it saw."""

    def subscribe(folder: Path, url: str) -> Poll:
        seen: dict[str, Seen] = {}

        def poll() -> Sequence[Seen]:
            for item in json.loads(run(npm.FOLDER, "node", "read.mjs", library, url)):
                seen[item["id"]] = Seen(item["title"], tuple(item["authors"]), item["text"])
            return list(seen.values())

        return poll

    return subscribe


def remembered(seen: dict[str, Seen], parsed: Any) -> Sequence[Seen]:
    """Add the entries of a document to those that were seen before."""
    for entry in parsed.entries:
        authors = tuple(author["name"] for author in entry.get("authors", ()))
        seen[entry.id] = Seen(entry.title, authors, entry.content[0]["value"])
    return list(seen.values())


def run(folder: Path, *command: str | Path) -> str:
    """Run a client in its folder; any complaint is a failure."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment(HOME=str(folder)),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    assert "error" not in done.stderr.lower(), done.stderr
    return done.stdout


def _names(shown: str | None) -> tuple[str, ...]:
    return tuple(name for name in (shown or "").split(", ") if name)
