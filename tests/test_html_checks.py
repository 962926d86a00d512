"""HTML that would cost its parser too much, and HTML that loses words there."""

import subprocess
import sys
import textwrap

import pytest

from feeds.html import safe_html
from feeds.html_checks import lost, overgrown

BASE = "https://www.news.example/news/1"
PICTURE = "<img src=/a.jpg>"


def many(unit: str, count: int) -> str:
    """Repeat a piece of HTML; `{n}` in it is a number of its own each time."""
    return "".join(unit.replace("{n}", str(n)) for n in range(count))


HOSTILE = {
    "titles, then paragraphs": many('<p><b title="{n}">', 2000) + many("<p>가</p>", 2000),
    "a title in each paragraph": many('<p><b title="{n}">가</p>', 3600),
    "a title of great length": f'<p><b title="{"t" * 50_000}">' + many("<p>가</p>", 900),
    "titles before tables": many("<b title={n}><table><td></b></td></table></p><p>", 2000),
    "titles in tables": many("<table><b title={n}></table><p>가</p>", 2000),
    "ends of other elements": many("<i title={n}>", 900) + many("<b>가</i>", 3000),
    "ampersands": "&" * 1_000_000,
    "ampersands beside a picture": PICTURE + "&" * 1_000_000,
    "pre": "<pre>" * 70_000,
    "quotations": "<blockquote>" * 100_000,
    "beginnings of tags": "<" * 1_000_000,
    "a million divs": "<div>" * 1_000_000,
    "ends in a comment": many("<div><!-- </div> -->", 9000),
    "ends in an attribute": many("<div title='</div>'>", 9000),
    "ends in a script": many("<div><script></div></script>", 9000),
    "ends in a table": many("<div><table><td></div></td></table>", 9000),
    "ends in a list of choices": many("<div><select></div></select>", 9000),
    "lists": "<ul><li>" * 50_000,
    "items of two kinds": "<li><dd>" * 50_000,
    "ruby texts without a ruby": "<rt>" * 50_000,
    "tables in each other": many("가<table>나", 50_000),
    "attributes": f"<p{many(' x{n}=1', 50_000)}>가</p>",
    "attributes for scripts": f"{PICTURE}<p{many(' data-x{n}=1', 50_000)}>가</p>",
    "attributes of the whole": many("<html x{n}=1>", 20_000),
    "tags": "<p>가" * 300_000,
    "unknown elements": "<x>" * 90_000 + "</y>" * 90_000,
    "spans that are ended outside": many("<span><p></span></p>", 9000),
}
HARMLESS = {
    "plain words": "<p>가나다</p>" * 30_000,
    "links": many('<p><a href="/{n}">가</a> <b data-n="{n}">나</b></p>', 9000),
    "anchors that never end": many('<p><a name="{n}">가</p>', 3000),
    "paragraphs that never end": "<p>가<br>나" * 9000,
    "equal letters that never end": "<p><b>가</p>" * 900,
    "divs that never end": PICTURE + "<div>" * 600 + "가",
    "lists without ends": "<ul>" + "<li>가" * 9000 + "</ul>",
    "descriptions with lists": "<dl>" + "<dt>가<dd><ul><li>나</ul>" * 450 + "</dl>" + "<p>" * 1000,
    "a table without ends": "<table>" + "<tr><td>가<td>나" * 5000 + "</table>",
    "words between rows": "<table>" + many("가<b></b>", 20_000),
    "letters ended in the wrong order": many("<p><b>가<i>나</b>다</i></p>", 2000),
    "divs that never end in cells": "<table>" + many("<tr><td><div>가", 900) + "</table>",
    "ruby without ends": "<ruby>漢<rt>한</ruby>" * 5000,
    "a drawing": "<svg>" + '<path d="M0 0"/>' * 5000 + "</svg><p>가</p>",
    "a picture in the HTML": f'<p>가<img src="data:image/png;base64,{"A" * 3_000_000}"></p>',
}


@pytest.mark.parametrize("html", HOSTILE.values(), ids=HOSTILE.keys())
def test_html_that_would_choke_a_parser_is_refused_before(html: str) -> None:
    assert overgrown(html)


@pytest.mark.parametrize("html", HARMLESS.values(), ids=HARMLESS.keys())
def test_long_and_careless_html_is_no_fault_and_loses_nothing(html: str) -> None:
    assert overgrown(html) is None
    assert lost(html, safe_html(html, BASE)) is None


def test_the_check_and_the_html_that_it_accepts_cost_little_time_and_memory() -> None:
    code = """
        import resource
        resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
        resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))
        from feeds.html import plain_text, safe_html
        from feeds.html_checks import lost, overgrown
        from tests.test_html_checks import BASE, HARMLESS, HOSTILE
        for html in (*HOSTILE.values(), *HARMLESS.values()):
            if overgrown(html) is None:
                body = safe_html(html, BASE)
                plain_text(body), lost(html, body)
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=True)


@pytest.mark.parametrize(
    "html",
    [
        "<p>가 <b>나</b></p>",
        "<p>1 &lt; 2 &amp; &hellip; &#44032; &#128; &notin</p>",
        f"&#{'1' * 9000};&#x{'f' * 9000};<script></script>가",
        "가<table>나<tr><td>다</table>",
        "<script>x('가')</script><style>가</style><!-- 가 -->나<![endif]-->",
        "<p title='<b>가</b>'>나</p><a href=\"/?a>b\">다</a>",
        f"{PICTURE}<noscript><img src=/a.jpg>가</noscript>",
        "<math><mfrac><mn>1</mn><mo>/</mo><mn>2</mn></mfrac><annotation>1/2</annotation></math>",
        "<svg><title>가</title><text>나</text></svg>다",
        "<p>3 < 4, <기생충>, a<</p>",
        "가\x08나&#8;다",
        "\ufeff<p>가</p>",
        "&#xfeff;<p>가\ufeff</p>",
        "<p>가<p clas",
        "<select><option>가</select><object>나</object>",
        "<video><source src=/a.mp4>가</video><source srcset=/b.jpg>나" + PICTURE,
    ],
)
def test_text_outside_of_the_article_is_not_counted_as_lost(html: str) -> None:
    assert lost(html, safe_html(html, BASE)) is None


def test_letters_lost_in_deep_nesting_are_counted() -> None:
    html = PICTURE + "<div>" * 2047 + "처음과 끝"
    fault = lost(html, safe_html(html, BASE))
    assert fault
    assert "4 of its 4 letters are lost" in fault


@pytest.mark.parametrize("safe", ["", "<p>가</p>", "<p>가 나</p>"])
def test_every_missing_word_is_noticed(safe: str) -> None:
    assert lost("<p>가 나 다</p>", safe)
