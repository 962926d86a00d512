"""The rows of a query in any SQL database, whose columns are named like an article's keys."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from feeds.errors import ArticleError
from feeds.importers.cells import SEPARATORS, keys_of, record_of_cells
from feeds.importers.record import ArticleRecord, read_item
from feeds.importers.sources import Item, Rejected, Source, named
from feeds.text import one_line, quoted

_ROWS_AT_ONCE = 500
# A row may get its date before another one, and be committed after it.
_OVERLAP = timedelta(minutes=5)
# SQLite opens the file for reading.
_READ_ONLY = dict.fromkeys(("postgresql", "mysql", "mariadb"), "SET TRANSACTION READ ONLY")
_PACKAGES = {"psycopg": "'feeds[postgres]'", "MySQLdb": "mysqlclient"}
_VALUES: Mapping[str, Callable[[str], Any]] = {
    "datetime": lambda text: datetime.fromisoformat(text) - _OVERLAP,
    "date": date.fromisoformat,
    "int": int,
    "float": float,
    "Decimal": Decimal,
    "str": str,
}
"""The types of values from which a query goes on, and how each is read from its text."""


@dataclass(frozen=True, slots=True)
class Query:
    """A query at a database's URL, as SQLAlchemy writes it; a list is split at `separators`.

    The highest value of the column `newest` is the position from which the query goes on.
    """

    url: str
    query: str
    newest: str | None = None
    separators: str = SEPARATORS

    @property
    def mark(self) -> str:
        """A mark that tells positions of this query from those before it was edited."""
        return hashlib.sha256(f"{self.newest} {self.query}".encode()).hexdigest()[:8]


def read_sql(query: Query, source: Source, since: str | None) -> Iterator[Item]:
    """Read the rows in one read-only transaction, a few at a time however many there are.

    Null clears a key, as a row is the whole article. `since` is the position of an earlier item:
    with `newest`, only rows from there on are read, some of them again. An edited query is read
    from its beginning. If the database fails, the last item says why.
    """
    try:
        with _engine(query.url).connect() as connection:
            yield from _items(connection, query, source, since)
    except ArticleError as error:
        yield Rejected(0, str(error))
    except (sa.exc.SQLAlchemyError, RuntimeError, TypeError, ValueError) as error:  # of any driver
        # SQLAlchemy would repeat the statement.
        yield Rejected(0, f"cannot be read: {one_line(str(getattr(error, 'orig', error)))}")


def _engine(text: str) -> sa.Engine:
    try:
        url = sa.make_url(text)
        if url.get_backend_name() == "sqlite" and url.database:
            # As it is, SQLite would make a file where there is none.
            file = Path(url.database).absolute().as_uri()
            url = url.set(database=file, query={**url.query, "mode": "ro", "uri": "true"})
        return sa.create_engine(url, poolclass=sa.NullPool)
    except ModuleNotFoundError as error:
        package = _PACKAGES.get(str(error.name), error.name)
        reason = f"the driver {error.name} is not installed; pip install {package}"
    except (sa.exc.ArgumentError, ValueError):  # whose texts may hold the password
        reason = "url: must be like mysql+pymysql://user:password@host/database"
    raise ArticleError(reason)


def _items(
    connection: sa.Connection, query: Query, source: Source, since: str | None
) -> Iterator[Item]:
    if read_only := _READ_ONLY.get(connection.dialect.name):
        connection.exec_driver_sql(read_only)
    # The server keeps the rows that were not asked for yet.
    options = {"yield_per": _ROWS_AT_ONCE}
    statement = _statement(query, since)
    with connection.execute(statement, execution_options=options) as rows:
        columns = [column.strip().lower() for column in rows.keys()]  # noqa: SIM118 - rows are no mapping
        newest = (query.newest or "").lower()
        no_key = {newest} - ArticleRecord.model_fields.keys()
        keys_of([column for column in columns if column not in no_key])
        for row in rows:
            cells = dict(zip(columns, row, strict=True))
            position = _position(cells[newest], query.mark, source) if newest else None
            article = {key: cell for key, cell in cells.items() if key not in no_key}
            yield replace(_item(article, query.separators, source), position=position)


def _statement(query: Query, since: str | None) -> sa.Executable:
    # A colon would begin the name of a parameter.
    text = query.query.strip().removesuffix(";").replace(":", r"\:")
    if query.newest is None:
        return sa.text(text)
    newest: sa.ColumnClause[Any] = sa.column(query.newest)
    table = sa.text(f"(\n{text}\n) q")
    rows = sa.select(sa.text("*")).select_from(table).order_by(newest)
    mark, kind, value = (since or "- - -").split(" ", 2)
    if mark != query.mark:
        return rows
    # Without a type, which PostgreSQL would be asked to cast the value to.
    return rows.where(newest >= sa.bindparam("since", _VALUES[kind](value), sa.types.NullType()))


def _item(cells: Mapping[str, object], separators: str, source: Source) -> Item:
    try:
        item: Item = read_item(record_of_cells(cells, separators), source, 0)
    except ArticleError as error:
        item = Rejected(0, str(error))
    return named(item, f"article {quoted(str(cells['id']))}")


def _position(value: object, mark: str, source: Source) -> str | None:
    if value is None:
        return None
    if isinstance(value, datetime):  # from a date in the future, no news would be found for long
        now = datetime.now(source.timezone)
        value = min(value, now if value.tzinfo else now.replace(tzinfo=None))
    kind = type(value).__name__
    if kind not in _VALUES:
        raise ArticleError(f"newest: must be a column of dates, numbers or text, not of {kind}")
    return f"{mark} {kind} {value}"
