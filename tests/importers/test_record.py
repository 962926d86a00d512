from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from feeds.errors import ArticleError
from feeds.importers import Accepted, Source
from feeds.importers.record import read_item, read_record
from feeds.merge import merge
from feeds.model import Article, Author, Image
from tests.importers.given import NOW, RECORD, SOURCE


def article(source: Source = SOURCE, **keys: Any) -> Article:
    return merge(read_record({**RECORD, **keys}, source)[0], None, NOW)[0]


def notes(**keys: Any) -> tuple[str, ...]:
    patch, notes = read_record({**RECORD, **keys}, SOURCE)
    return notes + merge(patch, None, NOW)[1]


def fault(**keys: Any) -> str:
    with pytest.raises(ArticleError) as raised:
        read_record({**RECORD, **keys}, SOURCE)
    return str(raised.value)


def test_a_record_with_every_key_becomes_an_article_with_every_field() -> None:
    found = article(
        updated="2024-11-05T10:00:00Z",
        url="https://www.news.example/news/1",
        subtitle="가을이 깊었다",
        summary="거리가\n노랗다",
        body_html="<p>거리가 노랗다.</p>",
        authors=[
            {"name": "박서연", "id": "7", "email": "seo@news.example", "url": "https://a.example/"}
        ],
        sections=["생활"],
        tags=["가을", "은행나무"],
        image={
            "url": "/i/1.jpg", "type": "image/JPEG", "length": 10, "width": 4, "height": 3,
            "alt": "은행나무", "credit": "박서연",
        },
        language="ko-KR",
        comments=2,
        views=31,
        status="withdrawn",
    )  # fmt: skip
    assert found == Article(
        id="1",
        title="은행잎이 물들다",
        published=datetime(2024, 11, 5, 0, 30, tzinfo=UTC),
        updated=datetime(2024, 11, 5, 10, 0, tzinfo=UTC),
        url="https://www.news.example/news/1",
        subtitle="가을이 깊었다",
        summary="거리가 노랗다",
        body_html="<p>거리가 노랗다.</p>",
        authors=(Author("박서연", "seo@news.example", "https://a.example/", "7"),),
        sections=("생활",),
        tags=("가을", "은행나무"),
        image=Image("/i/1.jpg", "image/jpeg", 10, 4, 3, "은행나무", "박서연"),
        language="ko-KR",
        comments=2,
        views=31,
        status="withdrawn",
    )


def test_null_means_absent_for_optional_keys_only() -> None:
    assert article(authors=None, url=None, views=None) == article()
    assert fault(title=None).startswith("title: has no value")


@pytest.mark.parametrize(
    ("written", "zone", "expected"),
    [
        ("2024-11-05", "Asia/Seoul", "2024-11-04T15:00:00"),
        ("2024-11-05 09:30", "Asia/Seoul", "2024-11-05T00:30:00"),
        ("2024-11-05 9:30", "Asia/Seoul", "2024-11-05T00:30:00"),  # as in a CSV of Excel
        ("2024-11-05T09:30:15.999", "Asia/Seoul", "2024-11-05T00:30:15"),
        ("2024-11-05t09:30:15z", "Asia/Seoul", "2024-11-05T09:30:15"),
        ("2024-11-05T09:30:15+09:00", "UTC", "2024-11-05T00:30:15"),
        ("20241105T093015Z", "Asia/Seoul", "2024-11-05T09:30:15"),
        ("2024-10-27 02:30", "Europe/Berlin", "2024-10-27T00:30:00"),  # came twice
        ("2024-03-31 02:30", "Europe/Berlin", "2024-03-31T01:30:00"),  # never was
    ],
)
def test_a_date_becomes_utc_in_whole_seconds(written: str, zone: str, expected: str) -> None:
    source = replace(SOURCE, timezone=ZoneInfo(zone))
    assert article(source, published=written).published.isoformat() == f"{expected}+00:00"


@pytest.mark.parametrize(
    "written",
    [
        *("", "어제", "2024-13-01", "2024-11-05 25:00", "1730766600", "2018012301526", 1730766600),
        *("1899-12-31", "2200-06-01", "0001-01-01", "9999-12-31 23:00", "2024-11-05x09:30"),
    ],
)
def test_what_is_no_date_of_a_newspaper_is_named_with_an_example(written: object) -> None:
    assert fault(published=written).startswith('published: must be a date such as "2018-01-23T')


