"""The pages that list articles: the front page, sections, authors, tags, and the most read."""

from collections.abc import Iterator
from itertools import chain

from feeds.catalog import (
    RISING,
    document_url,
    feeds_of,
    length_of,
    page_of,
    page_url,
    title_of,
)
from feeds.model import KINDS, LATEST, Entry, Term
from feeds.pages.paper import Named, Paper, Story
from feeds.rendition import Draft

PAGE = 20
"""The number of articles on one page of a list."""

_LATEST = 6  # on the front page, besides the lead
_OF_SECTION = 4
_RISING = 5


def front(paper: Paper) -> Draft:
    """Draft the front page: the newest article with a picture leads; none is shown twice."""
    site = paper.config.site
    newest = paper.newest(LATEST, 1 + _LATEST)
    leads = (story for story in newest if story.entry.image)
    lead = next(leads, newest[0] if newest else None)
    latest = tuple(story for story in newest if story is not lead)
    blocks = tuple(_blocks(paper, {story.entry.article_id for story in newest}))
    most_read, rising = paper.most_read, paper.ranked(LATEST, RISING, _RISING)
    of_paper, of_most_read, *_, of_rising = feeds_of(LATEST, paper.config)
    stories = [*([lead] if lead else []), *latest, *chain(*(found for _, found in blocks))]
    page = paper.page(
        page_url(LATEST, paper.config),
        site.title,
        paper.description(of_paper),
        (of_paper, of_most_read, of_rising),
        entries=_entries(*stories),
        asides=_entries(*most_read, *rising),
    )
    parts = {"lead": lead, "latest": latest, "blocks": blocks, "rising": rising}
    return paper.html("front.html", page, most_read=most_read, **parts)


def listing(paper: Paper, folder: str, slug: str, number: str | None) -> Draft | None:
    """Draft a page of a section's, an author's or a tag's list; None if it would be empty."""
    config, term, n = paper.config, Term(KINDS[folder], slug), int(number or 1)
    name = paper.name(term)
    articles = paper.store.articles.newest(term, paper.now, PAGE + 1, (n - 1) * PAGE)
    if name is None or (number is not None and (n < 2 or not articles)):  # noqa: PLR2004 - the second
        return None
    # Those that are left out have their place on their page, so that the list goes on.
    found, most_read = paper.stories(articles[:PAGE]), paper.most_read
    feeds, given = tuple(feeds_of(term, config)), paper.given.get(term)
    described = paper.description(feeds[0], name)
    page = paper.page(
        page_url(term, config, n),
        f"{name} – {config.site.title}",
        given.description if given and given.description else described,
        feeds,
        entries=_entries(*found),
        asides=_entries(*most_read),
    )
    return paper.html(
        "listing.html",
        page,
        name=name,
        stories=found,
        number=n,
        newer=page_url(term, config, n - 1) if n > 1 else "",
        older=page_url(term, config, n + 1) if len(articles) > PAGE else "",
        most_read=most_read,
        about=document_url(feeds[0].path, config),
    )


def ranked(paper: Paper, window: str | None = None) -> Draft | None:
    """Draft the page of the articles most read in a window, or of those that rise."""
    config = paper.config
    shortest, *others = (feed for feed in feeds_of(LATEST, config) if feed.window)
    by_window = {feed.window: feed for feed in [*others, shortest]}
    feed = by_window.get(window or config.most_read.default)
    if feed is None:
        return None
    stories = paper.ranked(LATEST, feed.window or "", config.most_read.limit)
    title, described = title_of(feed, "", config), paper.description(feed)
    page = paper.page(page_of(feed, config), title, described, [feed], entries=_entries(*stories))
    tabs = tuple(
        (name, length_of(name, config), page_of(by_window[name], config))
        for name in config.most_read.windows
    )
    parts = {"tabs": tabs, "window": feed.window, "about": document_url(feed.path, config)}
    return paper.html("most_read.html", page, stories=stories, **parts)


def _blocks(paper: Paper, shown: set[str]) -> Iterator[tuple[Named, tuple[Story, ...]]]:
    """Give the newest articles of each section that are not yet shown."""
    for term, section in paper.sections.items():
        found = paper.newest(term, _OF_SECTION, without=shown)
        shown |= {story.entry.article_id for story in found}
        yield section, found


def _entries(*stories: Story) -> tuple[Entry, ...]:
    return tuple(story.entry for story in stories)
