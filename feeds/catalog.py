"""Which feeds exist, what belongs in each, and at which URL."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

from feeds.config import Config
from feeds.model import FOLDERS, LATEST, Article, Channel, Link, Term
from feeds.phrases import phrases
from feeds.ranking import EVER
from feeds.store import Store, Unreadable

# An empty feed still needs a date; this one never changes.
_NEVER = datetime(2001, 1, 1, tzinfo=UTC)


RISING = "rising"


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed in all its formats.

    `path` is below `/feeds/`, without the format's extension: `sections/지역`, `most-read/3h`.
    `window` is None for a feed of the newest articles; a ranked feed has one, or is `RISING`.
    """

    term: Term
    path: str
    window: str | None = None


@dataclass(frozen=True, slots=True)
class Contents:
    """The articles of a feed in its order; `basis` is the window that a ranking counted in fact."""

    articles: Sequence[Article | Unreadable]
    basis: str | None = None


def feeds_of(term: Term, config: Config) -> Iterator[Feed]:
    """Name the feeds that change when the articles of a term change; none of one that moved."""
    default = config.most_read.default
    if term == LATEST:
        yield Feed(term, "latest")
        yield Feed(term, "most-read", default)
        for window in config.most_read.windows:
            yield Feed(term, f"most-read/{window}", window)
        yield Feed(term, "rising", RISING)
        return
    path = f"{FOLDERS[term.kind]}/{term.slug}"
    if path in config.moved:
        return
    yield Feed(term, path)
    if term.kind == "section":
        yield Feed(term, f"{path}/most-read", default)


def contents_of(feed: Feed, store: Store, config: Config, now: datetime) -> Contents:
    """List the articles of a feed in its order; embargoed and withdrawn ones are not in it.

    A ranked feed has the order it was last given, empty if it never was.
    """
    if feed.window is None:
        return Contents(store.articles.newest(feed.term, now, config.feeds.limit))
    ranking = store.rankings.get(feed.term, feed.window)
    if ranking is None:
        return Contents((), feed.window)
    return Contents(store.articles.listed(feed.term, ranking.articles, now), ranking.basis)


def channel_of(  # noqa: PLR0913 - name, basis and host are what the store knows of a feed
    feed: Feed,
    name: str,
    extension: str,
    config: Config,
    basis: str | None = None,
    *,
    host: str | None = None,
) -> Channel:
    """Describe a feed in one format; `name` is its term as the paper writes it.

    `basis` is the window that a ranking counted in fact. `host` is the one that the store's ids are
    minted with, where that may be another than the site's.
    """
    site = config.site
    return Channel(
        id=f"tag:{host or authority(config)},2001:feeds/{quote(feed.path)}",
        title=_title(feed, name, config),
        description=_description(feed, name, basis, config),
        link=page_url(feed.term, config),
        self_url=document_url(f"{feed.path}.{extension}", config),
        language=site.language,
        updated=_NEVER.astimezone(site.zone),
        author=site.title,
        about=document_url("about", config),
        links=hub_links(config),
        ranked=feed.window is not None,
        icon=site.icon_url,
        logo=site.logo_url,
    )


def document_url(path: str, config: Config) -> str:
    """Give the address of a document from its path below `/feeds/`."""
    return f"{config.site.url}/feeds/{quote(path)}"


def article_url(article: Article, config: Config) -> str:
    """Give the article's own address, or that of the page this service shows."""
    return article.url or f"{config.site.url}/articles/{quote(article.id, safe='')}"


def view_path(article: Article, config: Config) -> str:
    """Give where a page on our own host says that a reader opened an article."""
    return f"{urlsplit(config.site.url).path}/views/{quote(article.id, safe='')}"


def page_url(term: Term, config: Config) -> str:
    """Give the page for people that shows a term's articles."""
    return config.site.url + (f"/sections/{quote(term.slug)}" if term.kind == "section" else "/")


def folder_url(kind: str, config: Config) -> str:
    """Give the address below which the feeds of sections, authors or tags live."""
    return f"{config.site.url}/feeds/{FOLDERS[kind]}/"


def authority(config: Config) -> str:
    """Give the paper's host, which its first article's `tag:` URI is minted with (RFC 4151)."""
    return urlsplit(config.site.url).hostname or ""


def _title(feed: Feed, name: str, config: Config) -> str:
    say = phrases(config.site.language)
    parts = [config.site.title]
    if name:
        parts.append(name)
    if feed.window == RISING:
        parts.append(say["rising"])
    elif feed.window is not None and not feed.path.endswith(f"/{feed.window}"):
        parts.append(say["most read"])
    elif feed.window is not None:
        parts.append(say["most read in"].format(window=_length(feed.window, config)))
    return " – ".join(parts)


def _description(feed: Feed, name: str, basis: str | None, config: Config) -> str:
    say = phrases(config.site.language)
    kind = feed.term.kind
    if feed.window == RISING:
        return say["rising of"].format(site=config.site.title)
    if feed.window is None:
        return say[f"{kind} of"].format(site=config.site.title, name=name)
    sentence = say["most read of" if feed.term == LATEST else f"most read in {kind} of"]
    how = {None: "counted", feed.window: "counted", EVER: "counted ever"}.get(basis, "widened")
    return " ".join(
        (
            sentence.format(site=config.site.title, name=name),
            say[how].format(
                window=_length(feed.window, config), basis=_length(basis or "", config)
            ),
            say["readers"],
        )
    )


def _length(window: str, config: Config) -> str:
    """Say how long a window is, in the paper's language."""
    say = phrases(config.site.language)
    return say.get(window) or say.get(window[-1:], "").format(window[:-1])


def hub_links(config: Config) -> tuple[Link, ...]:
    """Name the WebSub hub that announces changes of the feeds, if there is one."""
    hub = config.websub.hub
    # The built-in one is announced once it is there: a hub that does not answer is worse than none.
    return () if hub in ("none", "built-in") else (Link("hub", hub),)
