"""Articles, views and renditions with everything set that a test does not care about."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from feeds.model import LATEST, Article, Author, Image, Rendition, Term
from feeds.ranking import Counted
from feeds.store import SECONDS, Bursts, Position, Store, View
from feeds.store.schema import metadata
from tests import patches
from tests.formats.samples import CHANNEL

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=timezone(timedelta(hours=9)))
HOST = "www.news.example"
# The first hour of NOW's day in the paper's time zone, which is nine hours before that of UTC.
MIDNIGHT = int(NOW.timestamp()) // SECONDS - 9
TODAY = NOW.toordinal()
QUIET = Bursts(articles=99, network=99)
FULL = Article(
    id="full",
    title="관악산 둘레길, 봄맞이 정비 마쳐",
    published=NOW - timedelta(hours=2),
    updated=NOW - timedelta(hours=1),
    url="https://www.news.example/articles/full",
    subtitle="나무 계단 300개 교체",
    summary="둘레길 정비가 끝났다.",
    body_html="<p>계단 & 난간</p>",
    authors=(Author("김민수", "kim@news.example", "https://news.example/kim"), Author("이서연")),
    sections=("지역", "생활"),
    tags=("관악산", "둘레길"),
    image=Image("https://news.example/a.jpg", "image/jpeg", 1234, 640, 480, "계단", "구청"),
    language="ko",
    comments=3,
    views=42,
)


def article(article_id: str = "1", *, minutes: int = 60, **fields: Any) -> Article:
    """Make an article that was published that many minutes before NOW."""
    at = NOW - timedelta(minutes=minutes)
    plain = Article(id=article_id, title=f"제목 {article_id}", published=at, updated=at)
    return replace(plain, **fields)


def rendition(
    path: str = "latest.rss", body: bytes = b"<rss/>", *, entries: int = 1, **fields: Any
) -> Rendition:
    """Make a rendition of a feed of the whole paper."""
    plain = Rendition(
        path=path,
        term=LATEST,
        title=CHANNEL.title,
        media_type="application/rss+xml",
        source=body.hex(),
        etag=f'"{body.hex()}"',
        digests={f"tag:{n}": "" for n in range(entries)},
        bodies={"identity": body, "gzip": b"gz" + body},
    )
    return replace(plain, **fields)


def save(store: Store, *articles: Article) -> None:
    """Save articles of the paper."""
    patches.save(store, articles, HOST, NOW)


def settle(store: Store) -> set[Term]:
    """Settle all that was touched, and name it."""
    touched = store.changes.touched(limit=1000)
    for one in touched:
        store.changes.settle(one)
    return {one.term for one in touched}


def newest(store: Store, term: Term = LATEST, *, now: datetime = NOW, limit: int = 50) -> list[str]:
    """List a term's articles by id."""
    return [found.id for found in store.articles.newest(term, now, limit)]


def carried_over(store: Store, term: Term = LATEST) -> list[str]:
    """List the articles that had readers before this service counted, by id."""
    return [found.article_id for found in store.readers.carried_over(term)]


def counted(store: Store, term: Term = LATEST, *, span: int = 24) -> list[Counted]:
    """List the articles that had readers in the last hours."""
    return list(store.readers.counted(term, span))


def view(hour: int = 0, article_id: str = "1", *, visitor: int = 1, **fields: Any) -> View:
    """Make a view in the middle of an hour since MIDNIGHT."""
    at = MIDNIGHT + hour
    plain = View(
        moment=at * SECONDS + 1800,
        day=TODAY + hour // 24,
        article_id=article_id,
        visitor=visitor,
        network=visitor,
    )
    return plain._replace(**fields)


def fold(store: Store, *views: View, spool: str = "a.spool") -> None:
    """Fold views as the next piece of a spool; one view is one byte."""
    before = store.visits.position(spool)
    assert store.visits.fold(spool, before, Position(before.at + len(views)), views)


def settle_views(
    store: Store, hour: int = 0, *, spans: tuple[int, ...] = (24,), bursts: Bursts = QUIET
) -> None:
    """Settle what was folded, as of an hour since MIDNIGHT."""
    store.readers.count(MIDNIGHT + hour, spans, bursts)


def close(store: Store, *days: int) -> None:
    """Close days; no count is too old."""
    store.readers.close(days, since=0)


def tally(store: Store) -> dict[tuple[int, str, str], int]:
    """Give all that is counted, by hour since MIDNIGHT, kind and article."""
    query = "SELECT hour, kind, article_id, number FROM counts WHERE number <> 0"
    with store._database.reading() as connection:
        return {
            (row[0] - MIDNIGHT, row[1], row[2]): row[3] for row in connection.exec_driver_sql(query)
        }


def totals(store: Store) -> dict[int, Counter[str]]:
    """Give the readers of each span by article."""
    found: dict[int, Counter[str]] = {}
    with store._database.reading() as connection:
        query = "SELECT span, article_id, readers FROM totals"
        for span, article_id, readers in connection.exec_driver_sql(query):
            found.setdefault(span, Counter())[article_id] = readers
    return found


def rows(store: Store, table: str) -> int:
    """Count the rows of a table."""
    with store._database.reading() as connection:
        return connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() or 0


def empty(store: Store) -> None:
    """Delete all rows."""
    with store._database.writing() as connection:
        for each in metadata.sorted_tables:
            connection.execute(each.delete())
