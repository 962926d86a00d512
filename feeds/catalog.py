"""Which feeds exist, what belongs in each, and at which URL."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

from feeds.config import Config
from feeds.model import Article, Channel, Link
from feeds.phrases import phrases
from feeds.storage import LATEST, Store, Term

_FOLDERS = {"section": "sections", "author": "authors", "tag": "tags"}
# An empty feed still needs a date; this one never changes.
_NEVER = datetime(2001, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed in all its formats.

    `path` is below `/feeds/`, without the format's extension: `sections/지역`, `most-read/3h`.
    `window` is None for a feed of the newest articles.
    """

    term: Term
    path: str
    window: str | None = None


def feeds_of(term: Term, config: Config) -> Iterator[Feed]:
    """Name the feeds that change when the articles of a term change; none of one that moved."""
    default = config.most_read.default
    if term == LATEST:
        yield Feed(term, "latest")
        yield Feed(term, "most-read", default)
        for window in config.most_read.windows:
            yield Feed(term, f"most-read/{window}", window)
        return
    path = f"{_FOLDERS[term.kind]}/{term.slug}"
    if path in config.moved:
        return
    yield Feed(term, path)
    if term.kind == "section":
        yield Feed(term, f"{path}/most-read", default)


def articles_of(feed: Feed, store: Store, config: Config, now: datetime) -> list[Article]:
    """List the articles of a feed in its order, by index alone; embargoed ones are not in it."""
    if feed.window is None:
        return store.articles.newest(feed.term, now, config.feeds.limit)
    wanted = config.most_read
    return store.articles.most_read(feed.term, now, wanted.limit, wanted.minimum_readers)


def channel_of(feed: Feed, name: str, extension: str, config: Config) -> Channel:
    """Describe a feed in one format; `name` is its term as the paper writes it."""
    site = config.site
    return Channel(
        id=f"tag:{authority(config)},2001:feeds/{quote(feed.path)}",
        title=_title(feed, name, config),
        description=_description(feed, name, config),
        link=page_url(feed.term, config),
        self_url=document_url(f"{feed.path}.{extension}", config),
        language=site.language,
        updated=_NEVER.astimezone(site.zone),
        links=hub_links(config),
        ranked=feed.window is not None,
    )


def document_url(path: str, config: Config) -> str:
    """Give the address of a document from its path below `/feeds/`."""
    return f"{config.site.url}/feeds/{quote(path)}"


def article_url(article: Article, config: Config) -> str:
    """Give the article's own address, or that of the page this service shows."""
    return article.url or f"{config.site.url}/articles/{quote(article.id, safe='')}"


def page_url(term: Term, config: Config) -> str:
    """Give the page for people that shows a term's articles."""
    return config.site.url + (f"/sections/{quote(term.slug)}" if term.kind == "section" else "/")


def folder_url(kind: str, config: Config) -> str:
    """Give the address below which the feeds of sections, authors or tags live."""
    return f"{config.site.url}/feeds/{_FOLDERS[kind]}/"


def authority(config: Config) -> str:
    """Give the paper's host, which `tag:` URIs are minted with."""
    return urlsplit(config.site.url).hostname or ""


def _title(feed: Feed, name: str, config: Config) -> str:
    say = phrases(config.site.language)
    parts = [config.site.title]
    if name:
        parts.append(name)
    if feed.window is not None and not feed.path.endswith(f"/{feed.window}"):
        parts.append(say["most read"])
    elif feed.window is not None:
        length = say[feed.window[-1]].format(feed.window[:-1])
        parts.append(say["most read in"].format(window=length))
    return " – ".join(parts)


def _description(feed: Feed, name: str, config: Config) -> str:
    kind = feed.term.kind
    if feed.window is not None:
        kind = "most read" if feed.term == LATEST else f"most read in {kind}"
    sentence = phrases(config.site.language)[f"{kind} of"]
    return sentence.format(site=config.site.title, name=name)


def hub_links(config: Config) -> tuple[Link, ...]:
    """Name the WebSub hub that announces changes of the feeds, if there is one."""
    hub = config.websub.hub
    # The built-in one is announced once it is there: a hub that does not answer is worse than none.
    return () if hub in ("none", "built-in") else (Link("hub", hub),)
