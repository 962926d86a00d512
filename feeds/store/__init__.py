"""The store: the only package that knows SQLAlchemy.

A second store has to offer what the parts of `Store` offer, and pass `tests/store/`, which runs
every test against every store.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from feeds.store.articles import Articles, Saved
from feeds.store.changes import POSTPONED, Changes, Touched
from feeds.store.clock import PROBATION
from feeds.store.counting import Counting
from feeds.store.database import Create, Database
from feeds.store.derived import Bursts
from feeds.store.documents import Documents, HeldBack, Status, Version
from feeds.store.health import Publishing
from feeds.store.locks import task_lock
from feeds.store.migrate import migrate, require_version
from feeds.store.patience import serving
from feeds.store.publication import Proof
from feeds.store.rankings import Block, Rankings
from feeds.store.readers import LeftOut, Readers
from feeds.store.rows import Unreadable
from feeds.store.visits import SECONDS, Position, Visits

__all__ = ["POSTPONED", "PROBATION", "SECONDS", "Block", "Bursts", "Create"]
__all__ += ["HeldBack", "LeftOut", "Position", "Proof", "Saved", "Status", "Store"]
__all__ += ["Touched", "Unreadable", "Version", "open_store", "serving_store"]


@dataclass(frozen=True, slots=True)
class Store:
    """All that is kept: articles, what was touched, published documents, and who read what."""

    articles: Articles
    changes: Changes
    documents: Documents
    visits: Visits
    counting: Counting
    readers: Readers
    rankings: Rankings
    publishing: Publishing
    _database: Database

    def publishing_lock(self) -> AbstractContextManager[bool]:
        """Hold the one permission to publish, across processes and nodes; False if another has it.

        It ends with the process that holds it, on PostgreSQL up to 15 seconds later.
        """
        return task_lock(self._database, "publishing")

    def ranking_lock(self) -> AbstractContextManager[bool]:
        """Hold the one permission to count and rank, in the same way."""
        return task_lock(self._database, "ranking")


@contextmanager
def open_store(url: str, create: Create = "first") -> Iterator[Store]:
    """Open the store at a URL, bring its tables up to date, and close it in the end.

    It is made if there never was one; with "anew" also if it is gone, with "never" in no case: an
    empty store in the place of one that was moved away would empty all feeds. Raises SchemaTooNew
    when a newer version of this software wrote it, StoreError when it cannot be reached.
    """
    database = Database(url, create=create)
    try:
        migrate(database)
        yield _store(database)
    finally:
        database.close()


@contextmanager
def serving_store(url: str, patience: float = 1.0) -> Iterator[Store]:
    """Give a store to a process that serves, whether it is there or not; close it in the end.

    Nothing is touched until it is used, and no table is made or changed. Each use raises
    StoreError after so many seconds without an answer, and at once while the store is known to be
    away; once a second one is let through, to find it back.
    """
    database = Database(url, serving(patience), require_version, create="never")
    try:
        yield _store(database)
    finally:
        database.close()


def _store(database: Database) -> Store:
    return Store(
        articles=Articles(database),
        changes=Changes(database),
        documents=Documents(database),
        visits=Visits(database),
        counting=Counting(database),
        readers=Readers(database),
        rankings=Rankings(database),
        publishing=Publishing(database),
        _database=database,
    )
