"""Saving: the patches of one transaction are merged into the stored articles."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from urllib.parse import quote

import sqlalchemy as sa

from feeds.errors import ArticleError
from feeds.merge import merge
from feeds.model import Article, Patch
from feeds.store.bulk import among, insert_rows
from feeds.store.changes import touch
from feeds.store.listings import bury, enlist, unlist
from feeds.store.metadata import get_metadata, save_metadata
from feeds.store.moves import moved
from feeds.store.news import note_changes
from feeds.store.rows import Stored, row_of
from feeds.store.schema import articles
from feeds.text import quoted

AUTHORITY = "authority"
"""The key of the metadata with the host that ids are minted with."""

Outcome = Literal["new", "changed", "unchanged", "rejected"]
Check = Callable[[Article | None], None]


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a patch: the article before it, and as it is stored now.

    `before` is None for a new article, `article` if the patch was rejected. `notes` name dates that
    were changed to make sense, or the reason of the rejection.
    """

    id: str
    outcome: Outcome
    before: Article | None
    article: Article | None
    notes: tuple[str, ...] = ()


def mint_guid(article_id: str, published: datetime, authority: str) -> str:
    """Make the `tag:` URI of an article (RFC 4151), from the host that first published it."""
    return f"tag:{authority},{published.date()}:{quote(article_id, safe='')}"


class Batch:
    """Stored articles, and the articles that patches turn them into, one after the other."""

    def __init__(
        self, connection: sa.Connection, stored: Stored, authority: str, now: datetime
    ) -> None:
        self._connection = connection
        self._stored = stored
        self._now = now
        self._articles = {
            key: article for key, article in stored.items() if isinstance(article, Article)
        }
        self._owners = dict[str, str]()
        known = get_metadata(connection, AUTHORITY)
        if known is None:
            save_metadata(connection, AUTHORITY, authority)
        self._host = known or authority

    def save(self, patches: Iterable[Patch], check: Check) -> list[Saved]:
        """Merge patches, write the articles that changed, and mark their terms."""
        connection = self._connection
        names = moved(connection)
        renamed = [replace(each, given=names.renamed(each.given)) for each in patches]
        self._owners = self._owners_of_guids(renamed)
        saved = [self._merge(patch, check) for patch in renamed]
        fresh = [
            row_of(article)
            for key, article in self._articles.items()
            if article != self._stored.get(key)
        ]
        changed = [row for row in fresh if row["id"] in self._stored]
        insert_rows(connection, articles, [row for row in fresh if row["id"] not in self._stored])
        if changed:
            update = sa.update(articles).where(articles.c.id == sa.bindparam("row_id"))
            connection.execute(update, [row | {"row_id": row["id"]} for row in changed])
        if fresh:
            dropped = bury(connection, changed, self._now)
            # New ones too: an article that was deleted by hand may still be listed.
            before = unlist(connection, [row["id"] for row in fresh])
            stamp = touch(connection, before | dropped | enlist(connection, fresh, names.term))
            changes = [(self._stored.get(row["id"]), self._articles[row["id"]]) for row in fresh]
            note_changes(connection, changes, stamp, self._now)
        return saved

    def _merge(self, patch: Patch, check: Check) -> Saved:
        known = self._articles.get(patch.id)
        check(known)
        try:
            article, notes = merge(patch, known, self._now)
        except ArticleError as error:
            return Saved(patch.id, "rejected", known, None, (str(error),))
        if known is None:
            guid = self._guid(article)
            if (owner := self._owners.setdefault(guid, patch.id)) != patch.id:
                reason = f"guid: {quoted(guid)} is the guid of article {owner}"
                return Saved(patch.id, "rejected", None, None, (reason,))
            article = replace(article, guid=guid)
        self._articles[article.id] = article
        outcome: Outcome = "changed" if article != known else "unchanged"
        return Saved(article.id, outcome if known else "new", known, article, notes)

    def _guid(self, article: Article) -> str:
        """Give the guid of a new article; one whose row cannot be read keeps its guid."""
        guid = article.guid
        if article.id in self._stored:
            guid = self._connection.scalar(
                sa.select(articles.c.guid).where(articles.c.id == article.id)
            )
        return guid or mint_guid(article.id, article.published, self._host)

    def _owners_of_guids(self, patches: Iterable[Patch]) -> dict[str, str]:
        """Give, by guid, the ids of the articles that have the guids of new ones already."""
        guids = {
            patch.given.get("guid") or mint_guid(patch.id, date, self._host)
            for patch in patches
            if patch.id not in self._stored
            and (date := patch.given.get("published") or patch.given.get("updated"))
        }
        query = sa.select(articles.c.guid, articles.c.id).where(among(articles.c.guid, guids))
        return {row.guid: row.id for row in self._connection.execute(query)}