@pytest.mark.parametrize(
    ("published", "updated", "held", "note"),
    [
        ("2029-12-31T00:00:00Z", "2029-12-30T00:00:00Z", NOW - timedelta(days=1), "published"),
        ("2029-12-31T00:00:00Z", "2030-01-01T00:00:01Z", NOW, "the time of the save"),
        ("2030-01-02T00:00:00Z", "2030-01-05T00:00:00Z", NOW + timedelta(days=1), "published"),
        ("2030-01-02T00:00:00Z", None, NOW + timedelta(days=1), None),
    ],
)
def test_an_update_is_held_between_publication_and_now_and_noted(
    published: str, updated: str | None, held: datetime, note: str | None
) -> None:
    assert article(published=published, updated=updated).updated == held
    said = notes(published=published, updated=updated)
    assert [note in each for each in said] == ([True] if note else [])


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("/i/1.jpg", "/i/1.jpg"),
        ("i/다리 1.jpg?w=1#x".replace(" ", "%20"), "/i/%EB%8B%A4%EB%A6%AC%201.jpg?w=1#x"),
        ("https://www.news.example/i/1.jpg", "https://www.news.example/i/1.jpg"),
        ("//img.example/1.jpg", "https://img.example/1.jpg"),
    ],
)
def test_a_picture_of_the_papers_own_site_does_not_name_its_host(given: str, kept: str) -> None:
    assert article(image={"url": given}).image == Image(kept)


@pytest.mark.parametrize("identifier", [" \n", "a b", "a\x08b", "a\ud800", "가" * 201, 7, True])
def test_an_id_that_cannot_be_one_is_refused(identifier: object) -> None:
    assert fault(id=identifier).startswith("id: must be ")


def test_an_id_is_trimmed_and_composed() -> None:
    assert article(id=" \u1100\u1161 ").id == "가"


def test_every_fault_is_named_at_once() -> None:
    found = fault(title=" ", published="어제", views=-1, tag=[], status="draft").split("; ")
    assert [each.partition(":")[0] for each in found] == "title published views status tag".split()


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ({"authors": ["박서연"]}, "authors[0]: must be keys with values"),
        ({"published": None}, "published: has no value; give it one"),
        ({"authors": [{"nam": "박"}]}, 'nam: no such key (did you mean "name"?)'),
        ({"authors": [{"name": "박", "id": "1 7"}]}, "authors[0].id: must be 1 to 200 characters"),
        ({"authors": [{"name": "박", "email": "없음"}]}, 'email: "없음" is not an e-mail'),
        ({"authors": [{"name": "가" * 201}]}, "authors[0].name: is longer than 200 characters"),
        ({"image": "/a.jpg"}, "image: must be keys with values"),
        ({"image": {"url": ""}}, "image.url: is empty"),
        ({"image": {"url": "data:image/png;base64,AA"}}, "image.url: must be an http(s) URL"),
        ({"image": {"url": "/a", "type": "text/html"}}, "image.type: must be a media type"),
        ({"sections": "생활"}, "sections: must be a list"),
        ({"language": "ko_KR"}, 'not "ko_KR"; write "ko-KR"'),
        ({"comments": True}, "comments: must be a whole number"),
        ({"views": 2**31}, "views: must be 2147483647 or less"),
        ({"status": "draft"}, 'status: must be "live" or "withdrawn"'),
        ({"body_html": "<p>가</p>", "body_text": "가"}, "body_text: an article has either"),
        ({"\ud800": 1}, "ud800': no such key"),
        ({"": 1}, "'': no such key"),
        ({"title\x08": "가"}, "no such key"),
    ],
)
def test_a_fault_says_where_it_is_and_what_to_write(keys: dict[str, Any], reason: str) -> None:
    assert reason in fault(**keys)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("HTTP://a.example:8080/x#y", "http://a.example:8080/x#y"),
        ("https://a.example/소식/1", "https://a.example/%EC%86%8C%EC%8B%9D/1"),
        ("https://a.example/%ec%86%8c/100%", "https://a.example/%ec%86%8c/100%25"),
        ("https://한국.example/", "https://xn--3e0b707e.example/"),
        ("https://[2001:db8::1]/a", "https://[2001:db8::1]/a"),
    ],
)
def test_an_address_is_kept_as_an_ascii_uri(written: str, kept: str) -> None:
    assert article(url=written).url == kept


@pytest.mark.parametrize(
    "written",
    [
        "", "/news/1", "www.news.example/1", "ftp://a.example/", "javascript:alert(1)", "https://",
        "https://a.example/a b", "https://a.example/a\u3000b", "https://me:pw@a.example/",
        "https://a.example:99999/", "https://a<b>.example/", "https://[::1/",
        "https://a.example/" + "a" * 2000, "https://a.example/" + "가" * 300,
    ],
)  # fmt: skip
def test_an_address_that_no_reader_could_open_is_refused(written: str) -> None:
    assert fault(url=written).startswith("url: ")


