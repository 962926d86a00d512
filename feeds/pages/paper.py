"""The articles of a paper at one moment, as its pages show them."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from feeds import __version__
from feeds.catalog import (
    Feed,
    description_of,
    document_url,
    feeds_of,
    folder_url,
    page_url,
    title_of,
)
from feeds.config import Config, Section
from feeds.entries import Make, entries_of
from feeds.formats import FORMATS
from feeds.model import FOLDERS, LATEST, Article, Entry, Link, Term
from feeds.pages.templates import ASSETS, Templates
from feeds.publish import name_of
from feeds.rendition import Draft, digest
from feeds.site import WebPage
from feeds.store import Store, Unreadable
from feeds.verify.page import verify_page

HTML = "text/html; charset=utf-8"

_ASIDE = 10
_DAYS_OF_SIZE = 30  # a section is as large as the number of its articles in so many days


class Named(NamedTuple):
    """A section, author or tag, and the address of its page."""

    name: str
    url: str
    term: Term


@dataclass(frozen=True, slots=True)
class Story:
    """An article as pages list it, without its content.

    `authors` are the pages of the entry's authors, in their order; None where there is none.
    """

    entry: Entry
    section: Named | None
    authors: tuple[Named | None, ...]
    tags: tuple[Named, ...]


@dataclass(frozen=True)
class Paper:
    """What pages are made from; `now` decides on embargoes."""

    store: Store
    config: Config
    templates: Templates
    make: Make
    now: datetime

    def page(
        self, url: str, title: str, description: str, feeds: Iterable[Feed] = (), **parts: Any
    ) -> WebPage:
        """Describe a page that names some feeds; `parts` are as in `WebPage`."""
        alternates = tuple(self._alternates(feeds))
        return WebPage(url, title, description, self.config.site.language, alternates, **parts)

    def html(self, template: str, page: WebPage, **parts: object) -> Draft:
        """Draft a page; `parts` are the template's variables besides the page itself."""
        parts = {"page": page, "sections": tuple(self.sections.values()), **parts}
        return Draft(
            HTML,
            digest(__version__, self.config.site, self.templates.digest, sorted(parts.items())),
            lambda _: self.templates.render(template, **parts),
            lambda body, _: verify_page(body, page),
            title=page.title,
            guids=tuple(entry.id for entry in (*page.entries, *page.asides)),
        )

    def asset(self, name: str) -> Draft:
        """Draft a file that pages load: the style, or the script."""
        body = self.templates.asset(name)
        media_type = f"{ASSETS[name]}; charset=utf-8"
        return Draft(media_type, digest(body), lambda _: body, lambda *_: ())

    def newest(
        self, term: Term, limit: int, offset: int = 0, without: Collection[str] = ()
    ) -> tuple[Story, ...]:
        """List the newest articles of a term, without those of some ids."""
        return self.stories(self.store.articles.newest(term, self.now, limit, offset, without))

    def ranked(self, term: Term, window: str, limit: int) -> tuple[Story, ...]:
        """List the most-read articles of a term in a window, by rank."""
        ranking = self.store.rankings.get(term, window)
        ids = ranking.articles[:limit] if ranking else ()
        stories = self.stories(self.store.articles.listed(term, ids, self.now))
        return tuple(
            replace(story, entry=replace(story.entry, rank=rank))
            for rank, story in enumerate(stories, 1)
        )

    def stories(self, articles: Collection[Article | Unreadable]) -> tuple[Story, ...]:
        """Make stories of articles; those that feeds cannot carry are left out here, too."""
        entries, _ = entries_of(articles, self.make)
        names = self.store.articles.names([entry.article_id for entry in entries])
        teasers = (replace(entry, content=None, attachments=()) for entry in entries)
        return tuple(self.story(entry, names.get(entry.article_id, {})) for entry in teasers)

    def story(self, entry: Entry, names: Mapping[Term, str]) -> Story:
        """Make a story of an entry and the terms that list it, with their names there."""
        known = {
            (term.kind, _category(name)): self.named(term, name) for term, name in names.items()
        }
        kinds = {folder_url(kind, self.config): kind for kind in FOLDERS}
        keys = [(kinds[each.scheme], each.term) for each in entry.categories]
        found = [known[key] for key in keys if key in known]
        return Story(
            entry,
            next((each for each in found if each.term.kind == "section"), None),
            tuple(known.get(("author", _category(one.name))) for one in entry.authors),
            tuple(each for each in found if each.term.kind == "tag"),
        )

    def named(self, term: Term, name: str) -> Named:
        """Give a term's name, or the title that the config has for a section, and its page."""
        given = self.given.get(term)
        return Named(given.title or name if given else name, page_url(term, self.config), term)

    def name(self, term: Term) -> str | None:
        """Give the name of a term that has an article or a feed; None if there is no such one."""
        if term == LATEST or not any(feeds_of(term, self.config)):  # it was moved in a circle
            return None
        if term in self.sections:
            return self.sections[term].name
        found = name_of(term, self.store, self.config, self.now)
        return self.named(term, found).name if found else None

    def description(self, feed: Feed, name: str = "") -> str:
        """Describe a feed, and how it was ranked in fact; `name` is its term's."""
        ranking = self.store.rankings.get(feed.term, feed.window) if feed.window else None
        return description_of(feed, name, ranking.basis if ranking else None, self.config)

    @cached_property
    def most_read(self) -> tuple[Story, ...]:
        """List the most-read articles of the whole paper, as pages have them beside others."""
        return self.ranked(LATEST, self.config.most_read.default, _ASIDE)

    @cached_property
    def sections(self) -> Mapping[Term, Named]:
        """List the sections that have articles: those of the config in its order, then by size."""
        midnight = self.now.astimezone(self.config.site.zone).replace(hour=0, minute=0, second=0)
        since = midnight - timedelta(days=_DAYS_OF_SIZE)
        found = self.store.articles.names_and_sizes("section", since, self.now)
        order = {term: n for n, term in enumerate(self.given)}

        def place(term: Term) -> tuple[int, int, str]:
            return order.get(term, len(order)), -found[term][1], term.slug

        return {term: self.named(term, found[term][0]) for term in sorted(found, key=place)}

    @cached_property
    def given(self) -> Mapping[Term, Section]:
        """Give what the config says of sections, in its order."""
        return {Term("section", one.slug): one for one in self.config.sections}

    def _alternates(self, feeds: Iterable[Feed]) -> Iterator[Link]:
        """Name feeds in every format, for the `<link>` elements of a page."""
        for feed in feeds:
            title = title_of(feed, self.name(feed.term) or "", self.config)
            for extension, form in FORMATS.items():
                url = document_url(f"{feed.path}.{extension}", self.config)
                media_type = form.media_type.partition(";")[0]
                yield Link("alternate", url, media_type, f"{title} ({form.name})")


def _category(name: str) -> str:
    """Give a name as the categories of entries have it."""
    return name.replace(",", "，")
