from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.views import Hit, UrlPatterns
from feeds.views.log_line import read_line

PATTERNS = UrlPatterns(["/news/{id}", "/news/view.php?idx={id}"])
LINE = (
    b"203.0.113.7 - - [23/Jan/2018:15:26:43 +0900]"
    b' "GET /news/123 HTTP/1.1" 200 5120 "https://www.news.example/" "Mozilla/5.0 (X11)"\n'
)
HIT = Hit("123", 1516688803, "203.0.113.7", "Mozilla/5.0 (X11)")

MONTHS = {
    name: int(datetime(2018, number, 1, tzinfo=UTC).timestamp())
    for number, name in enumerate(b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)
}


def with_agent(field: bytes) -> bytes:
    return LINE.replace(b"Mozilla/5.0 (X11)", field)


def with_user(field: bytes) -> bytes:
    return LINE.replace(b"- -", field)


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        (b"", b"", {}),  # nginx and Apache alike
        (b"\n", b"", {}),
        (b"\n", b"\r\n", {}),
        (b"\n", b' "10.0.0.1" 0.005\n', {}),
        (b"HTTP/1.1", b"HTTP/2.0", {}),
        (b"200 5120", b"304 -", {}),  # Apache
        (b"200 5120", b"304 0", {}),  # nginx
        (b'"https://www.news.example/"', rb'"/\"quoted\""', {}),
        (b"/news/123", b"/m/news/view.php?x=1&idx=123", {}),
        (b"/news/", b"http://www.news.example/news/", {}),
        (b"203.0.113.7", b"2001:db8::7", {"address": "2001:db8::7"}),
        (b"203.0.113.7", b"host.isp.example", {"address": "host.isp.example"}),
        (b"203.0.113.7", b"-", {"address": ""}),
        (b"Mozilla/5.0 (X11)", b"-", {"agent": ""}),
        (b"Mozilla/5.0 (X11)", b"", {"agent": ""}),
        (b"Mozilla/5.0 (X11)", rb"\\x41", {"agent": r"\x41"}),  # an escaped backslash first
        (b"Mozilla/5.0 (X11)", b"\xff\xb1", {"agent": "\xff\xb1"}),  # raw bytes, as WSGI gives them
    ],
)
def test_a_delivered_article_is_a_hit(old: bytes, new: bytes, changed: dict[str, str]) -> None:
    assert read_line(LINE.replace(old, new), PATTERNS) == HIT._replace(**changed)


@pytest.mark.parametrize(
    "user",
    [
        b"- kim",
        b"ident kim",
        b"ident -",
        b"- kim min su",
        b"- kim - su",
        b"- [kim]",
        b'- ""',
        rb"- \"kim\"",
        rb"- PAPER\\kim",
        b"- PAPER\\x5Ckim",
    ],
)
def test_the_user_may_be_whatever_a_server_writes(user: bytes) -> None:
    assert read_line(with_user(user), PATTERNS) == HIT


@pytest.mark.parametrize(
    ("old", "new"),
    [
        *((b"GET", method) for method in (b"HEAD", b"POST", b"get")),
        *((b"200", status) for status in b"206 301 403 404 499 500".split()),
        (b"200 5120", b"- -"),
        (b"/news/123", b"/"),
        (b"/news/123", b"/news/style.css"),
        (b"/news/123", b"/news/12 3"),
        (b"/news/123", rb"/news/123\xB1\xE2"),
        (b"/news/123", b"/news/123\xb1\xe2"),
        (b" HTTP/1.1", b""),
        (b"GET /news/123 HTTP/1.1", b"-"),
        (b"GET /news/123 HTTP/1.1", b""),
        (b"GET /news/123 HTTP/1.1", b"GET "),
        (b"GET /news/123 HTTP/1.1", rb"\x16\x03\x01\x02"),
    ],
)
def test_a_line_about_anything_else_is_none(old: bytes, new: bytes) -> None:
    assert read_line(LINE.replace(old, new), PATTERNS) is None


@pytest.mark.parametrize(
    ("time", "moment"),
    [
        (b"01/Jan/1970:00:00:00 +0000", 0),
        (b"23/Jan/2018:15:26:43 +0900", 1516688803),
        (b"23/Jan/2018:02:56:43 -0330", 1516688803),
        (b"29/Feb/2024:23:59:59 +0000", 1709251199),
        (b"31/Dec/2016:23:59:60 +0000", 1483228800),
        *((b"01/%s/2018:00:00:00 +0000" % month, moment) for month, moment in MONTHS.items()),
    ],
)
def test_the_time_is_read_in_its_own_zone(time: bytes, moment: int) -> None:
    line = LINE.replace(b"23/Jan/2018:15:26:43 +0900", time)
    assert read_line(line, PATTERNS) == HIT._replace(moment=moment)


