"""Who may use the desk: the bearer of the token, in a session of half a day.

The session is a cookie that Flask signs. Its key is derived from the token, so that a new token
ends all sessions. No other site can act with it: the cookie is SameSite=Strict, and a request that
changes something must come from a page of ours, as its browser says in Sec-Fetch-Site, or else in
Origin. No page can write these headers, so no form needs a token of its own, and no page holds a
secret.
"""

import hmac
import logging
import threading
import time
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from flask import Blueprint, Request, redirect, render_template, request, session
from flask.sansio.app import App
from flask.typing import ResponseReturnValue

from feeds.config import Config
from feeds.text import one_line
from feeds.web.api import same_secret
from feeds.web.limits import Limit, client_network

logger = logging.getLogger(__name__)

_SECONDS_OF_A_SESSION = 12 * 3600
_SECONDS_REMEMBERED = 900
_MOST_OF_A_NETWORK = 5
_MOST_OF_ALL = 100
_LONGEST_NAME = 60


def login(config: Config, token: str, home: str) -> Blueprint:
    """Build the routes by which staff come to the desk at `home`, and leave it."""
    routes = Blueprint("login", __name__)
    guesses = Guesses()
    routes.record_once(lambda state: _sign_sessions(state.app, config, token, home))

    @routes.get("/login")
    def ask() -> ResponseReturnValue:
        return redirect(home, 303) if editor() else _page()

    @routes.post("/login")
    def sign_in() -> ResponseReturnValue:
        name = one_line(request.form.get("name", "")[:_LONGEST_NAME])
        is_right = same_secret(request.form.get("token", ""), token)
        if wait := guesses.wait(client_network(config), time.time(), is_right=is_right):
            again = datetime.now(config.site.zone) + timedelta(seconds=wait + 60)
            return _page("barred", f"{again:%H:%M}"), 429, {"Retry-After": f"{wait:.0f}"}
        if not is_right:
            logger.warning("a wrong token was given at the desk")
        if not (is_right and name):
            return _page("nameless" if is_right else "wrong"), 403
        session.clear()
        session.permanent = True
        session.update(name=name, since=int(time.time()))
        logger.info("%s signed in at the desk", name)
        return redirect(home, 303)

    @routes.post("/logout")
    def sign_out() -> ResponseReturnValue:
        session.clear()
        return redirect(f"{home}/login", 303)

    return routes


def editor() -> str:
    """Give the name of the session's editor; empty if it ended, however much it was used."""
    since, name = session.get("since", 0), session.get("name", "")
    return name if time.time() - since < _SECONDS_OF_A_SESSION else ""


def is_from_here(request: Request, config: Config) -> bool:
    """Say whether a request comes from a page of ours (Fetch Metadata; RFC 6454, 7).

    Browsers send Sec-Fetch-Site over HTTPS and to this machine, Origin with every POST. A proxy may
    have changed the Host, hence the host of `site.url`.
    """
    if site := request.headers.get("Sec-Fetch-Site"):
        return site == "same-origin"
    _, _, origin = request.headers.get("Origin", "").partition("://")
    return origin in {request.host, urlsplit(config.site.url).netloc}


class Guesses:
    """The wrong tokens of the last quarter of an hour, by network."""

    def __init__(self) -> None:
        self._of_network = Limit(_MOST_OF_A_NETWORK, _SECONDS_REMEMBERED)
        self._of_all = Limit(_MOST_OF_ALL, _SECONDS_REMEMBERED)
        self._of_staff = set[bytes]()
        self._lock = threading.Lock()

    def wait(self, network: bytes, now: float, *, is_right: bool) -> float:
        """Take a guess; give in how many seconds it may be made, 0 for now.

        A network may be wrong 5 times, all together 100 times. After that a right guess is refused
        too, except that others cannot bar a network that was right before. `now` is in seconds.
        """
        with self._lock:
            wait = self._of_network.wait(network, now)
            if network not in self._of_staff:
                wait = wait or self._of_all.wait("all", now)
            if is_right and not wait:
                self._of_staff.add(network)
            elif not wait:
                self._of_network.add(network, now)
                self._of_all.add("all", now)
            return wait


def _sign_sessions(app: App, config: Config, token: str, path: str) -> None:
    app.secret_key = hmac.digest(token.encode(), b"sessions of the desk", "sha256")
    app.config |= {
        "SESSION_COOKIE_NAME": "feeds-desk",
        "SESSION_COOKIE_PATH": path,
        "SESSION_COOKIE_SECURE": config.site.url.startswith("https:"),
        "SESSION_COOKIE_SAMESITE": "Strict",
        "PERMANENT_SESSION_LIFETIME": _SECONDS_OF_A_SESSION,
    }


def _page(fault: str = "", again: str = "") -> str:
    return render_template("desk/login.html", fault=fault, again=again)
