"""Channels and entries that the tests of all formats share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from feeds.model import Attachment, Author, Category, Channel, Entry, Image, Link, Tombstone

SEOUL = ZoneInfo("Asia/Seoul")
SITE = "https://www.news.example"
SECTIONS = f"{SITE}/feeds/sections/"
TAGS = f"{SITE}/feeds/tags/"

PICTURE = Image(
    url=f"{SITE}/images/well.jpg",
    type="image/jpeg",
    length=48213,
    width=1200,
    height=800,
    alt="우물가에 모인 주민 <왼쪽부터 세 명>",
    credit="박서연 & 지역사진회",
)

CHANNEL = Channel(
    id="tag:news.example,2018:feeds/latest",
    title="관악뉴스 – 전체",
    description="관악구의 새 소식",
    link=f"{SITE}/",
    self_url=f"{SITE}/feeds/latest",
    language="ko",
    updated=datetime(2018, 1, 24, 9, 5, 0, tzinfo=SEOUL),
    author="관악뉴스",
    about=f"{SITE}/feeds/about",
    links=(
        Link("hub", f"{SITE}/hub"),
        Link("alternate", f"{SITE}/feeds/latest.other", "application/x-other", "다른 형식"),
        Link("next", f"{SITE}/feeds/latest/archive/2"),
        Link("prev-archive", f"{SITE}/feeds/latest/archive/1.atom", "application/atom+xml"),
    ),
)

PICTURED = replace(CHANNEL, icon=f"{SITE}/icon.png", logo=f"{SITE}/logo.png")

TOMBSTONES = (
    Tombstone("tag:news.example,2018:998", datetime(2018, 1, 24, 8, 0, 0, tzinfo=SEOUL)),
    Tombstone("tag:news.example,2018:기사 & <9>", datetime(2018, 1, 23, 8, 0, 0, tzinfo=SEOUL)),
)

MINIMAL = Entry(
    article_id="1002",
    id="tag:news.example,2018:1002",
    link=f"{SITE}/articles/1002",
    title="눈길 조심",
    published=datetime(2018, 1, 22, 7, 0, 0, tzinfo=SEOUL),
    updated=datetime(2018, 1, 22, 7, 0, 0, tzinfo=SEOUL),
    summary="밤새 눈이 왔다.",
    content="<p>밤새 눈이 왔다.</p>",
)

FULL = Entry(
    article_id="1001",
    id="tag:news.example,2018:1001",
    link=f"{SITE}/news/view.php?idx=1001&from=feed",
    title="다시 열린 마을 우물",
    published=datetime(2018, 1, 23, 15, 26, 43, tzinfo=SEOUL),
    updated=datetime(2018, 1, 24, 9, 5, 0, tzinfo=SEOUL),
    summary="사십 년 만에 다시 열린 우물 곁에 주민들이 모였다.",
    subtitle="주민 손으로 되살려",
    content='<p>우물이 다시 열렸다.</p>\n<p><a href="https://www.news.example/well">사진</a></p>',
    authors=(
        Author("김민수", "minsu@news.example", f"{SITE}/people/minsu"),
        Author("Ana Lee", "ana@news.example"),
        Author("박서연", url=f"{SITE}/people/seoyeon"),
    ),
    categories=(
        Category("지역", SECTIONS),
        Category("생활·문화", SECTIONS),
        Category("우물", TAGS),
        Category("지역", TAGS),
    ),
    image=PICTURE,
    language="en",
    comments=3,
)

ATTACHED = replace(
    FULL,
    article_id="1007",
    id="tag:news.example,2018:1007",
    attachments=(
        Attachment(f"{SITE}/well.mp3?a=1&b=2", "audio/mpeg", 7_340_032, "우물 <소리> & 물", 458),
        Attachment(f"{SITE}/well.pdf", "application/pdf"),
        Attachment(f"{SITE}/well.mp4", "video/mp4", 99_000_000, duration=61),
    ),
)

AWKWARD = replace(
    MINIMAL,
    article_id="1003",
    id="tag:news.example,2018:1003",
    link=f"{SITE}/articles/1003",
    title="영화 <기생충> & ‘R&D’ ]]> 👩🏽‍🚀 &amp;",
    summary="<기생충>은 ]]> 1 < 2 & 3 > 2, 👩🏽‍🚀 &lt;끝&gt;",
    content="<p>&lt;기생충&gt; ]]&gt; &amp;amp; 👩🏽‍🚀 「한글」</p>",
)

SUMMARY_ONLY = replace(FULL, article_id="1004", id="tag:news.example,2018:1004", content=None)
PICTURE_ONLY = replace(FULL, article_id="1005", id="tag:news.example,2018:1005", summary="")
TITLE_ONLY = replace(
    MINIMAL, article_id="1006", id="tag:news.example,2018:1006", summary="", content=None
)


@dataclass(frozen=True, slots=True)
class Case:
    """A feed to write."""

    channel: Channel
    entries: Sequence[Entry]


def ranked(*entries: Entry) -> Case:
    """A most-read feed of the entries, in this order."""
    order = tuple(replace(entry, rank=rank) for rank, entry in enumerate(entries, 1))
    return Case(replace(CHANNEL, ranked=True), order)


CASES: Mapping[str, Case] = {
    "empty feed": Case(CHANNEL, ()),
    "bare channel": Case(replace(CHANNEL, links=()), (MINIMAL,)),
    "icon and logo": Case(PICTURED, (MINIMAL,)),
    "full": Case(CHANNEL, (FULL,)),
    "minimal": Case(CHANNEL, (MINIMAL,)),
    "ranked": ranked(MINIMAL, FULL, AWKWARD),
    "summary only": Case(CHANNEL, (SUMMARY_ONLY,)),
    "picture only": Case(CHANNEL, (PICTURE_ONLY,)),
    "title only": Case(CHANNEL, (TITLE_ONLY,)),
    "tombstones": Case(replace(CHANNEL, tombstones=TOMBSTONES), (MINIMAL, ATTACHED)),
    "attachments": Case(CHANNEL, (ATTACHED, replace(ATTACHED, id="tag:x", image=None))),
    "awkward text": Case(CHANNEL, (AWKWARD,)),
    "all": Case(CHANNEL, (FULL, MINIMAL, AWKWARD, SUMMARY_ONLY, PICTURE_ONLY, TITLE_ONLY)),
}
