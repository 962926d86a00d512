"""A running WordPress, read through its REST API, such as `https://paper.example/wp-json`.

The API lists public posts only: a post in the trash is just not there. Dates are compared in the
site's own zone, as WordPress compares them.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from urllib.parse import urlencode

from feeds.errors import FetchError
from feeds.http_client import fetch
from feeds.importers.sources import Accepted, Item, Rejected, Source
from feeds.importers.wordpress import read_post

_Post: TypeAlias = Mapping[str, Any]

_AFTER = {"modified": "modified_after", "date": "after"}
_PARAMETERS = {"per_page": 100, "order": "asc", "_embed": "author,wp:featuredmedia,wp:term"}
_OLD = datetime(1970, 1, 1)  # noqa: DTZ001 - in the site's zone
# "After" excludes the second itself, in which there may be more posts.
_SECOND = timedelta(seconds=1)
# Enough for a clock that is set back, and for scheduled posts that WordPress publishes late.
_OVERLAP = timedelta(hours=2)


def read_wordpress(address: str, source: Source, since: str | None) -> Iterator[Item]:
    """Read the posts that changed or appeared since a position; all without one.

    A position is the date of the latest change that was read; the two hours before it are read
    again. A post that did not change since does not bring back an article that was withdrawn here.
    """
    begin = datetime.fromisoformat(since) - _OVERLAP if since else None
    try:
        for post in _listed(address, "modified", begin):
            yield _read_post(post, source, since)
        # The date of the last change stays when a scheduled post appears.
        for post in _listed(address, "date", begin) if begin else ():
            if begin and post["modified"] < begin.isoformat():
                yield replace(_read_post(post, source, since), position=None)
    except FetchError as error:
        yield Rejected(0, f"cannot be read: {error}")


def _listed(address: str, by: str, after: datetime | None) -> Iterator[_Post]:
    """List posts in the order of a date, each page from the date of the last post on.

    Pages by number alone would lose a post where an edit meanwhile moves it to a page before.
    """
    number, before = 1, list[_Post]()
    while True:
        since = {_AFTER[by]: (after - _SECOND).isoformat()} if after else {}
        posts, pages = _page(address, {**_PARAMETERS, **since, "orderby": by, "page": number})
        dates = [datetime.fromisoformat(post[by]) for post in posts]
        if after and dates and dates[0] < after:
            raise FetchError(f"it does not know {_AFTER[by]}; WordPress must be 5.7 or newer")
        yield from (post for post in posts if post not in before)
        if number >= pages or not posts:
            return
        number = number + 1 if dates[-1] == after else 1
        after, before = dates[-1], posts


def _page(address: str, parameters: Mapping[str, object]) -> tuple[list[_Post], int]:
    """Get a page of posts, and the number of pages that there are."""
    fetched = fetch(f"{address.rstrip('/')}/wp/v2/posts?{urlencode(parameters)}")
    try:
        posts, pages = json.loads(fetched.body), int(fetched.headers["X-WP-TotalPages"])
        return [{**post, **_dates(post)} for post in posts], pages
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise FetchError("its response is not a list of posts with X-WP-TotalPages") from error


def _dates(post: _Post) -> dict[str, str]:
    """Give the dates that posts are listed by; one that is no date, as "-0001-11-30…", is old."""
    dates = {}
    for key in _AFTER:
        try:
            date = datetime.fromisoformat(post[key]).replace(tzinfo=None)
        except (TypeError, ValueError):
            date = _OLD
        dates[key] = date.isoformat()
    return dates


def _read_post(post: _Post, source: Source, since: str | None) -> Item:
    position = max(post["modified"], since or "")
    item = read_post(post, source) or Rejected(0, "a post has no id")
    if position == since and isinstance(item, Accepted):
        given = {key: value for key, value in item.patch.given.items() if key != "status"}
        item = replace(item, patch=replace(item.patch, given=given))
    return replace(item, position=position)