def test_empty_and_repeated_names_are_left_out() -> None:
    found = article(tags=["가을", " 가을 ", ""], authors=[{"name": ""}, *[{"name": "박"}] * 2])
    assert (found.tags, found.authors) == (("가을",), (Author("박"),))


@pytest.mark.parametrize(
    ("given", "author"),
    [
        ({"name": "박서연 기자 seo@news.example"}, Author("박서연 기자", "seo@news.example")),
        (
            {"name": "박서연 seo@news.example", "email": "desk@news.example"},
            Author("박서연", "desk@news.example"),
        ),
        ({"name": "박서연", "id": " 17 "}, Author("박서연", id="17")),
        ({"name": "박서연", "id": ""}, Author("박서연")),
    ],
)
def test_an_author_has_a_name_without_an_address_and_an_id(
    given: dict[str, Any], author: Author
) -> None:
    assert article(authors=[given]).authors == (author,)


def test_the_section_of_the_source_is_for_articles_that_name_none() -> None:
    source = replace(SOURCE, section=" 지역 ")
    assert article(source).sections == ("지역",)
    assert article(source, sections=[""]).sections == ("지역",)
    assert article(source, sections=["경제"]).sections == ("경제",)


def test_characters_that_no_feed_can_carry_are_removed_and_noted_by_place() -> None:
    keys = {
        "title": "은행\x08잎",
        "body_text": "첫째\ud800\r\n둘째\ufffe",
        "tags": ["가을", "단\x00풍"],
        "authors": [{"name": "박\x1f서연"}],
        "image": {"url": "/1.jpg", "alt": "\udfff나무"},
    }
    found = article(**keys)
    assert (found.title, found.body_text) == ("은행잎", "첫째\n둘째")
    assert (found.tags, found.authors[0].name) == (("가을", "단풍"), "박서연")
    assert notes(**keys) == (
        "title: removed U+0008",
        "body_text: removed U+D800, U+FFFE",
        "tags[1]: removed U+0000",
        "authors[0].name: removed U+001F",
        "image.alt: removed U+DFFF",
    )


def test_names_are_composed_and_bodies_keep_their_characters() -> None:
    found = article(tags=["\u1100\u1161을"], body_text="音\uf914 소리")
    assert found.tags == ("가을",)
    assert found.body_text == "音\uf914 소리"


def test_a_body_of_blanks_is_none_and_leaves_room_for_the_other() -> None:
    found = article(body_html=" ", body_text="가을이다.")
    assert (found.body_html, found.body_text) == (None, "가을이다.")


@pytest.mark.parametrize("key", ["authors", "sections", "tags"])
def test_an_article_has_at_most_a_hundred_names_of_a_kind(key: str) -> None:
    names: list[Any] = [str(n) for n in range(101)]
    named = [{"name": name} for name in names] if key == "authors" else names
    assert getattr(article(**{key: named[:100]}), key)
    assert fault(**{key: named}).startswith(f"{key}: must have 100 or fewer values")


@pytest.mark.parametrize(
    ("key", "longest"), [("title", 2000), ("subtitle", 2000), ("summary", 50_000)]
)
def test_what_is_in_every_feed_has_a_length(key: str, longest: int) -> None:
    assert getattr(article(**{key: "가" * longest}), key)
    assert fault(**{key: "가" * (longest + 1)}) == f"{key}: is longer than {longest} characters"


def test_what_feeds_leave_out_of_a_body_is_noted() -> None:
    html = "<p>가</p><svg></svg><math></math><svg></svg>"
    assert notes(body_html=html) == ("body_html: feeds leave out svg, math",)
    assert article(body_html=html).body_html == html


@pytest.mark.parametrize(
    ("guid", "is_kept"),
    [
        ("https://old.example/?p=12", True),
        ("12 at https://old.example", True),
        ("가" * 500, True),
        ("가" * 501, False),
        ("1\t2", False),
        (" 1", False),
    ],
)
def test_the_id_that_readers_know_is_kept_or_it_is_said_that_they_get_another(
    guid: str, *, is_kept: bool
) -> None:
    found = read_item(RECORD, SOURCE, 1, guid=guid)
    assert isinstance(found, Accepted)
    assert found.patch.given.get("guid") == (guid if is_kept else None)
    assert [note.partition(" for ")[0] for note in found.notes] == (
        [] if is_kept else ["guid: readers get another"]
    )


def test_a_record_cannot_choose_its_guid() -> None:
    assert fault(guid="1").startswith("guid: no such key")
