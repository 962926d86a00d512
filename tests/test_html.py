import re
from urllib.parse import urlsplit

import lxml.html
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from feeds.html import left_out, paragraphs, plain_text, safe_html, without_html, without_picture
from feeds.text import legal

SITE = "https://www.news.example"
BASE = f"{SITE}/news/2024/view.php?idx=7"
PLAYERS = frozenset({"www.youtube.com"})
PLAYER = '<iframe src="https://www.youtube.com/embed/1"></iframe>'
PICTURE = f'<img src="{SITE}/a.jpg">'
ADDRESSES = ("href", "src", "poster", "cite", "action", "data", "srcset")

ANY = st.text(st.characters(exclude_categories=()), max_size=20)
PIECES = st.sampled_from(
    [
        *("<p>", "</p>", "<div>", "</div>", "<b>", "</b>", "<table>", "<td>", "<pre>\n\n", "<br>"),
        *("<script>x()</script>", "<script>", "</script>", "<style>a{}</style>", "<!--", "-->"),
        *("<img src=x onerror=x()>", "<img data-src=b.png src='data:,'>", "<image src=c.gif>"),
        *("<noscript><img src='/a&#8;b'>", "<iframe src='//www.youtube.com/&#8;'>"),
        *("<noscript>", "</noscript>", "<svg><style>", "<math><mtext>", "<template>", "<title>"),
        *("<a href='javascript:x'>", "<a href=../b?c&d>", "<a href=''>", "<a href='//['>", "</a>"),
        *("<a/href=x/onclick=x()>", "<iframe src=//www.youtube.com/e>", "<iframe srcdoc=x>"),
        *("<base href=//e.example>", "<video poster='javascript:x' src=v>", "<source srcset=x>"),
        *("&#8;", "&#x0;", "&#xfffe;", "&#x110000;", "&lt;script&gt;", "&amp;lt;", "]]>", "<", '"'),
        *("java\tscript:", "\x00", "\ud83d", "\u2028", "가", "<textarea>", "<plaintext>", "<?x ?>"),
    ]
)
SOUP = st.lists(PIECES | ANY, max_size=9).map("".join)


def safe(html: str) -> str:
    return safe_html(html, BASE, PLAYERS)


def elements(html: str) -> list[lxml.html.HtmlElement]:
    return list(lxml.html.fragment_fromstring(html, create_parent="div").iter())[1:]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>가</p><script>x()</script><SCRIPT SRC=//x.example/a.js></SCRIPT>", "<p>가</p>"),
        ("<style>p{}</style><p style='color:red'>가</p>", "<p>가</p>"),
        ("<p onclick=x() ONLOAD='x()'>가</p><p/onclick=x()>가</p>", "<p>가</p><p>가</p>"),
        ('<p class="a" id="b" data-x="c">가</p>', "<p>가</p>"),
        ('<a href="javascript:x()">가</a>', "<a>가</a>"),
        ('<a href="JaVa&#10;Script:x()">가</a>', "<a>가</a>"),
        ('<a href="data:text/html,x">가</a>', "<a>가</a>"),
        ('<img src="javascript:x()"><img src="data:image/gif;base64,R0lGODlh">', ""),
        ('<video poster="javascript:x()"></video>', "<video></video>"),
        ('<q cite="javascript:x()">가</q>', "<q>가</q>"),
        ("<p>가<!-- 나 --></p>", "<p>가</p>"),
        ("<form action=/x><input name=a>가</form>", "가"),
        ("<object data=/x.swf><embed src=/x.swf>가</object>", "가"),
        ("<svg><script>x()</script></svg><template><script>x()</script></template>가", "가"),
        ("<meta http-equiv=refresh content=0>가<link rel=stylesheet>", "가"),
    ],
)
def test_elements_and_attributes_that_can_act_are_dropped(html: str, expected: str) -> None:
    assert safe(html) == expected


@pytest.mark.parametrize(
    "html",
    [
        "<p>가 <strong>나</strong><br>다</p>",
        '<table><tbody><tr><td colspan="2">가</td></tr></tbody></table>',
        '<p lang="en" dir="ltr">a</p>',
        "<ruby>漢<rt>한</rt></ruby>",
        '<ol start="3"><li>가</li></ol>',
        "<pre>a\n  b</pre>",
        f'<figure><img src="{SITE}/a.jpg" alt="산" width="9"><figcaption>산</figcaption></figure>',
        '<a href="https://other.example/가?b=1&amp;c=2#d">가</a>',
        '<a href="mailto:desk@news.example">편지</a> <a href="tel:02-880-0000">전화</a>',
        "<p>1 &lt; 2 &amp;&amp; &lt;기생충&gt; ]]&gt;</p>",
    ],
)
def test_the_elements_of_an_article_stay_as_they_are(html: str) -> None:
    assert safe(html) == html


