"""JSON of other systems, of any shape; a JSONPath query (RFC 9535) finds the value of each key."""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from feeds.errors import ArticleError
from feeds.importers.cells import record_of_cells

if TYPE_CHECKING:
    from jsonpath import JSONPath

_LISTS = ("authors", "sections", "tags", "attachments")


def as_text(value: object) -> str:
    """Give a value that is text; else the empty text."""
    return value if isinstance(value, str) else ""


def as_object(value: object) -> Mapping[str, Any]:
    """Give a value that is an object; else the empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[Any]:
    """Give a value that is a list; else the empty one."""
    return value if isinstance(value, list) else []


def as_objects(value: object) -> list[Mapping[str, Any]]:
    """Give the objects of a list."""
    return [each for each in as_list(value) if isinstance(each, dict)]


def mapped(document: Mapping[str, Any], queries: Mapping[str, str]) -> dict[str, Any]:
    """Give the record of a document, by the query of each key.

    A key whose query finds nothing is left out, but a list of nothing (`$.tags[*]`) is empty. The
    values are read as cells of a table are, such as a text as the URL of `image`.
    """
    cells = dict[str, object]()
    for key, query in queries.items():
        values = values_of(document, query)
        if key in _LISTS and not _query(query).singular_query():
            cells[key] = values
        elif values:
            cells[key] = values[0]
    return record_of_cells(cells)


def values_of(document: Mapping[str, Any], query: str) -> list[Any]:
    """Give the values that a query finds; raises ArticleError if the document is too deep."""
    from jsonpath import JSONPathError  # slow, and few papers need it

    try:
        return list(_query(query).findall(document))
    except JSONPathError as error:
        raise ArticleError(f"{query}: {error.args[0]}") from None


@cache
def _query(query: str) -> "JSONPath":
    from jsonpath import JSONPathEnvironment

    return cast("JSONPath", JSONPathEnvironment(strict=True).compile(query))
