"""A small newspaper for tests: its settings on disk, and records as its CMS would send them."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from feeds.catalog import authority
from feeds.config import Config, load
from feeds.importers import FORMATS, Accepted, Source
from feeds.store import Store
from feeds.worker import publish_all

Record = dict[str, Any]

# A stored page with all the boilerplate of its paper; six paragraphs between blank lines.
PARAGRAPHS = (
    "도림천을 따라 걷는 길이 올봄 두 배로 길어진다.",
    "구는 3월부터 봉림교 아래 끊긴 자리에 나무 길 400m를 놓는다고 2일 밝혔다.",
    "공사비는 12억 원으로, 주민 제안 사업에서 가장 많은 표를 얻었다.",
    "“유아차를 밀고도 끝까지 갈 수 있게 해 달라”는 것이 주민들의 첫 요구였다.",
    "길에는 턱을 두지 않고, 의자 스무 개와 낮은 등(燈)을 100m마다 놓는다.",
    "구 관계자는 “비가 많은 7‧8월에는 물길 쪽 난간을 접어 둘 것”이라고 말했다.",
)
HEADLINE = "도림천 산책길, 봉림교 넘어 두 배로 길어진다"
SUBTITLE = "주민이 고른 사업…5월 첫 구간 열려"
BOILERPLATE = ("기사 메일전송", "등록", "기사수정", "목록 바로가기", "인쇄", "이전 기사", "더보기")
RANKED = (
    "한밤의 종점, 첫차를 기다리는 사람들",
    "‘붕어빵 지도’ 만든 고교생 셋, 노점 마흔 곳 찾아",
    "눈 온 뒤 언덕길, 모래주머니 나르는 이웃",
    "문 닫는 목욕탕의 마지막 일요일",
    '"우리 반 시집 나왔어요"…신성초 4학년의 한 해',
    "옥상 텃밭 상추 3,000포기 & 나눔 냉장고",
    "[현장] 새벽 도매시장, 사과 한 상자의 여정",
)
PAGE = "\n".join(
    [
        "기사 메일전송",
        HEADLINE,
        "  • 이하늘",
        "  • 등록 2026-03-02 15:26:43",
        "",
        "기사수정",
        f"  • - {SUBTITLE}",
        "\n\n\n" + "\n\n\n".join(PARAGRAPHS) + "\n\n\n",
        "0",
        "  • 목록 바로가기",
        "  • 인쇄",
        "\n",
        "이전 기사 보기 다음 기사 보기",
        "가장 많이 본 뉴스더보기",
        *(f"  {n}. {title} 그날의 이야기를 전한다..." for n, title in enumerate(RANKED, 1)),
        "모바일 버전 바로가기",
    ]
)


def write_config(folder: Path, url: str = "https://www.news.example", **parts: Any) -> Path:
    site = {"title": "관악뉴스", "url": url, "language": "ko", "timezone": "Asia/Seoul"}
    path = folder / "config.yaml"
    parts["site"] = site | parts.get("site", {})
    path.write_text(json.dumps(parts, ensure_ascii=False), "utf-8")
    return path


def record(article_id: str, **fields: Any) -> Record:
    """Make a complete record from the fields that a test is about."""
    plain = {"id": article_id, "title": f"제목 {article_id}", "published": "2026-03-02 09:00"}
    body = {} if "body_html" in fields else {"body_text": f"본문 {article_id}"}
    return {**plain, **body, **fields}


def carried_over() -> list[Record]:
    """Give the seven articles of the page's list with their counts, not in that order."""
    shared = {"sections": ["사회"], "authors": [{"name": "박새봄"}]}
    records = [
        record(f"m{rank}", title=title, **shared, views=9000 // rank)
        for rank, title in enumerate(RANKED, 1)
    ]
    return records[3:] + records[:3]


def write_articles(path: Path, records: Iterable[Record]) -> Path:
    path.write_text("".join(json.dumps(one) + "\n" for one in records), "utf-8")
    return path


def publish(records: Iterable[Record], store: Store, config: Config, folder: Path) -> None:
    """Import records that must be without fault, and publish what they touch."""
    path = write_articles(folder / "articles.jsonl", records)
    source = Source(path.name, config.site.zone, config.site.url)
    with path.open("rb") as stream:
        items = list(FORMATS["jsonl"].read(stream, source))
    accepted = [item.patch for item in items if isinstance(item, Accepted)]
    assert len(accepted) == len(items)
    store.articles.save(accepted, authority(config), datetime.now(UTC))
    assert publish_all(store, config)


def settings(folder: Path, **parts: Any) -> Config:
    return load(write_config(folder, **parts))
