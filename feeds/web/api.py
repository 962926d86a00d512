"""The write API: for the paper's own systems, by bearer token (RFC 6750)."""

import json
from collections import Counter
from datetime import UTC, datetime
from hmac import compare_digest
from typing import Annotated, Any

from flask import Blueprint, abort, jsonify, request
from flask.typing import ResponseReturnValue
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    PlainValidator,
    ValidationError,
    ValidationInfo,
)
from werkzeug.datastructures import WWWAuthenticate

from feeds.config import Config
from feeds.importers import ID_SCHEMA, MOMENT_SCHEMA, Number
from feeds.messages import faults
from feeds.most_read import hour_of
from feeds.store import Store
from feeds.text import LONGEST_ID, article_id_of, moment, quoted
from feeds.web.articles import article_routes
from feeds.web.response import PROBLEM

_MOST_VALUES = 10_000
# They separate values and keys; with few of them the parsed values cannot fill the memory.
_SEPARATORS, _MOST_SEPARATORS = (b",", b"\n", b"\r"), 9 * _MOST_VALUES
_MOST_REJECTED = 100
_BEARER = WWWAuthenticate("bearer", {"realm": "feeds"})
_EXAMPLE = '{"id": "1234", "hour": "2026-03-02T09:00:00+09:00", "readers": 17}'


def _id(value: str) -> str:
    if len(value) <= 2 * LONGEST_ID and (article_id := article_id_of(value.strip())):
        return article_id
    raise ValueError(f"no article can have {quoted(value)}")


def _hour(value: object, info: ValidationInfo[Config]) -> int:
    at = moment(value.strip() if isinstance(value, str) else "", info.context.site.zone)
    if at > datetime.now(UTC):
        raise ValueError(f"{quoted(str(value))} has not come yet")
    return hour_of(at)


class Readers(BaseModel):
    """Readers of one article in one hour, as another system counted them."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: Annotated[str, AfterValidator(_id), ID_SCHEMA]
    hour: Annotated[int, PlainValidator(_hour), MOMENT_SCHEMA]
    readers: Number


def api(store: Store, config: Config, token: str | None) -> Blueprint:
    """Build the routes; without a token all of them answer 403."""
    routes = Blueprint("api", __name__, url_prefix="/api")

    @routes.before_request
    def authorize() -> None:
        _refuse_others(request.headers.get("Authorization", ""), token)

    @routes.post("/views")
    def views() -> ResponseReturnValue:
        """Take readers by hour and article; sending them again changes nothing."""
        values = _values(request.get_data())
        if values is None:
            abort(413, f"More than {_MOST_VALUES} values; send them in several requests.")
        accepted = dict[tuple[int, str], int]()
        rejected = list[dict[str, int | str]]()
        for number, value in enumerate(values, 1):
            try:
                given = _validated(value, config)
            except ValueError as fault:
                rejected.append({"number": number, "reason": str(fault)})
            else:
                accepted[given.hour, given.id] = given.readers
        ids = {article_id for _, article_id in accepted}
        unknown = ids - store.articles.known(ids)
        rejected += [{"id": one, "reason": "there is no such article"} for one in sorted(unknown)]
        accepted = {key: readers for key, readers in accepted.items() if key[1] not in unknown}
        if accepted:
            store.readers.give(accepted)
        further = {"further": n} if (n := len(rejected) - _MOST_REJECTED) > 0 else {}
        result = {"accepted": len(accepted), "rejected": rejected[:_MOST_REJECTED], **further}
        if not rejected:
            return result
        why = f"{len(rejected)} rejected, each with its reason; the others are stored."
        about = {"title": "Unprocessable Content", "status": 422, "detail": why}
        return jsonify(about | result), 422, {"Content-Type": PROBLEM}

    routes.register_blueprint(article_routes(store, config))
    return routes


def _refuse_others(authorization: str, token: str | None) -> None:
    if not token:
        abort(403, "The write API is off: set FEEDS_API_TOKEN for the service.")
    if not token.isascii() or not token.isprintable():
        abort(403, "The write API is off: FEEDS_API_TOKEN must be ASCII, as headers are.")
    scheme, _, given = authorization.partition(" ")
    # Encoded, because compare_digest refuses text beyond ASCII.
    if scheme.lower() != "bearer" or not compare_digest(given.encode(), token.encode()):
        abort(401, "This needs the bearer token.", www_authenticate=_BEARER)


def _values(body: bytes) -> list[Any] | None:
    """Read one JSON value, a list of them, or one a line; None if there are too many."""
    if sum(map(body.count, _SEPARATORS)) > _MOST_SEPARATORS:
        return None
    whole = _json(body)
    if whole is None:
        values = [_json(line) for line in body.splitlines() if line.strip()]
    else:
        values = whole if isinstance(whole, list) else [whole]
    return values if len(values) <= _MOST_VALUES else None


def _json(text: bytes) -> Any:
    """Read a JSON value; None if it is none."""
    try:
        return json.loads(text, object_pairs_hook=_object)
    except (ValueError, RecursionError):
        return None


def _object(pairs: list[tuple[str, Any]]) -> Any:
    """Make an object; one that has a key twice (RFC 8259, 4) becomes a ValueError in its place."""
    value = dict(pairs)
    if len(value) == len(pairs):
        return value
    ((twice, _),) = Counter(key for key, _ in pairs).most_common(1)
    return ValueError(f"the key {quoted(twice)} is there twice")


def _validated(value: object, config: Config) -> Readers:
    if isinstance(value, ValueError):
        raise value
    if not isinstance(value, dict):
        raise ValueError(f"must look like {_EXAMPLE}")  # noqa: TRY004 - one kind for all faults
    try:
        return Readers.model_validate(value, context=config)
    except ValidationError as error:
        fault = next(faults(error, Readers))
        raise ValueError(f"{fault}; it must look like {_EXAMPLE}") from None
