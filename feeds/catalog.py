"""Which feeds exist, how each describes itself, and at which URL everything is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

from feeds.config import Config
from feeds.model import FOLDERS, KINDS, LATEST, Article, Channel, Link, Term
from feeds.ranking import EVER
from feeds.store import Headline, News
from feeds.translations import translations

RISING = "rising"

# An empty feed still needs a date; this one never changes.
_NEVER = datetime(2001, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed in all its formats.

    `path` is below `/feeds/`, without the format's extension: `sections/지역`, `most-read/3h`.
    `window` is None for a feed of the newest articles, and `RISING` for the feed of what rises.
    """

    term: Term
    path: str
    window: str | None = None


def feeds_of(term: Term, config: Config) -> Iterator[Feed]:
    """Name the feeds that change when the articles of a term change; a moved term has none."""
    default = config.most_read.default
    if term == LATEST:
        yield Feed(term, "latest")
        yield Feed(term, "most-read", default)
        for window in config.most_read.windows:
            yield Feed(term, f"most-read/{window}", window)
        yield Feed(term, "rising", RISING)
        return
    path = term.path
    if term.kind not in FOLDERS or path in config.moved:
        return
    yield Feed(term, path)
    if term.kind == "section":
        yield Feed(term, f"{path}/most-read", default)


def feed_at(path: str, config: Config) -> Feed | None:
    """Find a feed by its path; None if there is no such one."""
    folder, _, rest = path.partition("/")
    kind = KINDS.get(folder)
    term = Term(kind, rest.partition("/")[0]) if kind and rest else LATEST
    return next((feed for feed in feeds_of(term, config) if feed.path == path), None)


def feed_path(path: str) -> str:
    """Give the path of the feed that a document is of."""
    return path.rpartition(".")[0]


def channel_of(  # noqa: PLR0913 - what the store knows of a feed
    feed: Feed,
    name: str,
    extension: str,
    config: Config,
    basis: str | None = None,
    *,
    host: str | None = None,
    slug: str | None = None,
) -> Channel:
    """Describe a feed in one format; `name` is its term as the paper writes it.

    `basis` is as in `Contents`. The feed's id has the host that the store mints ids with, by
    default the site's, and the `slug` that its term first had, by default the present one.
    """
    site = config.site
    first = feed.path if slug is None else feed.path.replace(f"/{feed.term.slug}", f"/{slug}", 1)
    return Channel(
        id=f"tag:{host or authority(config)},2001:feeds/{quote(first)}",
        title=title_of(feed, name, config),
        description=description_of(feed, name, basis, config),
        link=page_of(feed, config),
        self_url=document_url(f"{feed.path}.{extension}", config),
        language=site.language,
        updated=_NEVER.astimezone(site.zone),
        author=site.title,
        about=document_url("about", config),
        links=hub_links(config),
        ranked=feed.window is not None,
        icon=site.icon,
        logo=site.logo,
    )


def document_url(path: str, config: Config) -> str:
    """Give the address of a document, or of the page about a feed, from its path."""
    return f"{config.site.url}/feeds/{quote(path)}"


def article_url(article: Article | Headline | News, config: Config) -> str:
    """Give the article's own address, or the address of the page that this service shows."""
    return article.url or f"{config.site.url}/articles/{quote(article.id, safe='')}"


def view_path(article: Article, config: Config) -> str:
    """Give the path that a page on our own host posts a view of an article to."""
    return f"{urlsplit(config.site.url).path}/views/{quote(article.id, safe='')}"


def page_url(term: Term, config: Config, number: int = 1) -> str:
    """Give the page for people that shows a term's articles, or a further page of that list."""
    further = f"/{number}" if number > 1 else ""
    return f"{config.site.url}/{'' if term == LATEST else quote(term.path)}{further}"


def page_of(feed: Feed, config: Config) -> str:
    """Give the page for people that shows the articles of a feed."""
    if feed.term == LATEST and feed.window:
        return f"{config.site.url}/{'most-read/' * (feed.window == RISING)}{quote(feed.path)}"
    return page_url(feed.term, config)


def folder_url(kind: str, config: Config) -> str:
    """Give the address below which the feeds of sections, authors or tags live."""
    return f"{config.site.url}/feeds/{FOLDERS[kind]}/"


def hub_links(config: Config) -> tuple[Link, ...]:
    """Name the WebSub hubs that announce changes of the feeds."""
    ours = (hub_url(config),) if config.websub.has_hub else ()
    return tuple(Link("hub", url) for url in (*ours, *config.websub.others))


def hub_url(config: Config) -> str:
    """Give the address of our own hub."""
    return f"{config.site.url}/hub"


def authority(config: Config) -> str:
    """Give the paper's host, which its first article's `tag:` URI is minted with (RFC 4151)."""
    return urlsplit(config.site.url).hostname or ""


def title_of(feed: Feed, name: str, config: Config) -> str:
    """Give the title of a feed, in the paper's language."""
    _ = translations(config.site.language).gettext
    if feed.window is None:
        ranked = ""
    elif feed.window == RISING:
        ranked = _("Rising")
    elif feed.path.endswith(f"/{feed.window}"):
        ranked = _("Most read ({window})").format(window=length_of(feed.window, config))
    else:
        ranked = _("Most read")
    return " – ".join(filter(None, (config.site.title, name, ranked)))


def description_of(feed: Feed, name: str, basis: str | None, config: Config) -> str:
    """Describe a feed: which articles it has, and how a ranked one is counted."""
    _ = translations(config.site.language).gettext
    if feed.window == RISING:
        sentence = _(
            "Articles of {site} with far more readers in the last 3 hours than usual at this time"
            " of the week. A reader counts once a day for each article."
        )
    elif feed.window:
        of_paper = _("The most read articles of {site}, by number of readers.")
        of_section = _("The most read articles of {site} in {name}, by number of readers.")
        sentence = of_paper if feed.term == LATEST else of_section
    else:
        sentence = {
            "latest": _("The latest articles of {site}."),
            "section": _("The latest articles of {site} in {name}."),
            "author": _("Articles in {site} by {name}."),
            "tag": _("Articles in {site} about {name}."),
        }[feed.term.kind]
    described = sentence.format(site=config.site.title, name=name)
    if feed.window in (None, RISING):
        return described
    return _("{feed} {counted} {readers}").format(
        feed=described,
        counted=_counted(feed.window, basis, config),
        readers=_("A reader counts once a day for each article; robots and reloads do not count."),
    )


def _counted(window: str, basis: str | None, config: Config) -> str:
    """Say over which time readers were counted; `basis` is as in `Contents`."""
    _, length = translations(config.site.language).gettext, length_of(window, config)
    if basis in (None, window):
        return _("Ranked by readers in the last {window}.").format(window=length)
    if basis == EVER:
        return _(
            "Too few articles were read in the last {window}; ranked by readers over a longer time,"
            " including those from before this count began."
        ).format(window=length)
    return _(
        "Too few articles were read in the last {window}; ranked by readers in the last {basis}."
    ).format(window=length, basis=length_of(basis, config))


def length_of(window: str, config: Config) -> str:
    """Say how long a window is, in the paper's language."""
    ngettext, n = translations(config.site.language).ngettext, int(window[:-1])
    if window.endswith("h"):
        return ngettext("{n} hour", "{n} hours", n).format(n=n)
    return ngettext("{n} day", "{n} days", n).format(n=n)
