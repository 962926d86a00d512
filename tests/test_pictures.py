"""Which address a picture of a body gets, and which it can choose from."""

import pytest

from feeds.html import safe_html

BASE = "https://www.news.example/news/1"
BLANK = "data:image/gif;base64,R0lGODlh"


def absolute(srcset: str) -> str:
    return ", ".join(f"https://www.news.example{each}" for each in srcset.split(", "))


@pytest.mark.parametrize(
    ("html", "src", "srcset"),
    [
        ('<img srcset="/a 800w, /b 1600w, /c 2400w">', "/b", "/a 800w, /b 1600w, /c 2400w"),
        ('<img src="/x" srcset="/a 800w, /b 300w">', "/a", "/a 800w, /b 300w"),
        ('<img src="/x" srcset="/a 1800w, /b 2400w">', "/a", "/a 1800w, /b 2400w"),
        ('<img srcset="/a, /b 2x, /c 3x">', "/b", "/a 1x, /b 2x, /c 3x"),
        ('<img src="/x" srcset="/b 2x">', "/x", "/b 2x"),
        ('<img srcset="/w_1,h_2/a 1x,\n /b,c 2x">', "/b,c", "/w_1,h_2/a 1x, /b,c 2x"),
        ('<img srcset="javascript:x 1x, /a 2x, /b soon, data:,x 3x">', "/a", "/a 2x"),
        (f'<img src="{BLANK}" data-srcset="/a 300w, /b 900w">', "/b", "/a 300w, /b 900w"),
        ('<img src="/x" data-src="/y" data-srcset="/a 300w">', "/a", "/a 300w"),
        ('<img src="/x" data-src="/a" srcset="/x 1w">', "/a", None),
        ('<img src="/a" srcset="">', "/a", None),
        ('<img src="/a" srcset="x:y z, , ,">', "/a", None),
        ('<picture><source srcset="/s 9w"><img srcset="/a 8w"></picture>', "/a", "/a 8w"),
        ('<picture><source srcset="/s"><img src="/a"></picture>', "/a", None),
        ('<picture>\n<source><source srcset="/s 9w">\n<img></picture>', "/s", "/s 9w"),
        (f'<picture><source data-srcset="/s"><img src="{BLANK}"></picture>', "/s", "/s 1x"),
        (
            f'<img src="{BLANK}" data-srcset="/a 9w"><noscript><img src=/b></noscript>',
            "/a",
            "/a 9w",
        ),
    ],
)
def test_a_picture_ends_in_one_address_and_keeps_its_choice(
    html: str, src: str, srcset: str | None
) -> None:
    choice = f' srcset="{absolute(srcset)}"' if srcset else ""
    expected = f'<p>가<img src="{absolute(src)}"{choice}>나</p>'
    found = safe_html(f"<p>가{html}나</p>", BASE).replace("\n", "")
    assert found == expected
    assert safe_html(found, BASE) == found


@pytest.mark.parametrize(
    "html",
    [
        "<source srcset=/s>",
        "<picture><source srcset=/s></picture>",
        "<source srcset=/s><img>",
    ],
)
def test_no_source_is_left_without_its_picture(html: str) -> None:
    assert safe_html(f"<p>가{html}나</p>", BASE) == "<p>가나</p>"


def test_the_sources_of_a_film_stay_beside_a_picture() -> None:
    film = (
        '<video controls=""><source src="https://www.news.example/a.mp4" type="video/mp4">'
        '<source src="https://www.news.example/a.webm">없음</video>나'
        '<img src="https://www.news.example/a">'
    )
    assert safe_html(film, BASE) == film
