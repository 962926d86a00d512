"""HTTP: feeds from memory, views into spool files; behind them pages and the write API in Flask."""

from feeds.web.app import create_app
from feeds.web.upstream import upstream_server
from feeds.web.wsgi import wsgi_application

__all__ = ["create_app", "upstream_server", "wsgi_application"]
