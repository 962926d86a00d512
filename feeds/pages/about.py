"""The pages about feeds: what each has, and how to subscribe to it."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import quote

from feeds.catalog import (
    document_url,
    feed_at,
    feeds_of,
    hub_links,
    page_of,
    title_of,
)
from feeds.formats import FORMATS
from feeds.model import LATEST, Term
from feeds.pages.paper import Paper
from feeds.rendition import Draft

_NEWEST = 5
_MOST = 200  # feeds of authors or of tags on one page; the search finds the others
_READERS = {
    "Feedly": "https://feedly.com/i/subscription/feed%2F{}",
    "Inoreader": "https://www.inoreader.com/?add_feed={}",
    "Feedbin": "https://feedbin.com/?subscribe={}",
    "NewsBlur": "https://www.newsblur.com/?url={}",
    "The Old Reader": "https://theoldreader.com/feeds/subscribe?url={}",
}


class Listed(NamedTuple):
    """A feed in a list: its title without the paper's, the page about it, its address as RSS."""

    title: str
    about: str
    url: str


def one_feed(paper: Paper, path: str) -> Draft | None:
    """Draft the page about a feed; None if there is no such one."""
    config, feed = paper.config, feed_at(path, paper.config)
    if feed is None or (feed.term != LATEST and paper.name(feed.term) is None):
        return None
    name, window = paper.name(feed.term) or "", feed.window
    stories = (
        paper.ranked(feed.term, window, _NEWEST) if window else paper.newest(feed.term, _NEWEST)
    )
    document = paper.store.documents.get(f"{path}.rss")
    addresses = {
        form.name: document_url(f"{path}.{extension}", config)
        for extension, form in FORMATS.items()
    }
    quoted = quote(document_url(f"{path}.rss", config), safe="")
    page = paper.page(
        document_url(path, config),
        title_of(feed, name, config),
        paper.description(feed, name),
        [feed],
        entries=tuple(story.entry for story in stories),
    )
    return paper.html(
        "feed.html",
        page,
        stories=stories,
        addresses=addresses,
        readers={reader: url.format(quoted) for reader, url in _READERS.items()},
        pace=document.pace if document else None,
        is_pushed=bool(hub_links(config)),
        list_url=page_of(feed, config),
    )


def all_feeds(paper: Paper, text: str = "") -> Draft:
    """Draft the page of all feeds whose titles have a text."""
    config, _ = paper.config, paper.templates.words.gettext
    documents = paper.store.documents
    found = {
        _("The whole paper"): [(LATEST, "")],
        _("Sections"): [(term, section.name) for term, section in paper.sections.items()],
        _("Authors"): documents.names("author", f"{config.site.title} – ", text, _MOST),
        _("Tags"): documents.names("tag", f"{config.site.title} – ", text, _MOST),
    }
    groups = {heading: tuple(_listed(paper, terms, text)) for heading, terms in found.items()}
    title = f"{_('All feeds')} – {config.site.title}"
    page = paper.page(document_url("", config), title, title)
    lists = tuple((heading, listed) for heading, listed in groups.items() if listed)
    return paper.html("feeds.html", page, groups=lists, text=text, most=_MOST)


def _listed(paper: Paper, terms: Iterable[tuple[Term, str]], text: str) -> Iterator[Listed]:
    """List the feeds of terms with these names whose titles have a text."""
    config, _ = paper.config, paper.templates.words.gettext
    for term, name in terms:
        for feed in feeds_of(term, config):
            title = title_of(feed, name, config).removeprefix(config.site.title)
            title = title.removeprefix(" – ") or _("Latest")
            if text.casefold() in title.casefold():
                url = document_url(f"{feed.path}.rss", config)
                yield Listed(title, document_url(feed.path, config), url)
