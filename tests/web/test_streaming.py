"""`POST /api/articles` through the whole service: verdicts come while lines are still sent."""

import json
import socket
from collections.abc import Iterator
from http.client import HTTPResponse

import psutil
import pytest
import urllib3

from feeds.web.streaming import batches
from tests.paper import record, write_config
from tests.processes import Running, eventually, free_port, serving

HEAD = "POST /api/articles HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer secret\r\n"
UNANSWERED = {
    "outcome": "rejected",
    "notes": ["the service cannot answer the other lines now; send them again"],
}
CHUNKED = f"{HEAD}Transfer-Encoding: chunked\r\n\r\n".encode()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("paper")
    write_config(folder)
    with serving(folder, free_port(), FEEDS_API_TOKEN="secret") as running:
        yield running


@pytest.fixture
def client(service: Running) -> Iterator[socket.socket]:
    """Give a connection whose own buffer holds little."""
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**14)
        connection.settimeout(60)
        connection.connect(("127.0.0.1", service.port))
        yield connection


def send_line(client: socket.socket, line: str) -> None:
    text = f"{line}\n".encode()
    client.sendall(b"%x\r\n%b\r\n" % (len(text), text))


def begun(client: socket.socket) -> HTTPResponse:
    response = HTTPResponse(client)
    response.begin()
    assert response.status == 200
    return response


def test_a_line_has_its_verdict_before_the_next_line_is_sent(client: socket.socket) -> None:
    client.sendall(CHUNKED)
    send_line(client, json.dumps(record("a1")))
    response = begun(client)
    assert json.loads(response.readline()) == {"line": 1, "id": "a1", "outcome": "new"}
    # Several at once, and a line in two pieces: granian has the second line when it is asked.
    send_line(client, "\n".join(json.dumps(record(each)) for each in ("a2", "a3")))
    assert [json.loads(response.readline())["id"] for _ in range(2)] == ["a2", "a3"]
    client.sendall(b"1\r\n{\r\n")
    send_line(client, json.dumps(record("a4"))[1:])
    assert json.loads(response.readline())["id"] == "a4"
    client.sendall(b"0\r\n\r\n")
    assert response.read() == b""


def test_what_was_answered_is_there_when_the_client_leaves(
    service: Running, client: socket.socket
) -> None:
    client.sendall(CHUNKED)
    send_line(client, json.dumps(record("b1")))
    assert json.loads(begun(client).readline())["outcome"] == "new"
    client.sendall(b"100\r\n{")
    client.close()
    token = {"Authorization": "Bearer secret"}
    assert eventually(lambda: service.get("/api/articles/b1", **token).status == 200)


def test_a_client_may_send_all_lines_before_it_reads(client: socket.socket) -> None:
    # Much more than the buffers on the way hold, in both directions; faults need no store.
    lines = 120_000
    body = (b"x" + b" " * 120 + b"\n") * lines
    client.sendall(f"{HEAD}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    verdicts = begun(client).read().splitlines()
    assert len(verdicts) == lines
    assert json.loads(verdicts[-1]) == {
        "line": lines,
        "outcome": "rejected",
        "notes": ["not JSON: Expecting value (column 1)"],
    }
    assert sum(map(len, verdicts)) > 10_000_000


def test_a_client_is_told_when_not_all_lines_have_an_answer(service: Running) -> None:
    address, token = f"{service.url}/api/articles", {"Authorization": "Bearer secret"}
    (web,) = service.web_processes()
    most = web.rlimit(psutil.RLIMIT_FSIZE)
    web.rlimit(psutil.RLIMIT_FSIZE, (2**18, most[1]))  # as on a full disk
    with urllib3.PoolManager(retries=False, timeout=10) as pool:
        response = pool.request("POST", address, body=b"x\n" * 9_000, headers=token)
    web.rlimit(psutil.RLIMIT_FSIZE, most)
    *answers, cut_off, last = response.data.splitlines()
    assert [json.loads(each)["line"] for each in answers] == list(range(1, len(answers) + 1))
    assert len(b"\n".join([*answers, cut_off])) == 2**18
    assert json.loads(last) == UNANSWERED


def test_a_client_is_told_when_the_application_ends_amid_its_lines(
    service: Running, client: socket.socket
) -> None:
    client.sendall(CHUNKED)
    send_line(client, json.dumps(record("c1")))
    response = begun(client)
    assert json.loads(response.readline())["outcome"] == "new"
    eventually(service.application).kill()
    assert json.loads(response.readline()) == UNANSWERED
    client.sendall(b"0\r\n\r\n")
    assert response.read() == b""


def test_a_batch_is_cut_by_number_and_a_fault_comes_after_what_was_before_it() -> None:
    def items() -> Iterator[int]:
        yield from range(1200)
        raise LookupError

    found = batches(items())
    assert [len(next(found)) for _ in range(3)] == [500, 500, 200]
    with pytest.raises(LookupError):
        next(found)


def test_batches_that_are_no_longer_wanted_end_their_thread() -> None:
    found = batches(iter(range(5000)))
    next(found)
    found.close()
