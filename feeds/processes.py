"""What the web processes and the application process of a service run.

A web process answers documents from memory and takes views. It passes requests for pages and for
the API on to the application process, which all web processes share, over a Unix socket.
"""

import logging
import os
import signal
import sys
import time
from contextlib import ExitStack
from functools import partial
from multiprocessing.util import Finalize
from pathlib import Path
from wsgiref.types import WSGIApplication

from feeds import logs
from feeds.config import find, load
from feeds.service import SOCKET, stop_once
from feeds.store import serving_store, shown_url
from feeds.web import create_app, upstream_server, wsgi_application

logger = logging.getLogger(__name__)

_TOKEN = "FEEDS_API_TOKEN"  # noqa: S105 - the name of the variable
_SECONDS_BEFORE_RESTART = 1.0
_NICENESS = 10  # of the application process: web processes that want the same core go first


def web_application() -> WSGIApplication:
    """Build what one web process serves; granian calls this in each."""
    # Ctrl-C is for the main process, which then sends SIGTERM.
    stop_once(partial(_end, signal.getsignal(signal.SIGTERM)), signal.SIGTERM)
    try:
        return _web_application()
    except Exception:
        logger.exception("a web process cannot start")
        time.sleep(_SECONDS_BEFORE_RESTART)  # granian starts another one at once
        sys.exit(1)


def _end(inherited: object) -> None:
    """End a web process by granian's handler of SIGTERM, once it has replaced the parent's."""
    while (handler := signal.getsignal(signal.SIGTERM)) is inherited:
        time.sleep(0.01)
    if callable(handler):
        handler(signal.SIGTERM, None)


def _web_application() -> WSGIApplication:
    config = load(find(None, os.environ), os.environ)
    stack = ExitStack()
    Finalize(None, stack.close, exitpriority=0)  # atexit is not for forked processes
    store = stack.enter_context(serving_store(config.store))
    stack.enter_context(logs.lifetime("web process", store=shown_url(config.store)))
    return wsgi_application(store, config, Path(os.environ[SOCKET]), os.environ.get(_TOKEN))


def serve_application() -> None:
    """Run the Flask application until told to stop; the command of the application process."""
    logs.set_up()
    os.nice(_NICENESS)
    config = load(find(None, os.environ), os.environ)
    about = {"store": shown_url(config.store)}
    with serving_store(config.store) as store, logs.lifetime("application process", **about):
        app = create_app(store, config, os.environ.get(_TOKEN))
        server = upstream_server(Path(os.environ[SOCKET]), app)
        stop_once(server.shutdown, signal.SIGTERM, signal.SIGINT)
        server.serve_forever()
