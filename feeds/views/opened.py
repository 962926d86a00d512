"""What a beacon or a line of an access log says."""

from typing import NamedTuple


class Opened(NamedTuple):
    """A request for an article.

    `moment` is whole seconds since 1970 UTC, `address` the client's as text, `agent` the
    User-Agent. `purpose` is what Sec-Purpose, X-Purpose and the like said; a log does not know it.
    Each text is empty where there was none. A tuple, as a View is: one is made for every request.
    """

    article_id: str
    moment: int
    address: str
    agent: str
    purpose: str = ""
