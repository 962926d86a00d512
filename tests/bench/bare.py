"""`python tests/bench/bare.py FILE STORE BATCH`: the least that an import of JSON Lines can do.

The lines go through `json.loads` into the tables of an empty store, `articles` and `listings`, by
`sqlite3.executemany` or psycopg's COPY, one transaction a batch. Nothing is checked or cleaned,
nothing merged, no name gets an address of its own, and no feed is told.
"""

import json
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote

AUTHORITY = "www.news.example"
TABLES = {
    "articles": (
        *("id", "guid", "title", "status", "published", "updated", "views", "comments", "authors"),
        *("sections", "tags", "image", "language", "url", "subtitle", "summary", "body_html"),
    ),
    "listings": ("article_id", "kind", "slug", "name", "published", "views"),
}

Row = tuple[Any, ...]
Write = Callable[[str, Sequence[Row]], object]


def main(file: str, store: str, batch: int) -> None:
    """Import the file."""
    with Path(file).open("rb") as lines:
        (_into_sqlite if store.startswith("sqlite") else _into_postgres)(store, _rows(lines, batch))


def _into_sqlite(store: str, batches: Iterator[dict[str, list[Row]]]) -> None:
    connection = sqlite3.connect(store.removeprefix("sqlite:///"), isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")
    for batch in batches:
        connection.execute("BEGIN IMMEDIATE")
        for table, columns in TABLES.items():
            marks = ", ".join("?" * len(columns))
            insert = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"
            connection.executemany(insert, batch[table])
        connection.execute("COMMIT")
    connection.close()


def _into_postgres(store: str, batches: Iterator[dict[str, list[Row]]]) -> None:
    import psycopg  # for this store only

    with psycopg.connect(store, autocommit=True) as connection:
        for batch in batches:
            with connection.transaction(), connection.cursor() as cursor:
                for table, columns in TABLES.items():
                    with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
                        for row in batch[table]:
                            copy.write_row(row)


def _rows(lines: Iterator[bytes], size: int) -> Iterator[dict[str, list[Row]]]:
    while records := list(map(json.loads, islice(lines, size))):
        listings = [listing for record in records for listing in _listings(record)]
        yield {"articles": list(map(_article, records)), "listings": listings}


def _article(record: dict[str, Any]) -> Row:
    published, updated = (datetime.fromisoformat(record[key]) for key in ("published", "updated"))
    lists = (json.dumps(record[key]) for key in ("authors", "sections", "tags"))
    image = record.get("image")
    return (
        record["id"],
        f"tag:{AUTHORITY},{published.astimezone(UTC):%Y-%m-%d}:{quote(record['id'], safe='')}",
        *(record["title"], record["status"]),
        *(int(published.timestamp()), int(updated.timestamp())),
        *(record["views"], record.get("comments"), *lists, image and json.dumps(image)),
        *map(record.get, ("language", "url", "subtitle", "summary", "body_html")),
    )


def _listings(record: dict[str, Any]) -> Iterator[Row]:
    names = [("latest", ""), *(("section", name) for name in record["sections"])]
    names += [("tag", name) for name in record["tags"]]
    names += [("author", author["name"]) for author in record["authors"]]
    published = int(datetime.fromisoformat(record["published"]).timestamp())
    for kind, name in dict.fromkeys(names):
        yield record["id"], kind, name.replace(" ", "-"), name, published, record["views"]


if __name__ == "__main__":
    main(*sys.argv[1:3], int(sys.argv[3]))
