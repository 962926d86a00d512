"""`r2e` (rss2email) as a subscriber: each article becomes one letter in a folder of its own."""

import email
import email.policy
import subprocess
import sys
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.paper import RANKED, record, write_articles
from tests.processes import Running, environment, eventually, imported

SETTINGS = """[DEFAULT]
to = reader@example.invalid
email-protocol = maildir
maildir-path = {letters}
maildir-mailbox = news
"""


def r2e(folder: Path, *arguments: str) -> None:
    script = Path(sys.executable).with_name("r2e")
    command = [script, "-c", "r2e.cfg", "-d", "r2e.json", *arguments]
    done = subprocess.run(
        command, cwd=folder, env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "error" not in done.stderr.lower(), done.stderr


def letters(folder: Path) -> list[EmailMessage]:
    files = (folder / "letters" / "news" / "new").iterdir()
    return [email.message_from_bytes(f.read_bytes(), policy=email.policy.default) for f in files]


def subscribe(folder: Path, url: str) -> None:
    (folder / "r2e.cfg").write_text(SETTINGS.format(letters=folder / "letters"), "utf-8")
    for part in ("cur", "new", "tmp"):
        (folder / "letters" / "news" / part).mkdir(parents=True)
    r2e(folder, "add", "gwanak", url)


@pytest.mark.parametrize("extension", ["rss", "atom"])
def test_each_article_is_one_letter(tmp_path: Path, service: Running, extension: str) -> None:
    subscribe(tmp_path, f"{service.url}/feeds/sections/{quote('사회')}.{extension}")
    for _ in range(2):  # a second run brings nothing that was there
        r2e(tmp_path, "run")
        assert sorted(letter["Subject"] for letter in letters(tmp_path)) == sorted(RANKED)
    for letter in letters(tmp_path):
        assert "박새봄" in letter["From"]
        assert "본문" in letter.get_content()
        assert "https://www.news.example/articles/" in letter.get_content()


@pytest.mark.parametrize("extension", ["rss", "atom"])
def test_an_article_that_comes_later_is_the_next_letter(
    tmp_path: Path, service: Running, extension: str
) -> None:
    path = f"/feeds/sections/mail-{extension}.{extension}"

    def paper_has(number: int) -> None:
        articles = [
            record(f"{extension}{n}", sections=[f"mail-{extension}"]) for n in range(number)
        ]
        imported(service.folder, write_articles(service.folder / "mail.jsonl", articles))
        newest = articles[-1]["title"].encode()
        eventually(lambda: (found := service.found(path)) and newest in found.data)

    paper_has(2)
    subscribe(tmp_path, service.url + path)
    r2e(tmp_path, "run")
    paper_has(3)
    r2e(tmp_path, "run")
    titles = [f"제목 {extension}{n}" for n in range(3)]
    assert sorted(letter["Subject"] for letter in letters(tmp_path)) == titles
