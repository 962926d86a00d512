"""The content that WordPress stores, as HTML."""

import pytest

from feeds.importers.wpcontent import content_html


@pytest.mark.parametrize(
    ("stored", "html"),
    [
        ("가을이다.\r\n\r\n은행잎이\r\n물든다.", "<p>가을이다.</p>\n<p>은행잎이<br>물든다.</p>"),
        ("가<br />\n나", "<p>가<br />나</p>"),
        ('가 <img\nsrc="1.jpg"> 3 < 5\n나', '<p>가 <img\nsrc="1.jpg"> 3 < 5<br>나</p>'),
        ("<em>가\n\n나</em>", "<p><em>가</p>\n<p>나</em></p>"),
        ("앞\n<h2>제목</h2>\n뒤", "<p>앞</p><h2>제목</h2><p>뒤</p>"),
        ("<ul>\n<li>가</li>\n\n<li>나</li>\n</ul>", "<ul><li>가</li><li>나</li></ul>"),
        ("<div>\n\n가\n\n나\n\n</div>", "<div><p>가</p>\n<p>나</p></div>"),
        ("<p>가\n\n나</p>다", "<p>가</p>\n<p>나</p><p>다</p>"),
        ("<H2>가\n\n나</H2>", "<H2>가<br>나</H2>"),
        ("앞<pre>\n가\n\n나\n</pre>뒤", "<p>앞</p><pre>\n가\n\n나\n</pre><p>뒤</p>"),
        ("앞\n\n<hr />\n\n뒤", "<p>앞</p><hr /><p>뒤</p>"),
        ("", ""),
    ],
)
def test_a_blank_line_ends_a_paragraph_of_the_classic_editor(stored: str, html: str) -> None:
    assert content_html(stored) == html


def test_comments_of_the_block_editor_leave_its_html_as_it_is() -> None:
    stored = (
        '<!-- wp:paragraph {"align":"left"} -->\n<p>가\n나</p>\n<!-- /wp:paragraph -->\n\n'
        '<!-- wp:latest-posts {"postsToShow":3} /-->\n\n<!--more-->\n<h2>다</h2>'
    )
    assert content_html(stored).split() == "<p>가 나</p> <h2>다</h2>".split()


@pytest.mark.parametrize("name", ["caption", "wp_caption"])
@pytest.mark.parametrize(
    ("attributes", "inner"),
    [
        ('id="attachment_9" align="aligncenter" width="300"', '<img src="1.jpg" /> 은행 <b>잎</b>'),
        ('width="300" caption="은행 &lt;b&gt;잎&lt;/b&gt;"', '<img src="1.jpg" />'),
    ],
)
def test_a_caption_makes_a_figure(name: str, attributes: str, inner: str) -> None:
    figure = '<figure><img src="1.jpg" /><figcaption>은행 <b>잎</b></figcaption></figure>'
    html = content_html(f"앞\n[{name} {attributes}]{inner}[/{name}]\n뒤")
    assert html == f"<p>앞</p>{figure}<p>뒤</p>"
    assert content_html(f"[{name}]글뿐[/{name}]") == "<p>글뿐</p>"


@pytest.mark.parametrize(
    ("stored", "text"),
    [
        ('[gallery ids="1,2"]', ""),
        ("앞 [gallery] 뒤", "앞  뒤"),
        ('[vc_row][vc_column width="1/2" title="[가]"]속[/vc_column][/vc_row]', "속"),
        ('[ad slot="1"/]뒤', "뒤"),
        ("[사설] 가을 [sic] [AP=서울] [1] [don't]", "[사설] 가을 [sic] [AP=서울] [1] [don't]"),
        ("[[gallery]]", "[[gallery]]"),
    ],
)
def test_a_shortcode_is_removed_and_words_in_brackets_stay(stored: str, text: str) -> None:
    assert content_html(stored) == (f"<p>{text}</p>" if text else "")


@pytest.mark.parametrize(
    ("stored", "html"),
    [
        (
            "[embed]https://v.example/1[/embed]",
            '<p><a href="https://v.example/1">https://v.example/1</a></p>',
        ),
        (
            "앞\n\nhttps://v.example/1\n",
            '<p>앞</p>\n<p><a href="https://v.example/1">https://v.example/1</a></p>',
        ),
    ],
)
def test_an_address_in_place_of_a_player_is_a_link(stored: str, html: str) -> None:
    assert content_html(stored) == html
