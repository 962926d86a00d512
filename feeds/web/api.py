"""The write API: for the paper's own systems, by bearer token (RFC 6750)."""

import json
from collections import Counter
from datetime import UTC, datetime
from hmac import compare_digest
from http import HTTPStatus
from typing import Annotated, Any

from flask import Blueprint, Response, jsonify, request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from feeds.config import Config
from feeds.importers.fields import LARGEST_NUMBER, moment, quoted
from feeds.most_read import hour_of
from feeds.store import Store
from feeds.text import LONGEST_ID, article_id_of, shorten

_BEARER = "bearer"
_MOST_VALUES = 10_000
# What separates values and their keys; so few of them cannot become much in memory.
_SEPARATORS, _MOST_SEPARATORS = (b",", b"\n", b"\r"), 9 * _MOST_VALUES
_MOST_KEYS = 10
_MOST_FAULTS = 100
_LONGEST_SHOWN = 60
_EXAMPLE = '{"id": "1234", "hour": "2026-03-02T09:00:00+09:00", "readers": 17}'


def _id(value: str) -> str:
    if len(value) <= 2 * LONGEST_ID and (article_id := article_id_of(value.strip())):
        return article_id
    raise ValueError(f"no article can have {quoted(value)}")


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    id: Annotated[str, AfterValidator(_id)]
    hour: str
    readers: int = Field(ge=0, le=LARGEST_NUMBER)


class _TwiceError(ValueError):
    """A key of an object is given twice; RFC 8259, 4: what that means is anyone's guess."""


def api(store: Store, config: Config, token: str | None) -> Blueprint:
    """Build the routes; without a token all of them answer 403."""
    routes = Blueprint("api", __name__, url_prefix="/api")

    @routes.before_request
    def way_in() -> Response | None:
        return _refusal(request.headers.get("Authorization", ""), token)

    @routes.post("/views")
    def views() -> Response:
        """Take readers by hour and article that another system counted; twice is like once."""
        values = _values(request.get_data())
        if values is None:
            text = f"More than {_MOST_VALUES} values; send them in several requests.\n"
            return _told(text, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        accepted = dict[tuple[int, str], int]()
        rejected = []
        for number, value in enumerate(values, 1):
            try:
                given, hour = _given(value, config)
            except ValueError as fault:
                rejected.append({"number": number, "reason": str(fault)})
            else:
                accepted[hour, given.id] = given.readers
        known = store.articles.known({article_id for _, article_id in accepted})
        unknown = sorted({article_id for _, article_id in accepted} - known)
        rejected += [{"id": one, "reason": "there is no such article"} for one in unknown]
        accepted = {key: n for key, n in accepted.items() if key[1] in known}
        if accepted:
            store.counting.give(accepted)
        further = {"further": n} if (n := len(rejected) - _MOST_FAULTS) > 0 else {}
        response = jsonify(accepted=len(accepted), rejected=rejected[:_MOST_FAULTS], **further)
        response.status = HTTPStatus.UNPROCESSABLE_ENTITY if rejected else HTTPStatus.OK
        return response

    return routes


def _refusal(authorization: str, token: str | None) -> Response | None:
    if not token:
        return _forbidden("set FEEDS_API_TOKEN where the service is started.")
    if not token.isascii() or not token.isprintable():
        return _forbidden("FEEDS_API_TOKEN may hold ASCII characters only, as headers do.")
    scheme, _, given = authorization.partition(" ")
    # compare_digest refuses text beyond ASCII, which anybody may send.
    if scheme.lower() == _BEARER and compare_digest(given.encode(), token.encode()):
        return None
    response = _told("This needs the bearer token.\n", HTTPStatus.UNAUTHORIZED)
    response.headers["WWW-Authenticate"] = 'Bearer realm="feeds"'
    return response


def _forbidden(what_to_do: str) -> Response:
    return _told(f"The write API is off: {what_to_do}\n", HTTPStatus.FORBIDDEN)


def _told(text: str, status: HTTPStatus) -> Response:
    return Response(text, status, content_type="text/plain; charset=utf-8")


def _values(body: bytes) -> list[Any] | None:
    """Read one JSON value, a list of them, or one a line; what is none comes as its error.

    None when they are more than one request may bring.
    """
    if sum(map(body.count, _SEPARATORS)) > _MOST_SEPARATORS:
        return None
    try:
        whole = json.loads(body, object_pairs_hook=_object)
    except (ValueError, RecursionError):
        lines = [line for line in body.splitlines() if line.strip()]
        return None if len(lines) > _MOST_VALUES else list(map(_value, lines))
    values = whole if isinstance(whole, list) else [whole]
    return None if len(values) > _MOST_VALUES else values


def _value(line: bytes) -> Any:
    try:
        return json.loads(line, object_pairs_hook=_object)
    except (ValueError, RecursionError) as fault:
        return fault


def _object(pairs: list[tuple[str, Any]]) -> Any:
    """Take an object's keys and values; one that has a key twice comes as its error."""
    value = dict(pairs)
    if len(value) == len(pairs):
        return value
    ((twice, _),) = Counter(key for key, _ in pairs).most_common(1)
    return _TwiceError(f"the key {quoted(twice)} is given twice")


def _given(value: object, config: Config) -> tuple[_Given, int]:
    if isinstance(value, _TwiceError):
        raise value
    if not isinstance(value, dict) or len(value) > _MOST_KEYS:
        raise ValueError(f"must look like {_EXAMPLE}")
    try:
        given = _Given.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = shorten(".".join(map(str, first["loc"]))[:400], _LONGEST_SHOWN)
        fault = first["msg"].removeprefix("Value error, ")
        raise ValueError(f"{where}: {fault}; it must look like {_EXAMPLE}") from None
    at = moment(given.hour.strip(), config.site.zone)
    if at > datetime.now(UTC):
        raise ValueError(f'hour: "{given.hour}" has not come yet')
    return given, hour_of(at)
