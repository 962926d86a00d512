"""Conditional requests, as clients and proxies really send them."""

import pytest

from feeds.web import codings
from feeds.web.codings import choose
from feeds.web.conditions import is_current, names

ETAG = 'W/"6b409d69f4257c0cc1a8108f"'
TAG = "6b409d69f4257c0cc1a8108f"
HUGE = "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"
MODIFIED = 1_700_000_000  # Tue, 14 Nov 2023 22:13:20 GMT


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(ETAG, id="as it was sent"),
        pytest.param(f'"{TAG}"', id="strong"),
        pytest.param(f'w/"{TAG}"', id="lower case weakness"),
        pytest.param(TAG, id="unquoted"),
        pytest.param("*", id="any"),
        pytest.param(f'"other", {ETAG}', id="last of a list"),
        pytest.param(f'{ETAG},"other"', id="first of a list"),
        pytest.param(f'"{TAG}-gzip"', id="mod_deflate"),
        pytest.param(f'W/"{TAG}-br"', id="a proxy that compresses with brotli"),
        pytest.param(f'"{TAG}--gzip"', id="Jetty"),
        pytest.param(f'"{TAG};gzip"', id="with a semicolon"),
    ],
)
def test_a_client_that_has_the_document_is_recognised(header: str) -> None:
    assert names(header, ETAG)


@pytest.mark.parametrize(
    "header",
    ["", '"other"', f'"{TAG}x"', f'"x{TAG}"', f'"{TAG}-gzip-x"', '"', 'W/"', ",,,", "W/", "\x00"],
)
def test_a_client_that_has_something_else_is_not(header: str) -> None:
    assert not names(header, ETAG)


@pytest.mark.parametrize(
    "header",
    [
        pytest.param("Tue, 14 Nov 2023 22:13:20 GMT", id="IMF-fixdate"),
        pytest.param("Tuesday, 14-Nov-23 22:13:20 GMT", id="RFC 850"),
        pytest.param("Tue Nov 14 22:13:20 2023", id="asctime"),
        pytest.param("Tue, 14 Nov 2023 22:13:21 GMT", id="a second later"),
        pytest.param("Wed, 01 Jan 2098 00:00:00 GMT", id="the far future"),
        pytest.param("Tue, 14 Nov 2023 22:13:20 GMT; length=181000", id="with a length"),
    ],
)
def test_a_date_at_or_after_the_last_change_is_current(header: str) -> None:
    assert is_current(header, MODIFIED)


@pytest.mark.parametrize(
    "header",
    [
        "Tue, 14 Nov 2023 22:13:19 GMT",
        "Sat, 01 Jan 2000 00:00:00 GMT",
        "yesterday",
        HUGE,
        "",
        "0",
        "\x00",
    ],
)
def test_an_earlier_date_or_none_at_all_is_not_current(header: str) -> None:
    assert not is_current(header, MODIFIED)


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        ("", "identity"),
        ("gzip", "gzip"),
        ("GZIP", "gzip"),
        ("x-unknown", "identity"),
        ("*", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("br;q=0, *", "zstd"),
        ("gzip;q=0", "identity"),
        ("*;q=0", "identity"),
        ("identity;q=0", "identity"),
        ("identity;q=0, gzip", "gzip"),
        ("identity;q=1, gzip;q=0.5", "identity"),
        ("gzip;q=banana", "identity"),
        (",;=,", "identity"),
    ],
)
def test_the_coding_that_the_client_likes_best_is_chosen(header: str, coding: str) -> None:
    assert choose(header, ("br", "zstd", "gzip")) == coding


def test_of_a_long_wish_for_a_coding_only_its_beginning_is_kept() -> None:
    codings._choose.cache_clear()
    for number in range(3):
        assert choose(f"gzip, {'x' * 60_000}{number}", ("br", "gzip")) == "gzip"
    assert codings._choose.cache_info().currsize == 1
