"""Documents from the web, within bounds of size and time."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urljoin

import urllib3
from urllib3.exceptions import HTTPError, MaxRetryError

from feeds import __version__
from feeds.errors import FetchError, NotFoundError
from feeds.text import one_line

_MOST_BYTES = 50_000_000
_SECONDS = 30.0
_HEADERS = {"User-Agent": f"feeds/{__version__}"}
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

    `seconds` is the limit for each wait, and for the whole body, which may come byte by byte.
    """
    end, body = time.monotonic() + seconds, bytearray()
    try:
        with urllib3.PoolManager(retries=_RETRIES, timeout=seconds) as pool:
            response = pool.request("GET", url, headers=_HEADERS, preload_content=False)
            if response.status != HTTPStatus.OK:
                fault = NotFoundError if response.status == HTTPStatus.NOT_FOUND else FetchError
                raise fault(f"the server answers {response.status} {response.reason}")
            while part := response.read1(decode_content=True):
                body += part
                if len(body) > _MOST_BYTES:
                    raise FetchError(f"it is longer than {_MOST_BYTES} bytes")
                if time.monotonic() > end:
                    raise FetchError(f"no complete response came in {seconds:g} seconds")
    except (HTTPError, ValueError) as error:
        cause = error.reason if isinstance(error, MaxRetryError) and error.reason else error
        # urllib3 puts its connection first: HTTPConnection(host='127.0.0.1', port=1): …
        raise FetchError(one_line(str(cause).rpartition("): ")[2])) from error
    for hop in response.retries.history if response.retries else ():
        url = urljoin(url, hop.redirect_location or "")
    return Fetched(url, bytes(body), response.headers)
