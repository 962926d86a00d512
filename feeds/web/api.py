"""The write API: for the paper's own systems, by bearer token (RFC 6750)."""

import json
from datetime import UTC, datetime
from hmac import compare_digest
from typing import Annotated, Any

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError
from werkzeug.datastructures import WWWAuthenticate

from feeds.config import Config
from feeds.errors import ArticleError
from feeds.importers import Id, Moment, Number, read_object
from feeds.messages import faults
from feeds.most_read import hour_of
from feeds.store import Store
from feeds.web.articles import article_routes, source_of
from feeds.web.response import problem

_MOST_VALUES = 10_000
_BEARER = WWWAuthenticate("bearer", {"realm": "feeds"})
_EXAMPLE = '{"id": "1234", "hour": "2026-03-02T09:00:00+09:00", "readers": 17}'


def _past(at: datetime) -> datetime:
    if at > datetime.now(UTC):
        raise ValueError(f"{at.isoformat()} has not come yet")
    return at


class Readers(BaseModel):
    """Readers of one article in one hour, as another system counted them."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: Id
    hour: Annotated[Moment, AfterValidator(_past)]
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
        if len(values) > _MOST_VALUES:
            abort(413, f"More than {_MOST_VALUES} values; send them in several requests.")
        accepted = dict[tuple[int, str], int]()
        rejected = list[dict[str, int | str]]()
        for number, value in enumerate(values, 1):
            try:
                given = _validated(value, config)
            except ArticleError as fault:
                rejected.append({"number": number, "reason": str(fault)})
            else:
                accepted[hour_of(given.hour), given.id] = given.readers
        ids = {article_id for _, article_id in accepted}
        unknown = ids - store.articles.known(ids)
        rejected += [{"id": one, "reason": "no article has this id"} for one in sorted(unknown)]
        accepted = {key: readers for key, readers in accepted.items() if key[1] not in unknown}
        if accepted:
            store.readers.give(accepted)
        result = {"accepted": len(accepted), "rejected": rejected}
        if not rejected:
            return result
        why = f"{len(rejected)} rejected, each with its reason; the others are stored."
        return problem("422 Unprocessable Content", why, **result)

    routes.register_blueprint(article_routes(store, config))
    return routes


def _refuse_others(authorization: str, token: str | None) -> None:
    if not token:
        abort(403, "The write API is off: set FEEDS_API_TOKEN for the service.")
    if not token.isascii() or not token.isprintable():
        abort(403, "The write API is off: FEEDS_API_TOKEN must be ASCII, as headers are.")
    if not is_bearer(authorization, token):
        abort(401, "Send the token, as in: Authorization: Bearer TOKEN", www_authenticate=_BEARER)


def is_bearer(authorization: str, token: str) -> bool:
    """Say whether the Authorization of a request shows the token."""
    scheme, _, given = authorization.partition(" ")
    return scheme.lower() == "bearer" and same_secret(given, token)


def same_secret(given: str, expected: str) -> bool:
    """Compare secrets without telling by the time it takes how much of them is right."""
    # Encoded, because compare_digest refuses text beyond ASCII.
    return compare_digest(given.encode(), expected.encode())


def _values(body: bytes) -> list[Any]:
    """Read a list of JSON values, or give one or one a line unread."""
    try:
        whole = json.loads(body)
    except (ValueError, RecursionError):
        return [line for line in body.splitlines() if line.strip()]
    return whole if isinstance(whole, list) else [body]


def _validated(value: object, config: Config) -> Readers:
    given = read_object(value) if isinstance(value, bytes) else value
    try:
        return Readers.model_validate(given, context=source_of(config))
    except ValidationError as error:
        fault = next(faults(error, Readers))
        raise ArticleError(f"{fault}; values look like {_EXAMPLE}") from None