@pytest.mark.parametrize(
    ("address", "absolute"),
    [
        ("/b", f"{SITE}/b"),
        ("b?c=1&d=2", f"{SITE}/news/2024/b?c=1&amp;d=2"),
        ("../b", f"{SITE}/news/b"),
        ("//cdn.example/b", "https://cdn.example/b"),
        ("HTTP://cdn.example/b", "HTTP://cdn.example/b"),
        ("#b", f"{BASE}#b"),
        ("?idx=8", f"{SITE}/news/2024/view.php?idx=8"),
        ("  ", None),
        ("//[", None),
    ],
)
def test_every_address_is_absolute(address: str, absolute: str | None) -> None:
    link, picture = f'<a href="{absolute}">가</a>', f'<img src="{absolute}">'
    assert safe(f'<a href="{address}">가</a>') == (link if absolute else "<a>가</a>")
    assert safe(f'<img src="{address}">') == (picture if absolute else "")
    film = safe(f'<base href="https://other.example/"><video src="{address}"></video>')
    assert film == (f'<video src="{absolute}"></video>' if absolute else "<video></video>")


@pytest.mark.parametrize(
    "html",
    [
        *(
            f'<img src="/blank.gif" {name}="/a.jpg">'
            for name in "data-src data-original data-lazy-src data-lazy data-url data-echo".split()
        ),
        '<image data-src="/a.jpg">',
        '<img src="data:image/gif;base64,R0lGODlh" data-src="" data-original="/a.jpg">',
        '<img src="/blank.gif" data-src="/a.jpg" srcset="/blank.gif 1w" loading="lazy">',
        '<img src="/blank.gif" data-src="/a.jpg"><noscript><img src="/a.jpg"></noscript>',
        '<noscript><img src="/a.jpg"></noscript><img src="/blank.gif" data-src="/a.jpg">',
        '<img src="data:image/gif;base64,R0lGODlh"><noscript><img src="/a.jpg"></noscript>',
    ],
)
def test_a_picture_that_a_script_would_load_later_is_there_once(html: str) -> None:
    assert safe(html) == PICTURE


def test_a_lazy_picture_keeps_its_description_and_caption() -> None:
    caption = "<figcaption>산</figcaption></figure>"
    found = safe(f'<figure><img data-src="/a.jpg" alt="산" class="lazy">{caption}')
    assert found == f'<figure><img alt="산" src="{SITE}/a.jpg">{caption}'


@pytest.mark.parametrize(
    ("address", "player"),
    [
        ("//www.youtube.com/embed/1", "https://www.youtube.com/embed/1"),
        ("https://WWW.YouTube.com/embed/1", "https://WWW.YouTube.com/embed/1"),
        ("HTTP://www.youtube.com/embed/1", "https://www.youtube.com/embed/1"),
        ("https://www.youtube.com:443/embed/1", "https://www.youtube.com:443/embed/1"),
        ("http://www.youtube.com:80/embed/1", None),
        ("https://www.youtube.com:8443/embed/1", None),
        ("https://www.youtube.com:x/embed/1", None),
        ("https://www.youtube.com.other.example/", None),
        ("https://www.youtube.com@other.example/", None),
        ("https://other.example\\@www.youtube.com/", None),
        ("https://other.example#@www.youtube.com/", None),
        ("javascript:x()", None),
        ("/embed/1", None),
        ("", None),
    ],
)
def test_an_iframe_stays_only_if_its_host_is_a_known_player(
    address: str, player: str | None
) -> None:
    expected = f'<iframe src="{player}"></iframe>' if player else ""
    assert safe(f'<p>가</p><iframe src="{address}" srcdoc=x></iframe>') == f"<p>가</p>{expected}"


def test_no_iframe_stays_unless_its_host_is_named() -> None:
    assert safe_html(PLAYER, BASE) == ""


