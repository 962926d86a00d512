"""What the beacon answers; each answer is made once."""

import base64
from http import HTTPStatus

from feeds.web.reply import HeaderList, Reply, line, plain, preflight

# One transparent pixel.
_GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")

_SHARED: HeaderList = [
    ("Cache-Control", "no-store"),
    ("Access-Control-Allow-Origin", "*"),
    ("X-Content-Type-Options", "nosniff"),
]
COUNTED = Reply(line(HTTPStatus.NO_CONTENT), _SHARED)
PREFLIGHT = preflight("POST", "Content-Type")
PIXEL_PREFLIGHT = preflight("GET, HEAD", "Content-Type")
PIXEL = Reply(
    line(HTTPStatus.OK),
    [*_SHARED, ("Content-Type", "image/gif"), ("Content-Length", str(len(_GIF)))],
    _GIF,
)
_NO_STORE = ("Cache-Control", "no-store")
NOT_FOUND = plain(HTTPStatus.NOT_FOUND, "There is no such article.", _NO_STORE)
POST_ONLY = plain(
    HTTPStatus.METHOD_NOT_ALLOWED,
    "A view is sent with POST, or with GET for the .gif.",
    ("Allow", "POST, OPTIONS"),
    _NO_STORE,
)
GET_ONLY = plain(
    HTTPStatus.METHOD_NOT_ALLOWED,
    "The pixel is read with GET.",
    ("Allow", "GET, HEAD, OPTIONS"),
    _NO_STORE,
)
TOO_LARGE = plain(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "A view has no body.", _NO_STORE)
UNAVAILABLE = plain(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "Views cannot be kept just now.",
    ("Retry-After", "30"),
    _NO_STORE,
)
