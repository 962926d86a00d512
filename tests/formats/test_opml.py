from dataclasses import replace

from feeds.formats.opml import render_opml
from feeds.site import Outline
from tests.formats.samples import SITE
from tests.formats.xml import attributes, elements, parse, texts

LATEST = Outline("관악뉴스", f"{SITE}/feeds/latest.rss", f"{SITE}/", language="ko")
LOCAL = Outline(
    "지역 & <동네>", f"{SITE}/feeds/sections/지역.atom", f"{SITE}/sections/지역", group="지면"
)
SPORT = Outline("Sport", f"{SITE}/feeds/sections/sport.rss", f"{SITE}/sections/sport", group="지면")


def test_a_feed_of_no_group_stands_by_itself() -> None:
    opml = parse(render_opml("관악뉴스의 피드", [LATEST]))
    assert opml.get("version") == "2.0"
    assert texts(opml, "head/title") == ["관악뉴스의 피드"]
    assert attributes(opml, "body/outline") == [
        {
            "type": "rss",
            "text": "관악뉴스",
            "title": "관악뉴스",
            "xmlUrl": f"{SITE}/feeds/latest.rss",
            "htmlUrl": f"{SITE}/",
            "language": "ko",
        }
    ]


def test_a_group_stands_where_its_first_feed_does() -> None:
    last = replace(LATEST, text="많이 본 뉴스")
    opml = parse(render_opml("피드", [LATEST, LOCAL, last, SPORT]))
    assert [a["text"] for a in attributes(opml, "body/outline")] == [
        "관악뉴스",
        "지면",
        "많이 본 뉴스",
    ]
    assert [a["text"] for a in attributes(opml, "body/outline/outline")] == [
        "지역 & <동네>",
        "Sport",
    ]


def test_a_list_has_no_date_and_is_the_same_every_time() -> None:
    body = render_opml("피드", [LATEST, LOCAL])
    assert body == render_opml("피드", [LATEST, LOCAL])
    assert elements(parse(body), "head/dateCreated") == []


def test_an_unknown_language_is_not_said() -> None:
    assert (
        "language" not in attributes(parse(render_opml("피드", [SPORT])), ".//outline[@xmlUrl]")[0]
    )
