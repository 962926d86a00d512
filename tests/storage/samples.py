"""Articles and proofs with everything set that a test does not care about."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from feeds.model import Article, Author, Image
from feeds.storage import LATEST, Proof, Store, Term

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=timezone(timedelta(hours=9)))
HOST = "www.news.example"
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


def proof(
    path: str = "latest.rss", body: bytes = b"<rss/>", *, entries: int = 1, **fields: Any
) -> Proof:
    """Make a proof of a document about the whole paper."""
    plain = Proof(
        path=path,
        term=LATEST,
        title="관악뉴스",
        media_type="application/rss+xml",
        source=body.hex(),
        etag=f'"{body.hex()}"',
        digests={f"tag:{n}": "" for n in range(entries)},
        bodies={"identity": body, "gzip": b"gz" + body},
    )
    return replace(plain, **fields)


def save(store: Store, *articles: Article) -> None:
    """Save articles of the paper."""
    store.articles.save(articles, HOST)


def settle(store: Store) -> set[Term]:
    """Settle all that was touched, and name it."""
    touched = store.changes.touched(limit=1000)
    for one in touched:
        store.changes.settle(one)
    return {one.term for one in touched}


def newest(store: Store, term: Term = LATEST, *, now: datetime = NOW, limit: int = 50) -> list[str]:
    """List a term's articles by id."""
    return [found.id for found in store.articles.newest(term, now, limit)]


def most_read(store: Store, *, limit: int = 50, minimum: int = 1) -> list[str]:
    """List the most read articles of the paper by id."""
    return [found.id for found in store.articles.most_read(LATEST, NOW, limit, minimum)]
