"""What the tests of all importers start from."""

import io
import subprocess
import sys
import textwrap
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from feeds.importers import Accepted, Rejected, Source, format_of
from feeds.model import Article
from tests import patches

NOW = datetime(2030, 1, 1, tzinfo=UTC)
SOURCE = Source("page.txt", ZoneInfo("Asia/Seoul"), "https://www.news.example/")
RECORD = {"id": "1", "title": "은행잎이 물들다", "published": "2024-11-05 09:30"}


def read(name: str, content: bytes, section: str | None = None) -> list[Accepted | Rejected]:
    form = format_of(name, content)
    assert form
    return list(form.read(io.BytesIO(content), replace(SOURCE, name=name, section=section)))


def read_in_seconds(name: str, content: bytes) -> None:
    """Read in a process that ends with an error once it has computed for long."""
    code = """
        import resource, sys
        resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
        from tests.importers.given import read
        read(sys.argv[1], sys.stdin.buffer.read())
    """
    command = [sys.executable, "-c", textwrap.dedent(code), name]
    subprocess.run(command, check=True, input=content)


def accepted(name: str, content: bytes, section: str | None = None) -> Accepted:
    (found,) = read(name, content, section)
    assert isinstance(found, Accepted), found
    return found


def rejected(name: str, content: bytes) -> Rejected:
    (found,) = read(name, content)
    assert isinstance(found, Rejected), found
    return found


def article_of(found: Accepted) -> Article:
    return patches.article_of(found, NOW)
