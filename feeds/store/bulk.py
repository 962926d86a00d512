"""Many values in one statement: each database takes them in its own way."""

import json
from collections.abc import Iterable, Iterator, Mapping
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from feeds.store.database import Values

_FORMS = {
    "sqlite": "{} IN (SELECT value FROM json_each({}))",
    "postgresql": "{} = ANY (ARRAY(SELECT json_array_elements_text({})))",
}


class _Among(sa.sql.functions.FunctionElement[bool]):
    inherit_cache = True


@compiles(_Among)
def _write(among: _Among, compiler: sa.sql.compiler.SQLCompiler, **_: object) -> str:
    return _FORMS[compiler.dialect.name].format(*map(compiler.process, among.clauses))


def among(column: sa.ColumnElement[Any], texts: Iterable[str]) -> sa.ColumnElement[bool]:
    """Select the rows whose column has one of many texts, however many: they are one parameter.

    IN has a parameter for each, and 500 of them take longer to write and parse than to look up.
    """
    return _Among(column, sa.bindparam(None, list(texts), type_=sa.JSON()))


def insert_rows(connection: sa.Connection, table: sa.Table, rows: Values) -> None:
    """Insert rows that have all columns, straight through the driver.

    SQLAlchemy takes as long as SQLite itself, and a COPY half as long as PostgreSQL's INSERT.
    """
    if not rows:
        return
    columns = ", ".join(table.columns.keys())
    if connection.dialect.name == "postgresql":
        _copy(connection, f"COPY {table.name} ({columns}) FROM STDIN", _values(table, rows))
    else:
        marks = ", ".join("?" * len(table.columns))
        insert = f"INSERT INTO {table.name} ({columns}) VALUES ({marks})"  # noqa: S608 - our names
        connection.exec_driver_sql(insert, list(_values(table, rows)))


def _values(table: sa.Table, rows: Values) -> Iterator[tuple[Any, ...]]:
    """Give the values of each row in the order of the columns, JSON as text."""
    values_of = itemgetter(*table.columns.keys())
    json_columns = [column.name for column in table.columns if isinstance(column.type, sa.JSON)]

    def with_texts(row: Mapping[str, Any]) -> Mapping[str, Any]:
        texts = {name: json.dumps(row[name]) for name in json_columns if row[name] is not None}
        return {**row, **texts}

    return map(values_of, map(with_texts, rows) if json_columns else rows)


def _copy(connection: sa.Connection, copy: str, rows: Iterable[tuple[Any, ...]]) -> None:
    driver: Any = connection.connection.dbapi_connection
    try:
        with driver.cursor() as cursor, cursor.copy(copy) as sink:
            for row in rows:
                sink.write_row(row)
    except driver.Error as error:
        raise sa.exc.DBAPIError(copy, None, error) from error
