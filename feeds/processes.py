"""What the processes of a service run, besides the worker: feeds from memory, and all else.

A web process answers documents and takes views. What has to be read or rendered it leaves to the
application process, which they share, over a Unix socket.
"""

import atexit
import logging
import os
import signal
import sys
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from wsgiref.types import WSGIApplication

from feeds import logs
from feeds.config import find, load
from feeds.family import end_by_handler_of_sigterm, end_with_parent, stop_once
from feeds.store import serving_store
from feeds.web import create_app, upstream_server, wsgi_application

logger = logging.getLogger(__name__)

SOCKET = "FEEDS_APPLICATION_SOCKET"
"""The variable that says where the application process listens."""
WAITING = 64
"""So many threads of a web process may wait; one more answers from memory."""

_TOKEN = "FEEDS_API_TOKEN"  # noqa: S105 - the name of the variable
_SECONDS_BEFORE_RESTART = 1.0
# The scheduler gives it less where web processes want the same core.
_NICENESS = 10


def web_application() -> WSGIApplication:
    """Build what one web process serves; granian calls this in each."""
    # Ctrl-C is for the main process, which then sends SIGTERM.
    inherited = signal.getsignal(signal.SIGTERM)
    stop_once(partial(end_by_handler_of_sigterm, inherited), signal.SIGTERM)
    end_with_parent(os.environ)
    try:
        return _web_application()
    except Exception:
        logger.exception("a web process cannot start")
        time.sleep(_SECONDS_BEFORE_RESTART)  # granian starts another one at once
        sys.exit(1)


def serve_application() -> None:
    """Run the Flask application until told to stop; the command of the application process."""
    logs.set_up()
    os.nice(_NICENESS)
    config = load(find(None, os.environ), os.environ)
    with serving_store(config.store) as store:
        app = create_app(store, config, os.environ.get(_TOKEN))
        server = upstream_server(Path(os.environ[SOCKET]), app)
        stop_once(server.shutdown, signal.SIGTERM, signal.SIGINT)
        end_with_parent(os.environ)
        server.serve_forever()


def _web_application() -> WSGIApplication:
    config = load(find(None, os.environ), os.environ)
    stack = ExitStack()
    atexit.register(stack.close)
    store = stack.enter_context(serving_store(config.store))
    return wsgi_application(store, config, Path(os.environ[SOCKET]), WAITING)
