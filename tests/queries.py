"""The statements that a store runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from feeds.store import Store


@contextmanager
def statements(store: Store) -> Iterator[list[tuple[str, Any]]]:
    """Note each statement that is run, with its parameters."""
    run: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, sql: str, values: Any, *_: object) -> None:
        run.append((sql, values))

    engine = store._database.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield run
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
