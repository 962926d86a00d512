"""Documents from the web, within bounds of size and time."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urljoin

import urllib3
from urllib3.exceptions import HTTPError

from feeds.connections import HEADERS, fault_of, open_pool
from feeds.errors import FetchError, NotFoundError

_MOST_BYTES = 50_000_000
_SECONDS = 30.0
# Only redirects: another try tells nothing new, and the server would say how long to wait for it.
_RETRIES = urllib3.Retry(5, connect=0, read=0, other=0, respect_retry_after_header=False)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A response, at the URL that redirects led to; the names of its headers are in any case."""

    url: str
    body: bytes
    headers: Mapping[str, str]


def fetch(url: str, seconds: float = _SECONDS) -> Fetched:
    """Get a document; raises FetchError, whose message is one line.

    `seconds` is the limit for each response; with redirects there are several.
    """
    try:
        with (
            open_pool(seconds) as pool,
            pool.request(
                "GET", url, headers=HEADERS, retries=_RETRIES, preload_content=False
            ) as response,
        ):
            if response.status != HTTPStatus.OK:
                fault = NotFoundError if response.status == HTTPStatus.NOT_FOUND else FetchError
                raise fault(f"the server answers {response.status} {response.reason}")
            body = response.read(_MOST_BYTES + 1)
            if len(body) > _MOST_BYTES:
                raise FetchError(f"it is longer than {_MOST_BYTES} bytes")
    except (HTTPError, ValueError) as error:
        raise fault_of(error) from error
    for hop in response.retries.history if response.retries else ():
        url = urljoin(url, hop.redirect_location or "")
    return Fetched(url, body, response.headers)
