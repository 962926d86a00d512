"""Requests to receivers, within bounds of time and size."""

from collections.abc import Mapping
from dataclasses import dataclass

import urllib3
from urllib3.exceptions import HTTPError

from feeds.connections import HEADERS, fault_of, open_pool, tls

_MOST_BYTES = 65_536
_RETRIES = urllib3.Retry(retry_after_max=86_400)


@dataclass(frozen=True, slots=True)
class Answer:
    """A response, cut after 64 KiB; `retry_after` is in seconds, 0 if it does not say."""

    status: int
    body: bytes
    retry_after: int = 0


@dataclass(frozen=True, slots=True)
class Client:
    """Makes requests, each to the URL alone: it follows no redirect, and takes no proxy.

    Without `allow_private` it calls only hosts whose addresses are all public, at ports of the web.
    """

    allow_private: bool
    seconds: float = 10.0

    def __post_init__(self) -> None:
        tls()  # here, or each of many threads would make one at first

    def request(
        self, method: str, url: str, body: bytes | None = None, headers: Mapping[str, str] = {}
    ) -> Answer:
        """Make a request; raises FetchError, whose message is one line."""
        try:
            with (
                open_pool(self.seconds, only_public=not self.allow_private) as pool,
                pool.request(
                    method,
                    url,
                    body=body,
                    headers={**HEADERS, **headers},
                    retries=False,
                    redirect=False,
                    preload_content=False,
                    decode_content=False,
                ) as response,
            ):
                body = response.read(_MOST_BYTES)
                return Answer(response.status, body, _retry_after(response))
        except (HTTPError, ValueError) as error:
            raise fault_of(error) from error


def _retry_after(response: urllib3.BaseHTTPResponse) -> int:
    """Give the seconds of a Retry-After header, a day at most; 0 if it is missing or unreadable."""
    try:
        return round(_RETRIES.get_retry_after(response) or 0)
    except (HTTPError, ValueError, OverflowError):
        return 0