@pytest.mark.parametrize(
    "html",
    [
        "<pre>\n\n\n가</pre>",
        '<pre lang="ko">\n\n가</pre>',
        f"{PICTURE}<pre>\n\n\n\n가</pre>",
        "<p>가<div>나</p>다",
        "<image src=/a.jpg><b>가<p>나</b>",
        "<iframe src=//www.youtube.com/e><p>가",
        "&amp;amp;lt;b&amp;amp;gt;",
    ],
)
def test_cleaning_twice_changes_nothing(html: str) -> None:
    assert safe(safe(html)) == safe(html)


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<div><p>가</b></p><i>나</div>다", "가나다"),
        ("<p>가<div>나<p>다", "가나다"),
        ("<img src=/a.jpg>" + "<div>" * 600 + "가", "가"),
        ("<td>가<td>나", "가나"),
        ("<a href=/x><div><p>가</a>나", "가나"),
        ("</body></html>가<html><body>나", "가나"),
        ("<![CDATA[가]]>나", "나"),
    ],
)
def test_the_words_of_broken_html_stay(html: str, words: str) -> None:
    assert words in plain_text(safe(html)).replace(" ", "")


@pytest.mark.parametrize(
    "html",
    [
        "<p>가&#8;나\x08다</p>",
        "<p>가&#xFFFE;나&#65535;다</p>",
        "<p>가나&#0000008;다</p>",
        f"{PICTURE}<noscript>가&#8;나</noscript>&#xfffe;다",
        f"{PICTURE}<noscript>가<b>나</b>&#x000000000fffe;</noscript>다",
    ],
)
def test_entities_bring_no_illegal_characters_in(html: str) -> None:
    etree.Element("p").text = safe(html)
    assert plain_text(safe(html)) == "가나다"


def test_an_entity_of_any_length_is_no_fault() -> None:
    assert "가" in safe(f"가&#{'1' * 9000};<noscript>&#{'1' * 9000};</noscript>{PICTURE}")


def test_ten_million_letters_beside_a_picture_are_kept() -> None:
    assert plain_text(safe(PICTURE + "a" * 10_500_000)).count("a") == 10_500_000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("가\n\n나", "<p>가</p>\n<p>나</p>"),
        ("가\r\n나", "<p>가<br>나</p>"),
        ("가\n \t\n\n\n나\n", "<p>가</p>\n<p>나</p>"),
        ("  가  ", "<p>가</p>"),
        ("<기생충> & 'R&D' \"b\"", "<p>&lt;기생충&gt; &amp; 'R&amp;D' \"b\"</p>"),
        ("가\x08\ufffe나", "<p>가나</p>"),
        (" \n\n ", ""),
        ("", ""),
    ],
)
def test_plain_text_becomes_paragraphs_with_everything_escaped(text: str, expected: str) -> None:
    assert paragraphs(text) == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>가</p><p>나</p>", "가 나"),
        ("가<br>나", "가 나"),
        ("<p>단<b>어</b>의 <i>끝</i></p>", "단어의 끝"),
        ("<ul><li>가</li><li>나</li></ul>", "가 나"),
        ("<table><tr><td>가</td><td>나</td></tr></table>", "가 나"),
        (f"<figure>{PICTURE}<figcaption>산</figcaption></figure>가", "가"),
        ("<p>&lt;기생충&gt; &amp;amp;</p>", "<기생충> &amp;"),
        ("<p>가\u3000 \u00a0나\n다</p>", "가 나 다"),
        (PICTURE, ""),
        ("", ""),
    ],
)
def test_the_words_of_a_body_are_on_one_line(html: str, expected: str) -> None:
    assert plain_text(html) == expected


@given(ANY)
def test_paragraphs_say_the_text_they_were_made_of(text: str) -> None:
    html = paragraphs(text)
    assert plain_text(html) == plain_text(safe(html)) == " ".join(legal(text).split())


@settings(deadline=None, max_examples=150)
@given(SOUP)
def test_any_html_is_safe_in_the_end(html: str) -> None:
    for element in elements(safe(html)):
        assert element.tag not in ("script", "style", "noscript", "base", "template", "form")
        assert not [name for name in element.attrib if name.startswith("on")]
        for name in ADDRESSES:
            scheme = urlsplit(element.get(name, "https:")).scheme
            assert scheme in ("http", "https", "mailto", "tel")
        if element.tag in ("img", "iframe"):
            assert element.get("src", "").startswith("http")
    assert not re.search("<script", safe(html), re.IGNORECASE)


@settings(deadline=None, max_examples=150)
@given(SOUP)
def test_any_html_made_safe_is_xml_text_and_stays_as_it_is(html: str) -> None:
    once = safe(html)
    etree.Element("description").text = once
    etree.Element("description").text = plain_text(once)
    assert safe(once) == once


LEAD = f"{SITE}/i/%EB%8B%A4%EB%A6%AC.jpg"


