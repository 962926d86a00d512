"""One thread responds from memory while others wait out of its way."""

import queue
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from feeds.web.doors import Enter
from feeds.web.response import Response, plain
from feeds.web.threads import LeaderFollowers
from tests.processes import eventually

WAITING = 4
FAST, SLOW, BROKEN = "/fast", "/slow", "/broken"


class Server:
    """As granian: threads that take requests from a queue, and close each body once it is sent."""

    def __init__(self, application: LeaderFollowers, threads: int) -> None:
        self._application = application
        self._requests = queue.Queue[tuple[str, Future[str]] | None]()
        self._idle = threading.Semaphore(0)
        self.free = 0
        for _ in range(threads):
            threading.Thread(target=self._serve, daemon=True).start()

    def ask(self, path: str) -> "Future[str]":
        answer = Future[str]()
        self._requests.put((path, answer))
        return answer

    def stop(self, threads: int) -> None:
        for _ in range(threads):
            self._requests.put(None)

    def _serve(self) -> None:
        self.free += 1
        while request := self._requests.get():
            self.free -= 1
            self._answer(*request)
            self.free += 1

    def _answer(self, path: str, answer: "Future[str]") -> None:
        said: list[str] = []

        def start_response(status: str, _headers: Any) -> Any:
            said.append(status)

        try:
            body = self._application({"PATH_INFO": path, "REQUEST_METHOD": "GET"}, start_response)
            list(body)
        except LookupError as error:
            answer.set_exception(error)
            return
        answer.set_result(said[0])
        if close := getattr(body, "close", None):
            close()


@pytest.fixture
def go_on() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def places() -> Enter:
    free = threading.BoundedSemaphore(WAITING)
    return lambda _: free.release if free.acquire(blocking=False) else None


def get(environ: Any) -> Response | None:
    return plain("200 OK", "fast") if environ["PATH_INFO"] == FAST else None


@pytest.fixture
def server(go_on: threading.Event) -> Iterator[Server]:
    def application(environ: Any, start_response: Any) -> list[bytes]:
        if environ["PATH_INFO"] == BROKEN:
            raise LookupError
        assert go_on.wait(30)
        start_response("201 Created", [])
        return [b"slow"]

    running = Server(LeaderFollowers(get, application, places()), WAITING + 1)
    yield running
    go_on.set()
    running.stop(WAITING + 1)


def test_while_all_that_may_wait_do_memory_responds_and_more_are_refused(
    server: Server, go_on: threading.Event
) -> None:
    slow = [server.ask(SLOW) for _ in range(WAITING)]
    eventually(lambda: server.free == 1)
    for _ in range(100):
        assert server.ask(FAST).result(10) == "200 OK"
    assert server.ask(SLOW).result(10) == "503 Service Unavailable"
    go_on.set()
    assert {each.result(10) for each in slow} == {"201 Created"}
    assert server.ask(SLOW).result(10) == "201 Created"


def test_threads_that_have_waited_leave_the_responding_to_one(
    server: Server, go_on: threading.Event
) -> None:
    slow = [server.ask(SLOW) for _ in range(WAITING)]
    go_on.set()
    for each in slow:
        each.result(10)

    def one_is_free() -> bool:
        assert server.ask(FAST).result(10) == "200 OK"
        return server.free <= 1

    assert eventually(one_is_free)


def test_a_fault_of_the_application_costs_no_place(server: Server) -> None:
    for _ in range(2 * WAITING):
        with pytest.raises(LookupError):
            server.ask(BROKEN).result(10)
    assert server.ask(FAST).result(10) == "200 OK"


def test_a_thread_about_to_park_goes_on_if_no_other_is_left() -> None:
    """Another thread took the lead, and waits before this one has parked."""

    def start_response(_status: str, _headers: Any, _fault: Any = None) -> Any:
        return None

    pool = LeaderFollowers(get, lambda *_: [b"slow"], places())
    fast = {"PATH_INFO": FAST, "REQUEST_METHOD": "GET"}
    with ThreadPoolExecutor(1) as first, ThreadPoolExecutor(1) as second:
        first.submit(pool, fast, start_response).result(10)
        second.submit(pool, fast, start_response).result(10)
        sent: Any = first.submit(pool, fast, start_response).result(10)
        second.submit(pool, fast | {"PATH_INFO": SLOW}, start_response).result(10)
        try:
            first.submit(sent.close).result(10)
        finally:  # where it has parked, it goes on when it is made the leader
            second.submit(pool, fast, start_response).result(10)
            second.submit(pool, fast | {"PATH_INFO": SLOW}, start_response).result(10)
