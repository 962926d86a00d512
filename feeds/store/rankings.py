"""The latest order of each ranked feed, and the articles that editors keep out of all of them."""

from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa

from feeds.model import Term
from feeds.ranking import Ranking
from feeds.store.changes import touch
from feeds.store.database import Part, upsert
from feeds.store.listings import terms_of
from feeds.store.schema import blocks, has_term, listings, rankings, seconds


@dataclass(frozen=True, slots=True)
class Block:
    """An article that an editor keeps out of all rankings: who, since when (seconds), and why."""

    article_id: str
    editor: str
    since: int
    reason: str


class Rankings(Part):
    """Orders and blocks."""

    def get(self, term: Term, window: str, rules: str = "") -> Ranking | None:
        """Give the order of a term's list; None if it was ranked by other rules than these.

        None also if it cannot be read, so that it is ranked anew.
        """
        query = sa.select(rankings).where(has_term(rankings, term), rankings.c.window == window)
        if rules:
            query = query.where(rankings.c.rules == rules)
        found = self._database.readable(query, lambda row: Ranking(tuple(row.articles), row.basis))
        return found[0] if found else None

    def save(
        self, term: Term, window: str, ranking: Ranking, rules: str, *, touching: bool
    ) -> None:
        """Store an order; `touching` marks the term of a new one."""
        if self.get(term, window, rules) == ranking:
            return
        row = {**asdict(term), **asdict(ranking), "window": window, "rules": rules}
        with self._database.writing() as connection:
            upsert(connection, rankings, [row])
            if touching:
                touch(connection, [term])

    def blocks(self) -> list[Block]:
        """List the articles that editors keep out, latest first."""
        query = sa.select(blocks).order_by(blocks.c.since.desc(), blocks.c.article_id)
        return [Block(*row) for row in self._database.rows(query)]

    def block(self, article_id: str, editor: str, reason: str, now: datetime) -> None:
        """Keep an article out of all rankings, and mark its terms for publishing."""
        block = Block(article_id, editor, seconds(now), reason)
        with self._database.writing() as connection:
            upsert(connection, blocks, [asdict(block)])
            touch(connection, terms_of(connection, listings, listings.c.article_id == article_id))

    def unblock(self, article_id: str) -> bool:
        """Let an article be ranked again; False if no editor kept it out."""
        with self._database.writing() as connection:
            gone = connection.execute(sa.delete(blocks).where(blocks.c.article_id == article_id))
            return bool(gone.rowcount)
