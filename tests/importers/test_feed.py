"""RSS and Atom of other papers become articles, under the ids that readers know."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from feeds.importers import Accepted, Rejected, format_of
from feeds.model import Article, Attachment, Author, Image
from tests.importers.feeds import FORUM, POST, atom, item, rss
from tests.importers.given import accepted, article_of, read, rejected

AT = datetime(2026, 3, 2, tzinfo=UTC)
LONG = "긴 글이다. " * 100


def only(content: bytes, name: str = "old.xml") -> Article:
    return article_of(accepted(name, content))


def test_an_item_of_rss_becomes_an_article_with_its_guid() -> None:
    assert only(rss(POST)) == Article(
        id="https://old.example/?p=12",
        guid="https://old.example/?p=12",
        url="https://old.example/12/",
        title="제목 12",
        published=AT + timedelta(minutes=12),
        updated=AT + timedelta(hours=1),
        summary="짧은 요약 & 끝",
        body_html='<p>글 <a href="/x">링크</a></p>',
        authors=(Author("김민수"), Author("이서연 기자", "lee@old.example")),
        tags=("지역", "R&D"),
        image=Image(
            "https://old.example/l.jpg", "image/jpeg", width=460, alt="둘레길", credit="구청"
        ),
        attachments=(
            Attachment("https://old.example/a.mp3", "audio/mpeg", length=1234, duration=61),
        ),
        language="ko-KR",
        comments=0,
    )


def test_an_entry_of_atom_becomes_an_article_with_its_guid() -> None:
    assert only(atom(FORUM)) == Article(
        id="tag:old.example,2026:12",
        guid="tag:old.example,2026:12",
        url="https://old.example/12",
        title="A < B 굵게",
        published=AT - timedelta(hours=15),
        updated=AT,
        summary="요약",
        body_html="<p>글</p>",
        authors=(Author("Nari", "nari@news.example", "https://old.example/nari"), Author("Daniel")),
        tags=("서울",),
        image=Image("https://old.example/a.png", "image/png"),
        attachments=(Attachment("https://old.example/a.pdf", "application/pdf", length=9),),
        comments=3,
    )


def test_rss_1_0_is_read_too() -> None:
    found = only(
        b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
        xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
        <channel rdf:about="https://old.example/"><title>t</title></channel>
        <item rdf:about="https://old.example/1"><title>T</title><link>https://old.example/1</link>
        <dc:date>2026-03-02T09:00</dc:date><dc:subject>news</dc:subject></item></rdf:RDF>"""
    )
    assert (found.guid, found.published, found.tags) == ("https://old.example/1", AT, ("news",))


@pytest.mark.parametrize(
    ("guid", "article_id"),
    [
        ("<guid>1234</guid>", "1234"),
        ("<guid>12 at https://old.example</guid>", "[0-9a-f]{64}"),
        (f"<guid>{'1' * 201}</guid>", "[0-9a-f]{64}"),
        ("<link>https://old.example/3</link>", "https://old.example/3"),
        # Not of this service: another article may have the same number on another day.
        ("<guid>tag:old.example,2026-03-02:1</guid>", "tag:old.example,2026-03-02:1"),
    ],
)
def test_an_id_is_the_guid_or_made_of_it(guid: str, article_id: str) -> None:
    found = accepted("a.rss", rss(f"<title>제목</title>{guid}"))
    assert re.fullmatch(article_id, found.patch.id)
    assert found.patch.given["guid"] in guid


def test_a_feed_of_this_service_gives_back_the_ids_and_the_sections() -> None:
    scheme = "https://www.old.example/feeds"
    names = [
        f'<category domain="{scheme}/{kind}/">지역</category>' for kind in ("sections", "tags")
    ]
    entry = f"<title>제목</title><guid>tag:old.example,2026-03-02:a%2F1</guid>{''.join(names)}"
    found = accepted("a.rss", rss(entry, channel="<generator>feeds</generator>"))
    assert (found.patch.id, found.patch.given["guid"]) == (
        "a/1",
        "tag:old.example,2026-03-02:a%2F1",
    )
    assert (found.patch.given["sections"], found.patch.given["tags"]) == (("지역",), ("지역",))


