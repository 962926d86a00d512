"""The API is as its description says: requests made of it, right and wrong, are tried."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.engine import from_schema
from schemathesis.engine.events import FatalError, NonFatalError, ScenarioFinished
from schemathesis.engine.recorder import CheckFailureInfo

from feeds.store import Store
from feeds.web import articles, create_app
from feeds.web.openapi import description
from tests.paper import settings
from tests.web.conftest import listening

HOOK = {
    "secret": "Bearer secret",  # as the other operations have it
    "header": "Authorization",
    "article": {"id": "$.id", "title": "$.title", "published": "$.published"},
}
CONFIG: dict[str, Any] = {
    "seed": 1,
    "generation": {"deterministic": True, "max-examples": 5},
    "auth": {"openapi": {"token": {"bearer": "secret"}}},
    "checks": {
        "negative_data_rejection": {"expected-statuses": ["4xx"]},
        "positive_data_acceptance": {"expected-statuses": ["2xx", "304", "404", "412"]},
    },
    "operations": [
        # This article exists, so that a few keys of it can be changed.
        {"include-name": "PUT /api/articles/{id}", "parameters": {"id": "가"}},
        {
            "include-name": "PATCH /api/articles/{id}",
            "parameters": {"id": "가"},
            "phases": {"coverage": {"enabled": False}},  # its keys are those of PUT
        },
        # No schema can say which articles there are, or which hour it is.
        {
            "include-name": "POST /api/views",
            "checks": {"positive_data_acceptance": {"expected-statuses": ["200", "422"]}},
        },
        # Where a CMS has the keys of an article stands in the config alone.
        {
            "include-name": "POST /api/hooks/{id}",
            "parameters": {"id": "cms"},
            "headers": {"Authorization": "Bearer secret"},
            "checks": {"positive_data_acceptance": {"expected-statuses": ["200", "201", "422"]}},
        },
        # Each line has its own verdict.
        {
            "include-name": "POST /api/articles",
            "checks": {"negative_data_rejection": {"enabled": False}},
            "phases": {"coverage": {"enabled": False}},
        },
    ],
}


@schemathesis.serializer("application/jsonl")
def as_lines(_context: Any, value: Any) -> bytes:
    values = value if isinstance(value, list) else [value]
    return b"".join(json.dumps(each).encode() + b"\n" for each in values)


@schemathesis.deserializer("application/jsonl")
def of_lines(_context: Any, response: Any) -> list[Any]:
    return [json.loads(line) for line in response.content.splitlines()]


@schemathesis.hook
def filter_failure(_context: Any, failure: Any, case: Any, response: Any) -> bool:
    """Forgive what a record's control characters cause, which are dropped instead of refused.

    schemathesis reads `\\p{C}` as control characters alone, so that its ids may be unprintable.
    """
    if isinstance(failure, AcceptedNegativeData):
        return "\\u00" not in json.dumps(case.body, default=str)
    return "].id: must be 1 to 200 characters" not in response.text


@pytest.fixture
def app(store: Store, tmp_path: Path) -> Flask:
    """An application without a worker, which holds one article."""
    app = create_app(store, settings(tmp_path, api={"hooks": {"cms": HOOK}}), "secret")
    app.test_client().put(
        "/api/articles/가",
        json={"title": "가", "published": "2026-03-02 09:00"},
        headers={"Authorization": "Bearer secret"},
    )
    return app


@pytest.fixture
def address(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(articles, "_MOST_SECONDS_TO_WAIT", 0.0)
    with listening(app) as address:
        yield address


def test_the_api_is_as_its_description_says(address: str) -> None:
    config = SchemathesisConfig.from_dict(CONFIG)
    schema = schemathesis.openapi.from_url(f"{address}/api/openapi.json", config=config)
    tried, faults = set[str | None](), list[str]()
    for event in from_schema(schema).execute():
        if isinstance(event, NonFatalError | FatalError):
            faults.append(repr(event))
        elif isinstance(event, ScenarioFinished):
            tried.add(event.label)
            checks = (each for of_case in event.recorder.checks.values() for each in of_case)
            faults += [_told(each.failure_info) for each in checks if each.failure_info]
    assert not faults, "\n\n".join(faults)
    assert len(tried - {None}) == len(operations()) - 1  # but the description


def _told(info: CheckFailureInfo) -> str:
    return f"{info.failure.title}: {info.failure.message}\n{info.code_sample}"


def operations() -> set[tuple[str, str]]:
    return {
        (path, method.upper())
        for path, item in description()["paths"].items()
        for method in item.keys() - {"parameters"}
    }


def test_every_route_is_described(app: Flask) -> None:
    routes = {
        (re.sub("<.*>", "{id}", rule.rule), method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/")
    }
    assert operations() == routes
