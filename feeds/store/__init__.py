"""The store: the only package that knows the tables of the service.

A second store has to offer the parts of `Store`, and pass `tests/store/`, which runs every test
against every store.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager

import sqlalchemy as sa

from feeds.errors import StoreError
from feeds.store.articles import Articles
from feeds.store.changes import LATEST_TOUCH, POSTPONED, Changes, Touched
from feeds.store.database import WORKING, Check, Create, Database, Patience, Task, without_password
from feeds.store.documents import Documents, HeldBack, Status
from feeds.store.headlines import Headline, Headlines
from feeds.store.metadata import Publishing, Sources
from feeds.store.migrations import migrate, require_version
from feeds.store.moves import Moves
from feeds.store.news import Announcements, News
from feeds.store.polls import Polls, PollsByHour, PollsKey
from feeds.store.positions import REQUESTS
from feeds.store.rankings import Block, Rankings
from feeds.store.readers import Clock, Readers
from feeds.store.receivers import CONFIGURED, SUSPENDED_AFTER, Crowd, Receiver, Receivers
from feeds.store.renditions import LATEST_VERSION
from feeds.store.rows import Unreadable
from feeds.store.saving import Outcome, Saved
from feeds.store.sqlite import Sqlite
from feeds.store.visits import SECONDS, Bursts, Position, View, Visits

__all__ = ["CONFIGURED", "POSTPONED", "REQUESTS", "SECONDS", "SUSPENDED_AFTER", "Block"]
__all__ += ["Bursts", "Clock", "Create", "Crowd", "Headline", "HeldBack", "News", "Outcome"]
__all__ += ["Polls", "PollsKey", "Position", "Receiver", "Saved", "Status", "Store", "Touched"]
__all__ += ["Unreadable", "View", "open_store", "serving_store", "shown_url"]

_KINDS = "write sqlite:///newsroom.db or postgresql://user@host/newsroom"
_SERVING = Patience(connection=1, lock=1, statement=1)


class Store:
    """All stored data: articles and their sources, changes, published documents, and readers."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.articles = Articles(database)
        self.headlines = Headlines(database)
        self.sources = Sources(database)
        self.moves = Moves(database)
        self.changes = Changes(database)
        self.documents = Documents(database)
        self.visits = Visits(database)
        self.readers = Readers(database)
        self.rankings = Rankings(database)
        self.polls = PollsByHour(database)
        self.announcements = Announcements(database)
        self.receivers = Receivers(database)
        self.publishing = Publishing(database)

    def lock(self, task: Task) -> AbstractContextManager[bool]:
        """Hold the only permission for a task, across processes and nodes; False if it is taken.

        It ends with the process that holds it, on PostgreSQL up to 15 seconds later.
        """
        return self._database.task_lock(task)

    def state(self) -> tuple[str, int]:
        """Give two values, of which one changes whenever anything that pages show changes."""
        both = LATEST_TOUCH.scalar_subquery(), LATEST_VERSION.scalar_subquery()
        ((touch, version),) = self._database.rows(sa.select(*both))
        return touch or "", version or 0


@contextmanager
def open_store(url: str, create: Create = "first") -> Iterator[Store]:
    """Open the store at a URL, bring its tables up to date, and close it in the end.

    `create` says when an empty one may be made: an empty store in the place of one that was moved
    away would empty all feeds. Raises SchemaTooNew when a newer version of this software wrote
    the store, StoreError when it cannot be reached.
    """
    with closing(connect(url, create=create)) as database:
        migrate(database)
        yield Store(database)


@contextmanager
def serving_store(url: str) -> Iterator[Store]:
    """Give a store to a process that serves, whether it is there or not; close it in the end.

    It is not touched until it is used, and no table is made or changed. Each use raises StoreError
    after a second without an answer, and at once while the store is known to be away; once a second
    one caller is let through to try it again.
    """
    with closing(connect(url, _SERVING, require_version, create="never")) as database:
        yield Store(database)


def connect(
    text: str, patience: Patience = WORKING, check: Check | None = None, *, create: Create = "first"
) -> Database:
    """Give the database at a URL, without connecting yet; raises StoreError for a wrong URL.

    `create` says whether the database may be empty, or its SQLite file missing. Processes that
    serve pass a `check`, which raises StoreError if a new connection cannot be used. With it, a
    store that is away is tried once a second, not at each call.
    """
    url = _url(text)
    try:
        match url.get_backend_name():
            case "sqlite":
                return Sqlite(url, patience, check, create)
            case "postgresql":
                from feeds.store.postgres import Postgres  # its driver is an extra

                return Postgres(url, patience, check, create)
            case _:
                raise StoreError(f"{without_password(url)}: no such kind of store; {_KINDS}")
    except ModuleNotFoundError as error:
        raise StoreError(f"{without_password(url)}: {error}; install feeds[postgres]") from error


def shown_url(text: str) -> str:
    """Give the URL of a store as it may be shown: without its password; raises StoreError."""
    return without_password(_url(text))


def _url(text: str) -> sa.URL:
    try:
        return sa.make_url(text)
    except sa.exc.ArgumentError:
        raise StoreError(f"The store's address is not a URL; {_KINDS}") from None
