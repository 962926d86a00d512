"""Requests that web processes pass on to the application process, over a Unix socket."""

import io
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
from flask import Flask, Response, request
from werkzeug.test import Client

from feeds.web import upstream, upstream_server
from feeds.web.upstream import Upstream

LARGE = 3_000_000


def application() -> Flask:
    app = Flask(__name__)

    @app.route("/<path:path>", methods=["GET", "POST", "DELETE"])
    def echo(path: str) -> Response:
        said = f"{request.method} {path} {request.query_string.decode()} {request.host}"
        length, agent = len(request.get_data()), request.headers.get("User-Agent", "")
        forwarded = request.headers.get("X-Forwarded-For", "")
        headers = {"X-Body": str(length), "X-Agent": agent, "X-Forwarded": forwarded}
        return Response(said, 207, headers)

    @app.get("/large")
    def large() -> Response:
        return Response(b"x" * 1000 for _ in range(LARGE // 1000))

    @app.post("/api/articles")
    def verdicts() -> Response:
        return Response(request.environ["wsgi.input"], direct_passthrough=True)

    @app.post("/refused")
    def refused() -> Response:
        return Response("no\n", 401)

    return app


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "socket"


@pytest.fixture
def _served(path: Path) -> Iterator[None]:
    server = upstream_server(path, application())
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield
    server.shutdown()
    thread.join()


@pytest.fixture
def client(path: Path) -> Client:
    return Client(Upstream(path))


@pytest.mark.usefixtures("_served")
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_request_arrives_as_it_was_sent(client: Client, method: str) -> None:
    response = client.open(
        "/뉴스/a%2Fb;c?q=%EA%B0%80&r",
        method=method,
        data=b"12345" if method == "POST" else None,
        headers={
            "User-Agent": "newsboat/2.21",
            "Host": "www.news.example",
            "Expect": "100-continue",
        },
    )
    assert response.status_code == 207
    assert response.text == f"{method} 뉴스/a/b;c q=%EA%B0%80&r www.news.example"
    assert response.headers["X-Body"] == ("5" if method == "POST" else "0")
    assert response.headers["X-Agent"] == "newsboat/2.21"


@pytest.mark.parametrize(
    ("sent", "arrived"),
    [(None, "192.0.2.1"), ("198.51.100.1", "198.51.100.1, 192.0.2.1"), ("", "192.0.2.1")],
)
@pytest.mark.usefixtures("_served")
def test_the_address_of_the_client_is_appended_as_a_proxy_does(
    client: Client, sent: str | None, arrived: str
) -> None:
    headers = {} if sent is None else {"X-Forwarded-For": sent}
    response = client.get("/a", headers=headers, environ_base={"REMOTE_ADDR": "192.0.2.1"})
    assert response.headers["X-Forwarded"] == arrived


def begin(
    passing_on: Upstream,
    said: Callable[[str], object],
    target: str = "/any",
    body: Any = None,
    length: int = 0,
) -> Any:
    """Ask as a server does; `body` is a stream, of which `length` bytes are announced."""
    path, _, query = target.partition("?")
    environ = {
        "REQUEST_METHOD": "GET" if body is None else "POST",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "CONTENT_LENGTH": str(length),
        "wsgi.input": body,
    }
    return passing_on(environ, lambda status, *_: said(status))  # type: ignore[arg-type, return-value]


def ask(passing_on: Upstream, said: Callable[[str], object], *request: Any) -> bytes:
    """Ask, and take the whole response."""
    answer = begin(passing_on, said, *request)
    text = b"".join(answer)
    if close := getattr(answer, "close", None):
        close()
    return text


@pytest.mark.usefixtures("_served")
def test_a_query_may_hold_utf_8_as_it_was_typed(path: Path) -> None:
    text = ask(Upstream(path), print, "/any?q=검색&%20")
    assert text == b"GET any q=%EA%B2%80%EC%83%89&%20 localhost"


@pytest.mark.usefixtures("_served")
def test_a_response_is_taken_in_before_its_client_reads_it(path: Path) -> None:
    passing_on, statuses = Upstream(path), list[str]()
    unread = [begin(passing_on, statuses.append, "/large") for _ in range(3)]
    assert len(unread) == 3
    assert statuses == ["200 OK"] * 3


@pytest.mark.usefixtures("_served")
def test_large_responses_and_bodies_pass(client: Client) -> None:
    assert len(client.get("/large").data) == LARGE
    sent = client.post("/any", data=b"x" * LARGE)
    assert sent.headers["X-Body"] == str(LARGE)
    chunked = client.post(
        "/any",
        input_stream=io.BytesIO(b"x" * LARGE),
        headers={"Transfer-Encoding": "chunked"},
    )
    assert chunked.headers["X-Body"] == str(LARGE)


@pytest.mark.usefixtures("_served")
def test_a_body_that_is_refused_unread_is_answered(client: Client) -> None:
    assert client.post("/refused", data=b"x" * 5 * LARGE).status_code == 401


def test_without_a_process_behind_it_says_so_and_finds_it_later(
    client: Client, request: pytest.FixtureRequest
) -> None:
    response = client.get("/any")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert client.get("/api/any").mimetype == "application/problem+json"
    request.getfixturevalue("_served")
    assert client.get("/any").status_code == 207


class Stalled:
    """A body of which nothing comes after its first bytes, until the request is answered."""

    def __init__(self, first: bytes = b"x") -> None:
        self.answered = threading.Event()
        self._bytes = iter([first])

    def read(self, _size: int) -> bytes:
        return next(self._bytes, None) or (self.answered.wait(30) and b"") or b""


@pytest.mark.usefixtures("_served")
@pytest.mark.parametrize("address", ["/any", "/api/articles"])
def test_a_body_that_stalls_is_given_up(
    path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setattr(upstream, "_SECONDS_FOR_A_PIECE", 0.1)
    passing_on, stalled, statuses = Upstream(path), Stalled(), Queue[str]()
    waiting = threading.Thread(target=ask, args=(passing_on, statuses.put, address, stalled, 9))
    waiting.start()
    assert statuses.get(timeout=10) == "408 Request Timeout"
    # granian would wait for the read with Python's lock held, so the request ends after it.
    assert waiting.is_alive()
    stalled.answered.set()
    waiting.join(10)
    assert not waiting.is_alive()


@pytest.mark.usefixtures("_served")
def test_a_body_that_stalls_after_the_first_verdict_ends_the_response(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upstream, "_SECONDS_FOR_A_PIECE", 0.1)
    passing_on, stalled, statuses = Upstream(path), Stalled(b"a line\n"), list[str]()
    response = begin(passing_on, statuses.append, "/api/articles", stalled, 99)
    assert b"".join(response) == b"a line\n"
    assert statuses == ["200 OK"]
    stalled.answered.set()
    response.close()


@pytest.mark.usefixtures("_served")
def test_a_request_does_not_wait_for_a_client_that_has_left(path: Path) -> None:
    statuses = list[str]()
    ask(Upstream(path), statuses.append, "/any", io.BytesIO(b"x"), 9)
    assert statuses == ["400 BAD REQUEST"]  # its body is shorter than announced
