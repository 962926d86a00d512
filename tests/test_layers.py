"""A module imports from lower floors or from its own package, and foreign libraries have a home."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import feeds

ROOT = Path(feeds.__file__).parent
FLOORS = (
    (
        "model",
        "text",
        "messages",
        "urls",
        "pictures",
        "html",
        "html_checks",
        "errors",
        "http_client",
        "logs",
        "merge",
        "site",
        "translations",
    ),
    ("formats", "verify", "ranking"),
    ("store", "importers", "config"),
    ("catalog", "entries", "views"),
    ("gate", "rendition", "most_read", "publish", "feed_states", "health"),
    ("pages", "push"),
    ("worker", "web", "service"),
    ("processes",),
    ("cli", "__main__"),
)
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
# The sample is data, and the package itself only has a version.
ANYWHERE = {"sample", ""}
# The only ones that may know a neighbour on their floor.
NEIGHBOURS = {
    ("html", "text"),
    ("http_client", "errors"),
    ("http_client", "text"),
    ("site", "model"),
    ("merge", "model"),
    ("merge", "errors"),
    ("messages", "text"),
    ("html_checks", "text"),
    ("html", "html_checks"),
    ("html", "pictures"),
    ("html", "urls"),
    ("pictures", "text"),
    ("pictures", "urls"),
    ("entries", "catalog"),
    ("rendition", "gate"),
    ("health", "feed_states"),
    ("publish", "rendition"),
    ("publish", "gate"),
    ("publish", "most_read"),
    ("__main__", "cli"),
}
HOMES = {
    "sqlalchemy": {"store", "importers"},
    "alembic": {"store"},
    "psycopg": {"store"},
    "cryptography": {"push"},
    "flask": {"web"},
    "feedgen": {"formats"},
    "feedparser": {"verify"},
    "ijson": {"importers"},
    "jsonpath": {"config", "importers"},
    "jsonschema_rs": {"verify"},
    "jinja2": {"pages"},
    "selectolax": {"verify"},
    "urllib3": {"http_client"},
    "prometheus_client": {"web"},
}

MODULES = sorted(ROOT.rglob("*.py"))


def room_of(path: Path) -> str:
    """The part of the package that a file belongs to: `store`, `text`, or none."""
    return path.relative_to(ROOT).parts[0].removesuffix(".py").replace("__init__", "")


def imported(path: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in it: `feeds.store.rows`, `flask`.

    A name taken from a package may be a module of it, so that it counts as one.
    """
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def rooms(path: Path) -> set[str]:
    """The parts of the package that a file imports."""
    found = {name.split(".")[1] for name in imported(path) if name.startswith("feeds.")}
    return found - {"__version__"}


def may_import(room: str, other: str) -> bool:
    if other in ANYWHERE or room == other:
        return True
    return FLOOR_OF[other] < FLOOR_OF[room] or (room, other) in NEIGHBOURS


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_from_lower_floors_or_its_own_package(path: Path) -> None:
    room = room_of(path)
    if room not in ANYWHERE:
        assert room in FLOOR_OF
        assert {other for other in rooms(path) if not may_import(room, other)} == set()


def test_a_foreign_library_is_imported_where_it_belongs() -> None:
    found = {library: set[str]() for library in HOMES}
    for path in MODULES:
        for library in {name.split(".")[0] for name in imported(path)} & HOMES.keys():
            found[library].add(room_of(path))
    assert found == HOMES


def test_the_checker_shares_no_code_with_the_writer() -> None:
    of_verify = {other for path in MODULES if room_of(path) == "verify" for other in rooms(path)}
    of_formats = {other for path in MODULES if room_of(path) == "formats" for other in rooms(path)}
    assert of_verify <= {"verify", "model", "site", "text"}
    assert "verify" not in of_formats
