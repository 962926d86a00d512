"""Which of a web process's threads answers: one from memory, while others wait for what takes long.

This is the pattern Leader/Followers (Schmidt, Pattern-Oriented Software Architecture 2, 2000).
Python runs one thread at a time, so that several that answer from memory only hinder each other,
by 15 % on two cores; and one that waits, for a store or a page, must not be the one that answers.
"""

import threading
from collections.abc import Callable, Iterable
from threading import get_ident
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from feeds.web.reply import BUSY, Closing, Reply, answered


class LeaderFollowers:
    """A WSGI callable for a server with `waiting` + 1 threads.

    `held` gives what can be answered from memory; all else is for `application`, which `waiting`
    threads at once may wait in. The thread that answers is the leader. Before it waits, it makes a
    parked thread the leader, or leaves that to the next thread that the server calls; and it parks
    itself when it comes back and meets another leader. A thread parks in the `close()` of a
    response that has been sent (PEP 3333), so that the server takes it for a busy one.
    """

    def __init__(
        self,
        held: Callable[[WSGIEnvironment], Reply | None],
        application: WSGIApplication,
        waiting: int,
    ) -> None:
        self._held = held
        self._application = application
        self._places = threading.BoundedSemaphore(waiting)
        self._changing = threading.Lock()
        self._leader = 0
        self._deposed = set[int]()
        self._parked: list[tuple[int, threading.Lock]] = []

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        reply = self._held(environ)
        if reply is None:
            if self._places.acquire(blocking=False):
                return self._wait(environ, start_response)
            reply = BUSY
        body = answered(reply, environ, start_response)
        if get_ident() == self._leader or self._takes_the_lead():
            return body
        return Closing(body, self._park)

    def _wait(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self._step_down()
        try:
            body = self._application(environ, start_response)
        except BaseException:
            self._places.release()
            raise
        return Closing(body, self._places.release)

    def _step_down(self) -> None:
        """Let another thread answer what comes next."""
        me = get_ident()
        with self._changing:
            self._deposed.discard(me)
            if self._leader != me:
                return
            self._leader = 0
            if self._parked:
                self._leader, parked = self._parked.pop()
                parked.release()

    def _takes_the_lead(self) -> bool:
        """Make this thread the leader, unless another took its place since it was.

        The server may have ended the thread that was: a thread that comes new is sure to live.
        """
        me = get_ident()
        with self._changing:
            if me in self._deposed:
                return False
            if self._leader:
                self._deposed.add(self._leader)
            self._leader = me
            return True

    def _park(self) -> None:
        me, parked = get_ident(), threading.Lock()
        with self._changing:
            self._deposed.discard(me)
            if not self._leader:  # who took its place waits by now, and found nobody parked
                self._leader = me
                return
            parked.acquire()
            self._parked.append((me, parked))
        parked.acquire()
