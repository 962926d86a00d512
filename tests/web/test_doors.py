"""Bad clients at each door of a whole service: they keep out their own kind, and nobody else."""

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import urllib3

from feeds.service import WAITING
from feeds.web.doors import PLACES, doors
from tests.paper import record, write_config
from tests.processes import Running, eventually, free_port, serving

TOKEN = {"Authorization": "Bearer secret"}
HOOK = {"format": "wordpress", "secret": "a long random text", "header": "X-Secret"}
OPEN_TO_ALL = ("/hub", "/staff/login", "/api/hooks/wordpress")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("paper")
    write_config(folder, api={"hooks": {"wordpress": HOOK}})
    with serving(folder, free_port(), FEEDS_API_TOKEN="secret") as running:
        yield running


def asking(service: Running, request: str, *headers: str) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", service.port), timeout=9)
    client.sendall("\r\n".join([f"{request} HTTP/1.1", "Host: x", *headers, "", ""]).encode())
    return client


def silent(service: Running, request: str) -> socket.socket:
    """Announce a body, and send none of it; the service waits 10 s for more."""
    return asking(service, request, "Content-Length: 9")


def post(service: Running, path: str) -> int:
    return urllib3.request("POST", service.url + path, body=b"x", retries=False, timeout=10).status


def save(service: Running) -> int:
    """Save an article, as the CMS does."""
    url, body = f"{service.url}/api/articles/1", json.dumps(record("1"))
    return urllib3.request("PUT", url, body=body, headers=TOKEN, retries=False, timeout=10).status


@pytest.mark.parametrize("path", OPEN_TO_ALL)
def test_bodies_that_never_come_close_their_own_door_alone(service: Running, path: str) -> None:
    with ExitStack() as clients:

        def is_full() -> bool:
            for _ in range(20):
                clients.enter_context(silent(service, f"POST {path}"))
            return post(service, path) == 503

        eventually(is_full)
        assert save(service) in (200, 201)
        assert all(post(service, other) != 503 for other in OPEN_TO_ALL if other != path)
        pages = ("/", "/readyz", "/staff/login", "/feeds/search?q=a", "/api/openapi.json")
        assert [service.get(page).status for page in pages] == [200] * len(pages)
    assert eventually(lambda: post(service, path) != 503)


@pytest.mark.parametrize("path", ["/readyz", "/none", "/staff/login"])
def test_a_page_waits_for_no_body(service: Running, path: str) -> None:
    with silent(service, f"GET {path}") as client:
        assert client.recv(9) == b"HTTP/1.1 "
        assert service.get(path).status in (200, 404)


@pytest.mark.parametrize("request_line", ["POST /api/articles", "PUT /api/articles/1"])
def test_strangers_are_refused_before_they_have_sent_a_body(
    service: Running, request_line: str
) -> None:
    with silent(service, request_line) as client:
        assert client.recv(12) == b"HTTP/1.1 401"


@pytest.mark.parametrize(
    ("request_line", "status"), [("OPTIONS *", b"200"), ("CONNECT news.example:80", b"405")]
)
def test_a_request_without_a_path_is_answered(
    service: Running, request_line: str, status: bytes
) -> None:
    with asking(service, request_line) as client:
        assert client.recv(12) == b"HTTP/1.1 " + status


def test_idle_connections_keep_nobody_out(service: Running) -> None:
    with ExitStack() as clients:
        for _ in range(1500):
            clients.enter_context(asking(service, "GET /healthz"))
        assert service.get("/feeds/latest.rss").status == 200
        assert save(service) in (200, 201)


def test_the_first_readers_of_many_articles_find_a_place_at_once(service: Running) -> None:
    with ExitStack() as clients:
        requests = [f"POST /views/none-{number}" for number in range(30)]
        readers = [clients.enter_context(asking(service, each)) for each in requests]
        assert [reader.recv(12) for reader in readers] == [b"HTTP/1.1 404"] * len(readers)


@pytest.mark.parametrize("full", PLACES)
def test_who_comes_to_another_door_finds_a_place(full: tuple[str, str]) -> None:
    enter = doors("secret")

    def comes_to(has: str, path: str) -> bool:
        headers = {"HTTP_AUTHORIZATION": "Bearer secret"} if has == "token" else {}
        return bool(
            enter({"REQUEST_METHOD": "POST" if has else "GET", "PATH_INFO": path, **headers})
        )

    assert [comes_to(*full) for _ in range(PLACES[full] + 1)].index(False) == PLACES[full]
    assert all(comes_to(*other) for other in PLACES if other != full)


def test_all_doors_together_have_a_place_for_each_thread_that_may_wait() -> None:
    assert sum(PLACES.values()) == WAITING