@pytest.mark.parametrize(
    ("date", "hours"),
    [
        ("Mon, 02 Mar 2026 09:00:00 KST", 0),
        ("Mon, 02 Mar 2026 09:00:00", 0),
        ("Mon, 02 Mar 2026 09:00:00 LOCAL", 0),
        ("Mon, 02 Mar 2026 09:00:00 EST", 14),
        ("Mon, 02 Mar 2026 09:00:00 GMT", 9),
        ("Mon, 02 Mar 2026 09:00:00 -0000", 9),
        ("2026-03-02T09:00:00.123Z", 9),
    ],
)
def test_a_date_without_a_known_zone_is_in_the_papers_zone(date: str, hours: int) -> None:
    found = only(rss(f"<title>제목</title><guid>1</guid><pubDate>{date}</pubDate>"))
    assert found.published == AT + timedelta(hours=hours)


def test_an_entry_with_one_date_only_was_published_then() -> None:
    updated = "<updated>2026-03-02T09:00:00+09:00</updated>"
    found = accepted("a.atom", atom(f"<id>urn:1</id><title>제목</title>{updated}"))
    assert article_of(found).published == AT
    # A later date of the same kind is no new publication of a known article.
    assert "published" not in found.patch.given


@pytest.mark.parametrize(
    ("description", "content", "summary", "html", "text"),
    [
        ("짧다.", None, "짧다.", None, None),
        (f"<p>{LONG}</p>", None, None, f"<p>{LONG}</p>", None),
        (f"{LONG}\n\n가 &amp; 나", None, None, None, f"{LONG}\n\n가 & 나"),
        ("짧다.", "<p>글</p>", "짧다.", "<p>글</p>", None),
        ("<p>같다.</p>", "<p>같다.</p>", None, "<p>같다.</p>", None),
        ("처음 [&#8230;]", "<p>처음부터.</p>", None, "<p>처음부터.</p>", None),
    ],
)
def test_a_short_description_is_the_summary_and_a_long_one_the_body(
    description: str, content: str | None, summary: str | None, html: str | None, text: str | None
) -> None:
    texts = f"<description><![CDATA[{description}]]></description>"
    if content:
        texts += f"<content:encoded><![CDATA[{content}]]></content:encoded>"
    found = only(rss(item(1, texts)))
    assert (found.summary, found.body_html, found.body_text) == (summary, html, text)


def test_plain_content_of_atom_is_text() -> None:
    dated = "<id>urn:1</id><title>제목</title><updated>2026-03-02T09:00:00Z</updated>"
    found = only(atom(f"{dated}<content>가 &lt; 나</content>"))
    assert (found.body_html, found.body_text) == (None, "가 < 나")


def test_a_detail_that_does_not_fit_is_left_out_and_the_article_goes_in() -> None:
    categories = "".join(f"<category>{n}</category>" for n in range(101))
    details = f"""<dc:creator>{"김" * 201}</dc:creator><dc:creator>이서연</dc:creator>
    <dc:language>Korean</dc:language><enclosure url="ftp://old.example/a.mp3" type="audio/mpeg"/>
    <enclosure url="https://old.example/a b" type="audio/mpeg"/>{categories}"""
    found = accepted("a.rss", rss(item(1, details)))
    article = article_of(found)
    assert (article.authors, article.language) == ((Author("이서연"),), None)
    assert (len(article.tags), article.attachments) == (100, ())
    assert len(found.notes) == 4
    assert "authors[0].name is left out: it is longer than 200 characters" in found.notes


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "cannot be read: it is neither RSS nor Atom"),
        (b"/etc/hostname", "cannot be read: it is neither RSS nor Atom"),  # no name of a file
        (rss("<title>제목</title>"), "an entry has neither an id (guid) nor a link"),
        (
            rss("<guid>1</guid><pubDate>gestern</pubDate>"),
            'entry "1": published: must be a date such as',
        ),
    ],
)
def test_what_is_no_article_is_rejected_with_the_reason(content: bytes, reason: str) -> None:
    assert rejected("a.rss", content).reason.startswith(reason)


