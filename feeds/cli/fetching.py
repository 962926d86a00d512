"""Getting a feed from the web as a reader does, within a time and a size."""

import threading
from concurrent.futures import Future
from http import HTTPStatus

import urllib3
from urllib3.exceptions import HTTPError, MaxRetryError, NameResolutionError

from feeds.errors import FetchError
from feeds.text import one_line

_MOST_BYTES = 50_000_000
_SECONDS = 30.0
# Only redirects: another try tells nothing new, and the server would say how long to wait for it.
_RETRIES = urllib3.Retry(5, connect=0, read=0, other=0, respect_retry_after_header=False)


def fetch(url: str, seconds: float = _SECONDS) -> tuple[bytes, str]:
    """Get a feed and its media type; raises FetchError, whose message is one line.

    `seconds` is for all of it. A thread waits for the server, since no timeout of a socket ends the
    look-up of a name, or an answer that comes byte by byte.
    """
    answer = Future[tuple[bytes, str]]()
    threading.Thread(target=_answer, args=(url, answer), daemon=True).start()
    try:
        return answer.result(seconds)
    except TimeoutError:
        raise FetchError(f"no whole answer came in {seconds:g} seconds") from None
    except (HTTPError, UnicodeError) as error:
        raise FetchError(one_line(_reason(error))) from error


def _answer(url: str, answer: Future[tuple[bytes, str]]) -> None:
    try:
        answer.set_result(_get(url))
    except Exception as error:  # noqa: BLE001 - for the thread that waits
        answer.set_exception(error)


def _get(url: str) -> tuple[bytes, str]:
    with urllib3.PoolManager(retries=_RETRIES) as pool:
        response = pool.request("GET", url, preload_content=False)
        body = response.read(_MOST_BYTES + 1, decode_content=True)
    if response.status != HTTPStatus.OK:
        raise FetchError(f"the server answers {response.status} {response.reason}")
    if len(body) > _MOST_BYTES:
        raise FetchError(f"it is longer than {_MOST_BYTES} bytes")
    return body, response.headers.get("Content-Type", "")


def _reason(error: Exception) -> str:
    cause = error.reason if isinstance(error, MaxRetryError) and error.reason else error
    if isinstance(cause, NameResolutionError):
        return "there is no such host; look at the address"
    # urllib3 puts its connection first: HTTPConnection(host='127.0.0.1', port=1): …
    return str(cause).rpartition("): ")[2]
