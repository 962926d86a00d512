"""The doors of a web process: how many requests of each kind may wait at once.

When a door is full, the others stay open. A thread that reads a body waits for its client; so the
bodies of strangers have places of their own, and a body that nobody wants is not read.
"""

from collections.abc import Callable
from threading import BoundedSemaphore
from wsgiref.types import WSGIEnvironment

from feeds.web.api import is_bearer

PLACES = {
    ("token", ""): 16,
    ("body", "/api/hooks/"): 16,
    ("body", "/hub"): 12,
    ("body", "/staff/"): 6,
    ("", "/staff"): 6,
    ("", "/api/"): 4,
    ("", "/readyz"): 4,
    ("", "/metrics"): 2,
    ("", "/views/"): 32,
    ("", "/feeds/search"): 6,
    ("", "/feeds/"): 32,
    ("", ""): 28,
}
"""Places, by what a request must have and how its path must begin; the first match is its door."""

Enter = Callable[[WSGIEnvironment], Callable[[], None] | None]
"""Takes a place for a request, and gives a function that releases it; None if its door is full."""

_WITH_BODY = ("POST", "PUT", "PATCH")


def doors(token: str | None) -> Enter:
    """Give every door its places; `token` is that of the write API."""
    free = {door: BoundedSemaphore(places) for door, places in PLACES.items()}

    def enter(environ: WSGIEnvironment) -> Callable[[], None] | None:
        may_have_body = environ["REQUEST_METHOD"] in _WITH_BODY
        has = {"", "body"} if may_have_body else {""}
        if token and is_bearer(environ.get("HTTP_AUTHORIZATION", ""), token):
            has.add("token")
        path = environ["PATH_INFO"]
        door = next(door for door in PLACES if door[0] in has and path.startswith(door[1]))
        if not (may_have_body and door[0]):  # the application answers at once, or refuses
            environ["CONTENT_LENGTH"] = ""
            environ.pop("HTTP_TRANSFER_ENCODING", None)
        return free[door].release if free[door].acquire(blocking=False) else None

    return enter
