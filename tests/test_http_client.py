"""Requests to other servers: when they end, and what is read of the response."""

import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import time_machine
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from feeds import http_client
from feeds.errors import FetchError
from feeds.http_client import Answer, fetch, request

Resolver = dict[str, list[str]]


def test_only_the_check_of_addresses_is_lifted(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    asked: list[Request] = []

    def moved(request: Request) -> Response:
        asked.append(request)
        return Response("elsewhere", 307, {"Location": "/elsewhere"})

    httpserver.expect_request("/callback", method="POST").respond_with_handler(moved)
    url = httpserver.url_for("/callback?topic=%EA%B0%80")
    sent = request("POST", url, b"<rss/>", {"Link": "<x>; rel=hub"}, only_public=False)
    assert sent == Answer(307, b"elsewhere")
    (got,) = asked
    assert got.get_data() == b"<rss/>"
    assert got.query_string == b"topic=%EA%B0%80"
    assert got.headers["Link"] == "<x>; rel=hub"
    assert got.headers["User-Agent"].startswith("feeds/")
    with pytest.raises(FetchError, match="not at a public address"):
        request("POST", url, only_public=True)


def test_a_host_is_called_at_its_next_address_if_one_is_silent(
    httpserver: HTTPServer, resolver: Resolver
) -> None:
    resolver["two.example"] = ["127.0.0.2", "127.0.0.1"]
    httpserver.expect_request("/", headers={"Host": f"two.example:{httpserver.port}"})
    got = request("GET", f"http://two.example:{httpserver.port}/", only_public=False)
    assert got.status == 500  # the server has no response for it, but was found


Script = Callable[[socket.socket, threading.Event], None]


def answer(beginning: bytes, part: bytes = b"", pause: float = 0.05) -> Script:
    """Answer, and go on in parts: small ones, so that no single wait is long, or large ones."""

    def script(connection: socket.socket, over: threading.Event) -> None:
        connection.recv(65_536)
        connection.sendall(beginning)
        for _ in range(200):
            if over.wait(pause):
                break
            connection.sendall(part)

    return script


def read_nothing(_: socket.socket, over: threading.Event) -> None:
    over.wait(10)


def read_slowly(connection: socket.socket, over: threading.Event) -> None:
    for _ in range(200):
        if over.wait(0.05):
            break
        connection.recv(1_000)


OK = b"HTTP/1.1 200 OK\r\n"
ENDLESS: Mapping[str, Script] = {
    "no answer": read_nothing,
    "a request that is not read": read_slowly,
    "headers": answer(OK, b"X: y\r\n"),
    "one header": answer(OK + b"X: ", b"y"),
    "a status": answer(b"HTTP/1.1 ", b"2"),
    "patience": answer(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "a body": answer(OK + b"\r\n", b"x"),
    "a body of a length": answer(OK + b"Content-Length: 1000000\r\n\r\n", b"x"),
    "chunks": answer(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    "trailers": answer(OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n"),
}


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give servers 0.3 seconds."""
    monkeypatch.setattr(http_client, "_SECONDS_FOR_AN_ANSWER", 0.3)
    monkeypatch.setattr(http_client, "_SECONDS_FOR_A_DOCUMENT", 0.3)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("script", ENDLESS.values(), ids=ENDLESS)
def test_a_receiver_without_an_end_is_given_up(
    script: Script, scheme: str, resolver: Resolver, tls: ssl.SSLContext
) -> None:
    resolver["news.example"] = ["127.0.0.1"]
    sent = bytes(30_000_000) if script is read_slowly else b"news"
    with serving(script, tls if scheme == "https" else None) as port:
        url = f"{scheme}://news.example:{port}/"
        with pytest.raises(FetchError, match="no complete response came in time"):
            request("POST", url, sent, only_public=False)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("kind", ["no answer", "a body"])
def test_a_document_without_an_end_is_given_up(kind: str) -> None:
    with serving(ENDLESS[kind]) as port, pytest.raises(FetchError, match="in time"):
        fetch(f"http://127.0.0.1:{port}/")


@pytest.mark.usefixtures("hasty")
def test_a_handshake_without_an_end_is_given_up() -> None:
    with serving(read_nothing) as port, pytest.raises(FetchError, match="in time"):
        request("GET", f"https://127.0.0.1:{port}/", only_public=False)


@pytest.mark.parametrize(
    "beginning",
    [b"\r\n", b"Content-Length: 99999999999\r\n\r\n", b"Content-Encoding: gzip\r\n\r\n"],
)
def test_of_a_long_response_the_beginning_is_read(beginning: bytes) -> None:
    with serving(answer(OK + beginning, b"x" * 10_000, pause=0)) as port:
        got = request("GET", f"http://127.0.0.1:{port}/", only_public=False)
    assert got == Answer(200, b"x" * 65_536)


@pytest.mark.parametrize(
    "script",
    [
        answer(OK, b"X: y\r\n", pause=0),
        answer(OK, b"x" * 10_000, pause=0),
        answer(b"", b"nonsense\r\n", pause=0),
        answer(OK + b"Transfer-Encoding: chunked\r\n\r\nnonsense\r\n"),
        lambda *_: None,
    ],
    ids=["headers", "one header", "no HTTP", "no chunk", "nothing"],
)
def test_a_response_that_is_none_is_an_error_of_one_line(script: Script) -> None:
    with serving(script) as port, pytest.raises(FetchError) as failed:
        request("GET", f"http://127.0.0.1:{port}/", only_public=False)
    assert str(failed.value)
    assert str(failed.value).isprintable()


def test_a_connection_serves_one_request() -> None:
    closed = threading.Event()

    def script(connection: socket.socket, _: threading.Event) -> None:
        connection.recv(65_536)
        connection.sendall(OK + b"Content-Length: 0\r\n\r\n")
        if not connection.recv(1):
            closed.set()

    with serving(script) as port:
        request("GET", f"http://127.0.0.1:{port}/", only_public=False)
        assert closed.wait(10)


def test_an_odd_header_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    with serving(answer(OK + b"Content-Length: 0\r\nodd\r\n\r\n")) as port:
        got = request("GET", f"http://127.0.0.1:{port}/", only_public=False)
    assert got.status == 200
    assert not caplog.records


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        ("Mon, 02 Mar 2026 00:10:00 GMT", 600),
        ("Mon, 02 Mar 2020 00:00:00 GMT", 0),
        ("9999999", 86_400),
        ("Mon, 02 Mar 9999 00:00:00 GMT", 86_400),
        ("Mon, 02 Mar 99999999 00:00:00 GMT", 0),
        ("9" * 5000, 0),
        ("-5", 0),
        ("soon", 0),
        ("", 0),
    ],
)
@time_machine.travel("2026-03-02 00:00:00 +0000", tick=False)
def test_a_receiver_may_ask_to_be_left_alone_for_a_while(
    header: str, seconds: int, httpserver: HTTPServer
) -> None:
    busy = Response("busy", 429, {"Retry-After": header})
    httpserver.expect_request("/").respond_with_response(busy)
    got = request("POST", httpserver.url_for("/"), only_public=False)
    assert got == Answer(429, b"busy", retry_after=seconds)


def test_a_certificate_must_be_that_of_the_host(resolver: Resolver, tls: ssl.SSLContext) -> None:
    resolver |= {"news.example": ["127.0.0.1"], "other.example": ["127.0.0.1"]}
    hello = answer(OK + b"Content-Length: 0\r\n\r\n")
    with serving(hello, tls) as port:
        assert request("GET", f"https://news.example:{port}/", only_public=False).status
    for host in ("other.example", "127.0.0.1"):
        with serving(hello, tls) as port, pytest.raises(FetchError, match="certificate"):
            request("GET", f"https://{host}:{port}/", only_public=False)


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """The context of a server with a certificate for news.example, which requests trust."""
    folder: Path = tmp_path_factory.mktemp("tls")
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc")
    name = ("-subj", "/CN=news.example", "-addext", "subjectAltName=DNS:news.example")
    files = ("-keyout", "key.pem", "-out", "certificate.pem")
    command = ["openssl", "req", "-x509", *key, *name, *files]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    http_client.tls().load_verify_locations(folder / "certificate.pem")
    return context


@contextmanager
def serving(script: Script, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """Serve one connection by a script; give the port."""
    over = threading.Event()

    def serve(server: socket.socket) -> None:
        accepted, _ = server.accept()
        with suppress(OSError):
            connection = tls.wrap_socket(accepted, server_side=True) if tls else accepted
            with connection:
                script(connection, over)

    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor() as pool:
        served = pool.submit(serve, server)
        try:
            yield server.getsockname()[1]
        finally:
            over.set()
        served.result()
