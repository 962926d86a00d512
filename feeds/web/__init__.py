"""HTTP: published documents out of memory, views into spool files, and a few pages for people."""

from feeds.web.answer import answer_of
from feeds.web.app import create_app
from feeds.web.beacon import Beacon, keep_days_ready
from feeds.web.front import Front
from feeds.web.shelf import Shelf
from feeds.web.threads import LeaderFollowers
from feeds.web.upstream import Upstream, upstream_server

__all__ = ["Beacon", "Front", "LeaderFollowers", "Shelf", "Upstream", "answer_of", "create_app"]
__all__ += ["keep_days_ready", "upstream_server"]
