"""HTTP: published documents out of memory, and a few pages for people."""

from feeds.web.answer import answer_of
from feeds.web.app import create_app
from feeds.web.front import Front
from feeds.web.shelf import Shelf

__all__ = ["Front", "Shelf", "answer_of", "create_app"]
