"""The articles that changed, in the order in which webhooks and search engines are told of them.

A change is noted in the transaction of its save, and announced once the feeds of the article are
published, so that a receiver finds there what it is told of. The log of announced articles has each
article once, with its last change: the newest version supersedes those that nobody was told of.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from feeds.model import LATEST, Article
from feeds.store.bulk import among
from feeds.store.changes import released
from feeds.store.database import Part, Row, merge_rows, upsert
from feeds.store.metadata import get_metadata, save_metadata
from feeds.store.rows import Unreadable
from feeds.store.schema import (
    announced,
    articles,
    has_term,
    listings,
    seconds,
    tombstones,
    touched,
    unannounced,
)

_WANTED = "news is wanted"
_MOST_AT_ONCE = 500
_OLD = timedelta(days=2)
_ANY = sa.select(unannounced.c.article_id).limit(1)  # made once: the outbox asks all day
_IS_OF = articles.c.id == announced.c.article_id


@dataclass(frozen=True, slots=True)
class News:
    """An announced article, with its id and address, which are told even when it is gone.

    `stamp` is in microseconds since 1970, and grows from one announcement to the next; `first` is
    the stamp at which it became public, 0 if the log has lost it. `is_embargoed` if it is under
    embargo again.
    """

    id: str
    stamp: int
    first: int
    guid: str
    url: str | None
    is_embargoed: bool


def note_changes(
    connection: sa.Connection,
    changes: Iterable[tuple[Article | Unreadable | None, Article]],
    stamp: int,
    now: datetime,
) -> None:
    """Note articles that a save changed, before and after, within its transaction.

    `stamp` is that of the touch of their terms.
    """
    if not get_metadata(connection, _WANTED):
        return
    rows = [
        {"article_id": after.id, "stamp": stamp, **_state(before, after, now)}
        for before, after in changes
        if _is_news(before, after, now)
    ]
    # What readers could see before the first of several changes stays.
    merge_rows(connection, unannounced, rows, stamp="new", due="least")


def _is_news(before: Article | Unreadable | None, after: Article, now: datetime) -> bool:
    """Say whether a change is news; a new number of comments or views is not.

    An article that is new here and older than two days comes from an archive, and is no news.
    """
    if isinstance(before, Article):
        return replace(before, comments=after.comments, views=after.views) != after
    return before is None and after.published >= now - _OLD


def _state(before: Article | Unreadable | None, after: Article, now: datetime) -> dict[str, int]:
    """Say whether readers could see an article before, and until when it is under embargo."""
    was_public = isinstance(before, Article) and before.status == "live" and before.published <= now
    is_embargoed = not was_public and after.status == "live" and after.published > now
    due = seconds(after.published) if is_embargoed else 0
    return {"was_public": int(was_public), "due": due}


class Announcements(Part):
    """The log of announced articles. Only the holder of the pushing lock writes."""

    def want(self, *, wanted: bool) -> None:
        """Say whether anyone is told of news; if not, saves note no changes.

        Articles that are under embargo now were perhaps saved when nobody wanted news.
        """
        columns = listings.c.article_id, sa.literal(0), sa.literal(0), listings.c.published
        is_embargoed = has_term(listings, LATEST), listings.c.published > int(time.time())
        with self._database.writing() as connection:
            save_metadata(connection, _WANTED, "yes" if wanted else "")
            if wanted:
                merge_rows(connection, unannounced, sa.select(*columns).where(*is_embargoed))
            else:
                connection.execute(sa.delete(unannounced))

    def announce(self, now: datetime) -> None:
        """Announce the articles whose feeds were published since they changed."""
        with self._database.reading() as connection:
            is_any = connection.execute(_ANY).first()
            if not is_any or not connection.execute(_ready(connection).limit(1)).first():
                return
        with self._database.writing() as connection:
            _announce(connection, connection.execute(_ready(connection)).all(), now)

    def after(self, position: int, limit: int, now: datetime) -> list[News]:
        """List the announcements after a stamp, in their order."""
        is_later = articles.c.published > seconds(now)
        is_embargoed = sa.and_(articles.c.status == "live", is_later)
        columns = *announced.c, articles.c.guid, articles.c.url, is_embargoed
        query = sa.select(*columns).join_from(announced, articles, _IS_OF)
        query = query.where(announced.c.stamp > position).order_by(announced.c.stamp)
        return [News(*row) for row in self._database.rows(query.limit(limit))]

    def forget(self, before: datetime) -> None:
        """Forget old announcements, but never the last: stamps have to grow."""
        old = int(before.timestamp() * 1e6)
        with self._database.writing() as connection:
            latest = latest_stamp(connection)
            is_old = announced.c.stamp < min(old, latest)
            connection.execute(sa.delete(announced).where(is_old))


def latest_stamp(connection: sa.Connection) -> int:
    """Give the stamp of the last announcement; 0 before the first."""
    return connection.scalar(sa.select(sa.func.max(announced.c.stamp))) or 0


def _ready(connection: sa.Connection) -> sa.Select[Any]:
    """Select, of the latest changes, those that the feeds of their articles show by now.

    No article under embargo is among them. A term that could not be published is not waited for.
    """
    is_out = unannounced.c.due <= released(connection)
    order = unannounced.c.due, unannounced.c.stamp.desc(), unannounced.c.article_id
    latest = sa.select(unannounced).where(is_out).order_by(*order).limit(_MOST_AT_ONCE).subquery()
    is_shown = (_waiting(table, latest).is_(None) for table in (listings, tombstones))
    query = sa.select(latest.c.article_id, latest.c.was_public).where(*is_shown)
    return query.order_by(latest.c.stamp, latest.c.article_id)


def _waiting(table: sa.Table, change: sa.Subquery) -> sa.ScalarSelect[int]:
    """Find a term of a changed article, in a table, that was not published since the change.

    It is looked up for each change: for EXISTS, PostgreSQL reads all listings.
    """
    waiting = sa.select(touched.c.stamp).where(
        table.c.article_id == change.c.article_id,
        touched.c.kind == table.c.kind,
        touched.c.slug == table.c.slug,
        touched.c.stamp >= change.c.stamp,
        sa.func.coalesce(touched.c.published, 0) < change.c.stamp,
    )
    return waiting.limit(1).scalar_subquery()


def _announce(connection: sa.Connection, changes: Sequence[Row], now: datetime) -> None:
    """Move changes to the log, without those of articles that readers neither saw nor see now.

    An article that was put under embargo again is announced once more when that ends.
    """
    ids = [change.article_id for change in changes]
    connection.execute(sa.delete(unannounced).where(among(unannounced.c.article_id, ids)))
    live = sa.select(articles.c.id, articles.c.published).where(articles.c.status == "live")
    found = connection.execute(live.where(among(articles.c.id, ids)))
    dates = {row.id: row.published for row in found}
    public = {one for one, date in dates.items() if date <= now.timestamp()}
    told = [each for each in changes if each.was_public or each.article_id in public]
    upsert(connection, announced, _logged(connection, told))
    embargoed = [
        {"article_id": one, "was_public": 0, "stamp": 0, "due": dates[one]}
        for one in dates.keys() - public
    ]
    upsert(connection, unannounced, embargoed)


def _logged(connection: sa.Connection, changes: Sequence[Row]) -> list[dict[str, Any]]:
    """Give changes the next stamps, in their order."""
    known = sa.select(announced.c.article_id, announced.c.first)
    of_these = among(announced.c.article_id, [change.article_id for change in changes])
    firsts = {row.article_id: row.first for row in connection.execute(known.where(of_these))}
    next_stamp = max(latest_stamp(connection) + 1, time.time_ns() // 1000)
    return [
        {
            "article_id": change.article_id,
            "stamp": stamp,
            "first": firsts.get(change.article_id, 0) if change.was_public else stamp,
        }
        for stamp, change in enumerate(changes, next_stamp)
    ]
