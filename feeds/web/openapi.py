"""The description of the API in OpenAPI 3.1: `openapi.yaml`, and the models that read the records.

It holds no secret, and tools read it before they have a token, so that it needs none.
"""

from functools import cache
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core.core_schema import WithDefaultSchema
from ruamel.yaml import YAML

from feeds.importers import ArticleRecord
from feeds.web.api import Readers

_OPERATIONS = Path(__file__).with_name("openapi.yaml")


@cache
def description() -> dict[str, Any]:
    """Describe every operation of the API."""
    described: dict[str, Any] = YAML(typ="safe").load(_OPERATIONS)
    described["components"]["schemas"] |= _schemas()
    return described


def _schemas() -> dict[str, Any]:
    """Give the schemas of what the CMS sends; `ArticleRecord` is a line of many.

    A single article has its id from its address, and GET gives it: to be read only.
    """
    _, made = models_json_schema(
        [(ArticleRecord, "validation"), (Readers, "validation")],
        ref_template="#/components/schemas/{model}",
        schema_generator=_Schema,
    )
    schemas: dict[str, Any] = made["$defs"]
    record = schemas["ArticleRecord"]
    article_id = record["properties"]["id"]
    keys = record["properties"] | {"id": article_id | {"readOnly": True}}
    patch = {key: value for key, value in record.items() if key != "required"} | {
        "properties": keys
    }
    article = patch | {"required": ["id", "title", "published"]}
    return schemas | {"Id": article_id, "Article": article, "ArticlePatch": patch}


class _Schema(GenerateJsonSchema):
    """Leaves out titles, which repeat the keys, and defaults: an absent key may keep its value."""

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002 - pydantic's
        return False

    def default_schema(self, schema: WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])
