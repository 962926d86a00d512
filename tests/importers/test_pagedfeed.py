"""Feeds on the web are read page after page, to the oldest page that they have."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from feeds import __version__
from feeds.importers import Accepted, Format, Item, Rejected, format_of, read_paged_feed
from tests.importers.feeds import WORDPRESS, atom, item, json_feed, rss
from tests.importers.given import SOURCE
from tests.importers.test_jsonfeed import PLAIN

Answer = bytes | Response


def entry(number: int) -> str:
    dated = f"<updated>2026-03-02T00:{number:02}:00Z</updated>"
    return f"<id>https://old.example/?p={number}</id><title>제목 {number}</title>{dated}"


def link(rel: str, href: str, prefix: str = "") -> str:
    return f'<{prefix}link rel="{rel}" href="{href}"/>'


def serve(httpserver: HTTPServer, pages: Mapping[str, Answer]) -> str:
    """Answer each path with its query, such as `/feed?paged=2`; give the address of `/feed`."""

    def answer(request: Request) -> Response:
        found = pages.get(request.full_path.removesuffix("?"), Response(status=404))
        return found if isinstance(found, Response) else Response(found)

    httpserver.expect_request(re.compile(".*")).respond_with_handler(answer)
    return httpserver.url_for("/feed")


def asked(httpserver: HTTPServer) -> list[str]:
    return [request.full_path.removesuffix("?") for request, _ in httpserver.log]


def read(url: str, since: str | None = None) -> list[Item]:
    def form_of(body: bytes) -> Format | None:
        return format_of("", body)

    return list(read_paged_feed(replace(SOURCE, name=url), form_of, since))


def ids(items: Sequence[Item]) -> list[str]:
    return [each.patch.id[-1] for each in items if isinstance(each, Accepted)]


@pytest.mark.parametrize(
    "pages",
    [
        {
            "/feed": atom(entry(3), entry(2), channel=link("prev-archive", "/archive/1")),
            "/archive/1": atom(entry(1), channel=link("next-archive", "/feed")),
        },
        {
            "/feed": atom(entry(3), channel=link("next", "?page=2")),
            "/feed?page=2": atom(entry(2), channel=link("next", "?page=3")),
            # A cycle.
            "/feed?page=3": atom(entry(1), channel=link("next", "?page=2")),
        },
        {
            "/feed": rss(item(3), item(2), channel=link("next", "/feed/2", "atom:")),
            "/feed/2": rss(item(1)),
        },
        {
            "/feed": rss(item(3), channel=WORDPRESS),
            "/feed?paged=2": rss(item(2), channel=WORDPRESS),
            "/feed?paged=3": rss(item(1), channel=WORDPRESS),
        },
        {
            # A cache that knows of no `paged`.
            "/feed": rss(item(3), item(2), item(1), channel=WORDPRESS),
            "/feed?paged=2": rss(item(3), item(2), item(1), channel=WORDPRESS),
        },
        {
            "/feed": json_feed(PLAIN | {"id": "3"}, PLAIN | {"id": "2"}, next_url="/feed/2"),
            "/feed/2": json_feed(PLAIN | {"id": "1"}),
        },
        {
            "/feed": Response(status=301, headers={"Location": "/new/feed"}),
            "/new/feed": atom(entry(3), entry(2), channel=link("next", "older")),
            "/new/older": atom(entry(1)),
        },
    ],
    ids=["archives", "pages, in a cycle", "rss", "paged", "no paged", "json", "redirect"],
)
def test_all_pages_of_a_feed_are_read_each_once(
    httpserver: HTTPServer, pages: dict[str, Answer]
) -> None:
    found = read(serve(httpserver, pages))
    assert list(dict.fromkeys(ids(found))) == ["3", "2", "1"]
    assert len(asked(httpserver)) == len(set(asked(httpserver)))
    assert not [each for each in found if isinstance(each, Rejected)]
    assert found[-1].position
    agents = {request.headers["User-Agent"] for request, _ in httpserver.log}
    assert agents == {f"feeds/{__version__}"}


def test_a_guid_is_no_address_but_a_link_may_be_relative(httpserver: HTTPServer) -> None:
    page = rss("<title>제목</title><guid>12</guid><link>/news/12</link>")
    (found,) = read(serve(httpserver, {"/feed": page}))
    assert isinstance(found, Accepted)
    assert found.patch.given["guid"] == found.patch.id == "12"
    assert found.patch.given["url"] == httpserver.url_for("/news/12")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Response(status=500), "/feed/2 cannot be read: the server answers 500"),
        (Response(status=404), "/feed/2 cannot be read: the server answers 404"),
        (b"<!doctype html><p>Sorry", "/feed/2 cannot be read: it is neither a feed"),
        (Response(status=301, headers={"Location": "http://[bad/"}), "/feed/2 cannot be read: "),
        (
            atom(entry(2), channel=link("next", "http://127.0.0.2:1/feed")),
            "/feed/2 cannot be read: its next page is on another host: http://127.0.0.2:1/feed",
        ),
        (
            json_feed(PLAIN, next_url="http://[bad/"),
            "/feed/2 cannot be read: its next page is on another host: ",
        ),
    ],
)
def test_what_came_before_a_page_that_fails_is_kept(
    httpserver: HTTPServer, answer: Answer, reason: str
) -> None:
    pages = {"/feed": atom(entry(3), channel=link("next", "/feed/2")), "/feed/2": answer}
    found = read(serve(httpserver, pages))
    assert ids(found)[0] == "3"
    assert isinstance(found[-1], Rejected)
    assert httpserver.url_for("")[:-1] + reason in found[-1].reason
    # The next import reads all pages again.
    assert found[-1].position is None


def test_a_later_import_reads_up_to_the_first_page_without_news(httpserver: HTTPServer) -> None:
    pages = {
        "/feed": rss(item(4), channel=WORDPRESS),
        "/feed?paged=2": rss(item(3), channel=WORDPRESS),
        "/feed?paged=3": rss(item(2), channel=WORDPRESS),
        "/feed?paged=4": rss(item(1), channel=WORDPRESS),
    }
    url = serve(httpserver, pages)
    position = read(url)[-1].position
    httpserver.clear_log()
    assert (ids(read(url, position)), asked(httpserver)) == (["4"], ["/feed"])
    httpserver.clear_log()
    older = "2026-03-02T00:02:00+00:00"
    found = read(url, older)
    assert (ids(found), len(asked(httpserver))) == (["4", "3", "2"], 3)
    assert found[-1].position == position


def test_a_date_in_the_future_hides_no_later_entry(httpserver: HTTPServer) -> None:
    ahead = entry(1).replace("2026-03-02", "2190-03-02")
    position = read(serve(httpserver, {"/feed": atom(ahead)}))[-1].position
    assert position
    assert datetime.fromisoformat(position) <= datetime.now(UTC)