def test_a_rejected_entry_is_named_by_its_line_and_the_others_go_in() -> None:
    bad, good = read("a.rss", rss("<title>제목</title>", item(1)))
    assert isinstance(bad, Rejected)
    assert (bad.line, isinstance(good, Accepted)) == (8, True)


def test_of_a_feed_that_ends_early_the_entries_go_in_and_the_damage_is_told() -> None:
    whole = rss(item(1), item(2), item(3))
    *entries, damage = read("a.rss", whole[: whole.index("제목 3".encode())])
    ids = [each.patch.id for each in entries if isinstance(each, Accepted)]
    assert ids[:2] == ["https://old.example/?p=1", "https://old.example/?p=2"]
    assert isinstance(damage, Rejected)
    assert damage.line > 0
    assert "not well-formed XML" in damage.reason


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("utf-16", "utf-16"),
        ("euc-kr", "cp949"),
        ("Shift_JIS", "shift_jis"),
        ("euc-kr", "utf-8"),
        ("iso-8859-1", "utf-8"),
        ("iso-8859-1", "cp1252"),
        ("utf-8", "cp1252"),
    ],
)
def test_a_feed_is_read_in_its_encoding_whatever_it_declares(declared: str, encoding: str) -> None:
    sound = rss(item(1)).decode().replace("UTF-8", declared)
    title = {"shift_jis": "予算案を可決", "cp1252": "L’été à Paris"}.get(encoding, "똠방각하")
    feed = sound.replace("옛 신문", "").replace("제목 1", title)
    assert only(feed.encode(encoding)).title == title


def test_blank_lines_before_the_declaration_hide_no_encoding() -> None:
    feed = b"\r\n" + rss(item(1)).decode().replace("UTF-8", "euc-kr").encode("euc-kr")
    assert only(feed).title == "제목 1"


@pytest.mark.parametrize(
    ("encoding", "damaged"),
    [
        ("utf-8", b"<dc:creator>&#55357;&#56832;</dc:creator>"),
        ("utf-8", b"<dc:creator>&#" + b"9" * 4000 + b";</dc:creator>"),
        ("utf-8", "<dc:creator>김".encode()[:-1] + b"</dc:creator>"),
        ("utf-8", b"<content</title</content>"),
        ("euc-kr", "<dc:creator>똠방</dc:creator>".encode("cp949")),
        ("euc-kr", "<dc:creator>김".encode("cp949")[:-1] + b"</dc:creator>"),
    ],
)
def test_a_damaged_entry_costs_no_other(encoding: str, damaged: bytes) -> None:
    sound = rss(item(1), item(2, "{}"), item(3)).decode().replace("UTF-8", encoding)
    feed = sound.encode(encoding).replace(b"{}", damaged)
    found = [each.patch for each in read("a.rss", feed) if isinstance(each, Accepted)]
    titles = {each.id[-1]: each.given["title"] for each in found}
    assert (titles["1"], titles["3"]) == ("제목 1", "제목 3")


def test_a_feed_that_expands_without_end_is_refused_at_once() -> None:
    entities = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
    doctype = f'<!DOCTYPE rss [<!ENTITY e0 "aaaaaaaaaa">{entities}]>'.encode()
    bomb = rss(item(1, "<description>&e9;</description>")).replace(b"<rss", doctype + b"<rss", 1)
    assert any(isinstance(each, Rejected) for each in read("a.rss", bomb))


@pytest.mark.parametrize("content", [rss(POST), atom(FORUM)])
@pytest.mark.parametrize("name", ["old.xml", "standard input", "old.php"])
def test_a_feed_is_told_by_its_beginning(name: str, content: bytes) -> None:
    assert format_of(name, content)
    assert [type(each) for each in read(name, content)] == [Accepted]
