"""What an answer of the application carries besides its text: validator, ages, coding, policies."""

import hashlib
from base64 import b64encode
from http import HTTPStatus
from pathlib import Path

from flask import Response, request
from markupsafe import Markup

from feeds.compress import codings, encode
from feeds.web.codings import IDENTITY, ORDER, choose

_TEMPLATES = Path(__file__).with_name("templates")
STYLE = Markup((_TEMPLATES / "page.css").read_text("utf-8"))  # noqa: S704 - our own file
"""What stands in the `<style>` of every page."""
SCRIPT = Markup((_TEMPLATES / "view.js").read_text("utf-8"))  # noqa: S704 - our own file
"""What stands in the `<script>` of an article's page."""

_A_MINUTE = "public, max-age=60"
# Shorter ones do not get smaller by more than their headers grow.
_WORTH_CODING = 500


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


# Articles show pictures, sound and players of other hosts; nothing else is to act or be asked for.
_CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'self'",
        "connect-src 'self'",
        "frame-src https:",
        "img-src http: https:",
        "media-src http: https:",
        f"script-src {_hash(SCRIPT)}",
        f"style-src {_hash(STYLE)}",
    )
)


def finish(response: Response) -> Response:
    """Add what the route left out, and answer 304 to who has the text already."""
    _add_policies(response)
    if request.path.startswith("/api/"):
        response.headers["Cache-Control"] = "private, no-store"
    elif "Cache-Control" not in response.headers:
        is_fault = response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
        response.headers["Cache-Control"] = "no-store" if is_fault else _A_MINUTE
    # A file or a feed has its validators, and is in its coding.
    if not response.direct_passthrough and "ETag" not in response.headers:
        _code(response)
    return response


def _add_policies(response: Response) -> None:
    response.headers["X-Content-Type-Options"] = "nosniff"
    if response.mimetype == "text/html":
        response.headers["Content-Security-Policy"] = _CONTENT_SECURITY_POLICY
        response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"


def _code(response: Response) -> None:
    body = response.get_data()
    if len(body) >= _WORTH_CODING:
        response.vary.add("Accept-Encoding")
    if response.status_code == HTTPStatus.OK and not response.cache_control.no_store:
        # Weak: the same one stands for the text in every coding.
        response.add_etag(weak=True)
        response.make_conditional(request)
    if len(body) < _WORTH_CODING or response.status_code == HTTPStatus.NOT_MODIFIED:
        return
    available = tuple(coding for coding in ORDER if coding in codings())
    coding = choose(request.headers.get("Accept-Encoding", ""), available)
    if coding != IDENTITY:
        response.set_data(encode(body, coding))
        response.content_encoding = coding