def test_a_server_whose_clock_is_some_seconds_ahead_loses_no_view() -> None:
    with time_machine.travel(HIT.moment - 30, tick=False):
        assert read_line(LINE, PATTERNS) == HIT


def test_neighbouring_lines_have_times_of_their_own() -> None:
    times = (b"15:26:43 +0900", b"15:26:44 +0900", b"15:27:43 +0900", b"15:26:43 +0800")
    opened = [read_line(LINE.replace(times[0], time), PATTERNS) for time in times]
    assert [one and one.moment - HIT.moment for one in opened] == [0, 1, 60, 3600]


def test_each_paper_has_addresses_of_its_own() -> None:
    other = UrlPatterns(["/{id}/123"])
    assert [read_line(LINE, each) for each in (PATTERNS, other, PATTERNS)] == [
        HIT,
        HIT._replace(article_id="news"),
        HIT,
    ]


@pytest.mark.parametrize(
    "written",
    ["%EA%B8%B0%22", r"%EA%B8%B0\"", r"\xEA\xB8\xB0\x22", "기%22"],
)
def test_an_id_is_read_however_a_server_escapes_it(written: str) -> None:
    line = LINE.replace(b"/123", b"/" + written.encode())
    assert read_line(line, PATTERNS) == HIT._replace(article_id='기"')


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        *(
            (line, "not in the combined")
            for line in [
                b"",
                b"\n",
                b"\0" * 40,  # as a crash leaves
                b'{"status": 200}',
                LINE[:-8],
                LINE[30:],
                LINE[:70] + LINE,
                with_agent(b'a "b" c'),  # quotes not escaped
                LINE.replace(b" 200 5120", b""),
                LINE.replace(b"Jan", b"1"),
                b"www.news.example:80 " + LINE,
            ]
        ),
        (LINE.split(b' "https')[0], "no referer and no user agent"),
        (LINE.replace(b"200", b"404").split(b' "https')[0] + b"\r\n", "no referer"),
        (LINE.replace(b"23/Jan", b"31/Feb"), 'no time "31/Feb/2018:15:26"'),
        (LINE.replace(b"Jan", b"Mai"), 'no time "23/Mai/2018:15:26"'),
        (LINE.replace(b":15:", b":25:"), 'no time "23/Jan/2018:25:26"'),
        *(
            (LINE.replace(b"2018", year), "its time lies before 1970")
            for year in (b"1969", b"0001")
        ),
        *(
            (LINE.replace(b"2018", year), "its time has not come yet")
            for year in (b"2126", b"9999")
        ),
    ],
)
def test_a_line_in_another_format_is_refused_with_the_reason(line: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_line(line, PATTERNS)


def test_a_user_cannot_forge_a_request() -> None:
    forged = rb"- x [01/Jan/2020:00:00:00 +0000] \"GET /news/9 HTTP/1.1\" 200 1 \"-\" \"M\""
    assert read_line(with_user(forged), PATTERNS) == HIT


APACHE = dict(
    zip(b'"\\\b\n\r\t\v', (rb"\"", rb"\\", rb"\b", rb"\n", rb"\r", rb"\t", rb"\v"), strict=True)
)


def as_nginx_escapes(text: bytes) -> bytes:
    return b"".join(
        bytes([byte]) if 32 <= byte < 127 and byte not in b'"\\' else b"\\x%02X" % byte
        for byte in text
    )


def as_apache_escapes(text: bytes) -> bytes:
    return b"".join(
        APACHE.get(byte) or (bytes([byte]) if 32 <= byte < 127 else b"\\x%02x" % byte)
        for byte in text
    )


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from([as_nginx_escapes, as_apache_escapes]),
    st.binary(max_size=30).filter(lambda text: text != b"-"),
    st.binary(max_size=30),
)
def test_any_agent_and_referer_survive_either_server(
    escaped: Callable[[bytes], bytes], agent: bytes, referer: bytes
) -> None:
    line = b'::1 - - [23/Jan/2018:15:26:43 +0900] "GET /news/123 HTTP/2" 200 1 "%s" "%s"\n'
    hit = read_line(line % (escaped(referer), escaped(agent)), PATTERNS)
    assert hit == HIT._replace(address="::1", agent=agent.decode("latin-1"))
