"""Leader/Followers: one thread of a web process sends responses from memory while others wait.

The pattern is Schmidt's (Pattern-Oriented Software Architecture 2, 2000). Python runs one thread at
a time, so several threads that respond from memory only slow each other down, by 15 % on two cores.
And the thread that responds must not be the one that waits for the store or a page.
"""

import threading
from collections.abc import Callable, Iterable
from threading import get_ident
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.wsgi import ClosingIterator

from feeds.web.doors import Enter
from feeds.web.response import BUSY, Response


class LeaderFollowers:
    """A WSGI callable for a server with one thread more than `enter` lets in.

    `get` gives a response from memory; all else is for `application`, in which threads may wait.
    The thread that responds is the leader. Before it waits, it makes a parked thread the leader, or
    leaves that to the next thread that the server calls. When it comes back and meets another
    leader, it parks. A thread parks in the `close()` of a response that has been sent (PEP 3333),
    so that the server takes it for a busy one.
    """

    def __init__(
        self,
        get: Callable[[WSGIEnvironment], Response | None],
        application: WSGIApplication,
        enter: Enter,
    ) -> None:
        self._get = get
        self._application = application
        self._enter = enter
        self._changing = threading.Lock()
        self._leader = 0
        self._deposed = set[int]()
        self._parked: list[tuple[int, threading.Lock]] = []

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        response = self._get(environ)
        leave = self._enter(environ) if response is None else None
        if leave is None:
            body = (response or BUSY)(environ, start_response)
            if get_ident() == self._leader or self._takes_the_lead():
                return body
            return ClosingIterator(body, self._park)
        self._step_down()
        try:
            body = self._application(environ, start_response)
        except BaseException:
            leave()
            raise
        return ClosingIterator(body, leave)

    def _step_down(self) -> None:
        """Let another thread respond from now on."""
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
        """Make this thread the leader, unless it was and another one has taken its place.

        The server may have ended the leader's thread; a thread that it calls is sure to live.
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
            if not self._leader:  # the one that took its place waits by now, and found none parked
                self._leader = me
                return
            parked.acquire()
            self._parked.append((me, parked))
        parked.acquire()
