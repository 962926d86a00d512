"""Whether a client has the document already (RFC 9110, 13)."""

import re
from datetime import UTC, datetime

from werkzeug.http import parse_date, parse_etags

# What proxies that compress append to the tags they pass on: Apache `-gzip`, Jetty `--gzip`.
_CODING = re.compile(r"(--?|;)(gzip|br|zstd|deflate)$")


def names(if_none_match: str, etag: str) -> bool:
    """Say whether an If-None-Match names an entity tag, by weak comparison (13.1.2).

    Lists, `*`, strong and unquoted forms, and forms with a proxy's suffix are understood. `etag`
    is weak: `W/"…"`.
    """
    return parse_etags(if_none_match).star_tag or etag[3:-1] in opaque_tags(if_none_match)


def opaque_tags(if_none_match: str) -> frozenset[str]:
    """Give the tags that a header lists, without quotes, weakness and a proxy's suffix."""
    tags = parse_etags(if_none_match).as_set(include_weak=True)
    return frozenset(_CODING.sub("", tag) for tag in tags)


def is_current(if_modified_since: str, last_modified: int) -> bool:
    """Say whether an If-Modified-Since is at or after a time in seconds since 1970 (13.1.3).

    All three forms of an HTTP date are understood, and so is a later date than we ever sent. A
    value that is no date is ignored.
    """
    try:
        since = parse_date(if_modified_since.partition(";")[0])
    except OverflowError:  # a year or a day of twenty digits
        return False
    return since is not None and since >= datetime.fromtimestamp(last_modified, UTC)