@pytest.mark.parametrize(
    ("html", "rest", "caption"),
    [
        ("<p>가</p><img src=/i/다리.jpg><p>나</p>", "<p>가</p><p>나</p>", ""),
        ("<p>가</p><img src=/i/b.jpg>", f'<p>가</p><img src="{SITE}/i/b.jpg">', ""),
        ("<p>가 <img src=/i/다리.jpg#x> 나</p>", "<p>가  나</p>", ""),
        ("<p><a href=/i/다리.jpg><img src=/i/다리.jpg></a> </p>나", "나", ""),
        ("<div><div><img data-src=/i/다리.jpg src=data:,></div></div>나", "나", ""),
        (
            "<figure><i><img src=/i/다리.jpg></i><figcaption><b>앞</b></figcaption></figure>",
            "",
            "<b>앞</b>",
        ),
        (
            "<figure><img src=/i/다리.jpg><img src=/i/b.jpg><figcaption>둘</figcaption></figure>",
            f'<figure><img src="{SITE}/i/b.jpg"><figcaption>둘</figcaption></figure>',
            "",
        ),
        ("<table><tr><td><img src=/i/다리.jpg></td><td>나</td></tr></table>", None, ""),
        ("<img src=/i/다리.jpg>가<img src=/i/다리.jpg>", "가", ""),
        ("<p>가</p>", "<p>가</p>", ""),
        ("", "", ""),
    ],
)
def test_a_picture_is_taken_out_with_what_holds_it_alone(
    html: str, rest: str | None, caption: str
) -> None:
    found, its_caption = without_picture(safe(html), LEAD)
    assert "%EB" not in found
    assert rest in (found, None)
    assert its_caption == caption


@pytest.mark.parametrize(
    "html",
    [
        f'<img src="{SITE}/i/a-300.jpg" srcset="{SITE}/i/a-300.jpg 300w, {SITE}/i/a,1.jpg 900w">',
        f'<img src="{SITE}/i/a-300.jpg" srcset="{SITE}/i/a,1.jpg">',
        f'<picture><source srcset="{SITE}/i/a,1.jpg 2x,{SITE}/b"><img src="{SITE}/c"></picture>',
    ],
)
def test_a_picture_is_known_by_any_address_it_is_shown_from(html: str) -> None:
    assert without_picture(f"<figure>{html}</figure>", f"{SITE}/i/a,1.jpg") == ("", "")
    assert without_picture(html, f"{SITE}/i/other.jpg") == (html, "")


@given(SOUP)
def test_html_without_its_picture_is_as_safe_as_before(soup: str) -> None:
    html = safe(soup + "<img src=/i/다리.jpg>" + soup)
    rest, caption = without_picture(html, LEAD)
    assert safe(rest) == rest
    assert safe(caption) == caption


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<math><mi>x</mi><mo>=</mo><mn>2</mn></math>", "x=2"),
        ('<math display="block"><msup><mi>x</mi><mn>2</mn></msup><mspace/></math>다', "x2다"),
        ("<math><semantics><mi>x</mi><annotation>\\x</annotation></semantics></math>", "x"),
        (f"{PICTURE}<math><mtext>가<b>나</b></mtext></math>", "가나"),
    ],
)
def test_the_words_of_a_formula_stay(html: str, words: str) -> None:
    assert plain_text(safe(html)) == words


@pytest.mark.parametrize(
    ("html", "names"),
    [
        ("<p>가</p><script>x()</script>", ()),
        ("<svg><path/></svg><SVG></SVG><math></math>", ("svg", "math")),
        ("<object data=/x.swf><embed src=/x.swf></object>", ("object", "embed")),
        ("<form action=/x><input></form><formula>", ("form",)),
    ],
)
def test_elements_that_feeds_leave_out_are_named_once(html: str, names: tuple[str, ...]) -> None:
    assert left_out(html) == names


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<p>가 &hellip; <b>나</b> [&hellip;]</p>", "가 … 나 […]"),
        ("<p>가</p>\n<p>나</p>", "가 나"),
        ('가 <a href="/b" class="more">더 읽기</a>', "가 더 읽기"),
        ("<!-- wp:paragraph --><p>가</p>", "가"),
        ("가<br />나", "가 나"),
        ("<script>x()</script>가", "가"),
        (
            "<p>A < B, <기생충>, <Parasite> &amp; 〈괴물〉</p>",
            "A < B, <기생충>, <Parasite> & 〈괴물〉",
        ),
        ("A < B &amp; C > D", "A < B &amp; C > D"),
        ("<기생충> 〈기생충〉 <Parasite> <3", "<기생충> 〈기생충〉 <Parasite> <3"),
        ("1<b 2>a", "1<b 2>a"),
        ("", ""),
    ],
)
def test_elements_in_a_plain_text_become_their_words(text: str, expected: str) -> None:
    assert without_html(text) == expected
