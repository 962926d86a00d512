"""Articles: saved in batches, found by the order of their feeds."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa

from feeds.errors import StoreFault
from feeds.model import LATEST, Article, Patch, Term, Tombstone
from feeds.store.bulk import among
from feeds.store.database import Part
from feeds.store.listings import buried, newest, terms_of
from feeds.store.metadata import get_metadata
from feeds.store.moves import moved
from feeds.store.rows import Unreadable, read_articles
from feeds.store.saving import AUTHORITY, Batch, Check, Saved
from feeds.store.schema import IS_PUBLISHED, articles, documents, listings, seconds
from feeds.store.terms import Name, find
from feeds.text import slug


class Articles(Part):
    """The articles of the paper. Times given are aware; `now` decides on embargoes.

    An article whose row cannot be read is `Unreadable` in its place, beside the others.
    """

    def save(
        self,
        patches: Iterable[Patch],
        authority: str,
        now: datetime,
        check: Check = lambda _known: None,
    ) -> list[Saved]:
        """Save patches in one transaction, in their order, and mark their terms for publishing.

        `check` sees each article as it is stored before its patch; if it raises, nothing is saved.
        The guid of a new article is minted with the host of the first article, which is
        `authority` if this is the first, unless its patch brings one that no other article has; a
        known article keeps its guid.
        """
        patches = list(patches)
        if not patches:
            return []
        with self._database.writing() as connection:
            ids = dict.fromkeys(patch.id for patch in patches)
            stored = read_articles(self._database, connection, list(ids))
            return Batch(connection, stored, authority, now).save(patches, check)

    def authority(self, host: str) -> str:
        """Give the host that ids are minted with (RFC 4151): the paper's at its first article.

        While there is no article, that is `host`.
        """
        with self._database.querying() as connection:
            return get_metadata(connection, AUTHORITY) or host

    def term(self, kind: str, name: str) -> Term:
        """Give the term of a name; the one of its slug if no article ever had that name."""
        with self._database.reading() as connection:
            found = find(connection, Name(kind, name)) or Term(kind, slug(name))
            return moved(connection).term(found)

    def get(self, article_id: str) -> Article | None:
        """Find an article by the CMS's id, withdrawn ones too; StoreFault if it is unreadable."""
        with self._database.querying() as connection:
            found = read_articles(self._database, connection, [article_id]).get(article_id)
        if isinstance(found, Unreadable):
            raise StoreFault(f"{self._database.name}: article {article_id} {found.reason}")
        return found

    def terms(self, article_id: str) -> list[Term]:
        """Give the terms that an article is listed under, also while under embargo."""
        with self._database.querying() as connection:
            return sorted(terms_of(connection, listings, listings.c.article_id == article_id))

    def names(self, ids: Collection[str]) -> dict[str, dict[Term, str]]:
        """Give, by the ids of live articles, the terms that list them and their names there."""
        columns = listings.c.article_id, listings.c.kind, listings.c.slug, listings.c.name
        query = sa.select(*columns).where(among(listings.c.article_id, ids))
        found: dict[str, dict[Term, str]] = {}
        for row in self._database.rows(query.order_by(*columns)):
            found.setdefault(row.article_id, {})[Term(row.kind, row.slug)] = row.name
        return found

    def neighbours(self, article: Article, term: Term, now: datetime) -> tuple[str, str]:
        """Give the ids of the articles of a term before and after one, by date; empty if none."""
        at, listed = seconds(article.published), listings.c.article_id
        # The index is entered at the date; no database does that for the alternatives alone.
        older = (listings.c.published < at) | (listed > article.id)
        newer = listings.c.published >= at, (listings.c.published > at) | (listed < article.id)
        before = newest(term, article.published, listed).where(older).limit(1)
        after = newest(term, now, listed).where(*newer).order_by(None)
        after = after.order_by(listings.c.published, listed.desc()).limit(1)
        return self._database.scalar(before) or "", self._database.scalar(after) or ""

    def names_and_sizes(
        self, kind: str, since: datetime, now: datetime
    ) -> dict[Term, tuple[str, int]]:
        """Give the name of each published term of a kind that has articles, by term.

        With it comes the number of its articles that were published since a moment.
        """
        of_kind = documents.c.kind == kind, IS_PUBLISHED
        slugs = sa.select(documents.c.slug).where(*of_kind).distinct().subquery()
        of_term = listings.c.kind == kind, listings.c.slug == slugs.c.slug
        visible = listings.c.published <= seconds(now)
        name = sa.select(listings.c.name).where(*of_term, visible)
        name = name.order_by(listings.c.published.desc(), listings.c.article_id).limit(1)
        recent = listings.c.published >= seconds(since)
        size = sa.select(sa.func.count()).select_from(listings).where(*of_term, recent)
        query = sa.select(slugs.c.slug, name.scalar_subquery(), size.scalar_subquery())
        rows = self._database.rows(query)
        return {Term(kind, slug): (name, size) for slug, name, size in rows if name}

    def known(self, ids: Collection[str]) -> set[str]:
        """Give those ids that belong to an article, withdrawn ones too."""
        query = sa.select(articles.c.id).where(among(articles.c.id, ids))
        return {row.id for row in self._database.rows(query)}

    def known_by_url(self, patches: Iterable[Patch]) -> dict[str, str]:
        """Give, by the ids of new articles whose url belongs to a live article, the id of that.

        An url that several live articles have tells none of them.
        """
        urls = {each.id: each.given["url"] for each in patches if each.given.get("url")}
        query = sa.select(articles.c.url, sa.func.min(articles.c.id).label("id"))
        live = among(articles.c.url, set(urls.values())), articles.c.status == "live"
        alone = query.where(*live).group_by(articles.c.url).having(sa.func.count() == 1)
        owners = {row.url: row.id for row in self._database.rows(alone)} if urls else {}
        others = {one: owners[url] for one, url in urls.items() if owners.get(url, one) != one}
        known = self.known(others) if others else set()
        return {one: other for one, other in others.items() if one not in known}

    def public(self, ids: Collection[str], now: datetime) -> set[str]:
        """Give those ids that belong to an article which readers may see: live, not embargoed."""
        with self._database.querying() as connection:
            return set(connection.scalars(_listed(LATEST, ids, now)))

    def any_hidden(self, guids: Collection[str], now: datetime) -> bool:
        """Say whether one of the articles with these guids is withdrawn, or under embargo."""
        is_hidden = (articles.c.status != "live") | (articles.c.published > seconds(now))
        of_these = sa.select(articles.c.id).where(articles.c.guid.in_(guids), is_hidden)
        return self._database.scalar(of_these.limit(1)) is not None

    def listed(self, term: Term, ids: Sequence[str], now: datetime) -> list[Article | Unreadable]:
        """Give the articles of some ids that a term lists, in that order: live, not embargoed."""
        with self._database.reading() as connection:
            live = set(connection.scalars(_listed(term, ids, now)))
            found = read_articles(self._database, connection, [one for one in ids if one in live])
        return [found[one] for one in ids if one in found]

    def newest(
        self,
        term: Term,
        now: datetime,
        limit: int,
        offset: int = 0,
        without: Collection[str] = (),
    ) -> list[Article | Unreadable]:
        """List the articles of a term's feed: live, not embargoed, newest first.

        `offset` leaves out so many of the newest; `without` leaves out articles by their ids.
        """
        query = newest(term, now, listings.c.article_id).limit(limit).offset(offset)
        if without:
            query = query.where(~among(listings.c.article_id, without))
        # The ids come from the index alone; only those of the feed are looked up as rows.
        with self._database.reading() as connection:
            ids = connection.scalars(query).all()
            found = read_articles(self._database, connection, ids)
        gone = "is listed, but its row is gone; import it again"
        return [found.get(one) or Unreadable(one, gone) for one in ids]

    def tombstones(self, term: Term, now: datetime) -> tuple[Tombstone, ...]:
        """Give the tombstones that the feeds of a term carry, the latest first."""
        with self._database.querying() as connection:
            return buried(connection, term, now)

    def name(self, term: Term, now: datetime) -> str | None:
        """Give the name of a term in its newest visible article; None if there is no such one."""
        name: str | None = self._database.scalar(newest(term, now, listings.c.name).limit(1))
        return name

    def is_empty(self) -> bool:
        """Say whether the paper has no article at all."""
        return self._database.scalar(sa.select(articles.c.id).limit(1)) is None


def _listed(term: Term, ids: Collection[str], now: datetime) -> sa.Select[str]:
    # The kind is wrapped: else SQLite reads the whole term, instead of looking articles up.
    return sa.select(listings.c.article_id).where(
        listings.c.article_id.in_(ids),
        sa.func.coalesce(listings.c.kind, "") == term.kind,
        listings.c.slug == term.slug,
        listings.c.published <= seconds(now),
    )
