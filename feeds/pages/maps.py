"""Maps of the paper: sitemaps and robots.txt for search engines, OPML for feed readers."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from feeds import __version__
from feeds.catalog import article_url, document_url, feeds_of, page_url
from feeds.config import Config
from feeds.formats import render_opml, render_robots, render_sitemap, render_sitemap_index
from feeds.model import KINDS, LATEST, Difference
from feeds.pages.paper import Paper
from feeds.rendition import Draft, digest
from feeds.site import Location, News, Outline
from feeds.verify.maps import verify_opml, verify_robots, verify_sitemap

# Google's rules: developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap
_NEWS_AGE = timedelta(days=2)
_MOST_NEWS = 1_000
_TRADITIONAL = {"hant", "tw", "hk", "mo"}

_MAIN_KINDS = (LATEST.kind, "section")
_DISALLOWED = ("/staff", "/api/", "/views/", "/hub")
_XML, _TEXT, _OPML = (
    f"{each}; charset=utf-8" for each in ("application/xml", "text/plain", "text/x-opml")
)


def sitemap_index(paper: Paper) -> Draft:
    """Draft `/sitemap.xml`, which names the sitemaps and when each last changed."""
    config = paper.config
    changes = paper.store.headlines.parts(_origins(config), paper.now)
    files = [Location(f"{config.site.url}/sitemaps/{number}.xml", at) for number, at in changes]
    return _draft(_XML, render_sitemap_index, verify_sitemap, files)


def sitemap(paper: Paper, number: str) -> Draft | None:
    """Draft `/sitemaps/<number>.xml`; None if there are not so many."""
    config = paper.config
    part = paper.store.headlines.part(int(number), _origins(config), paper.now)
    locations = [Location(article_url(each, config), each.updated) for each in part]
    return _draft(_XML, render_sitemap, verify_sitemap, locations) if locations else None


def news_sitemap(paper: Paper) -> Draft:
    """Draft `/news-sitemap.xml`, which has the articles of the last two days, newest first."""
    config, now = paper.config, paper.now
    publication, language = config.site.title, _news_language(config.site.language)
    newest = paper.store.headlines.since(now - _NEWS_AGE, _origins(config), now, _MOST_NEWS)
    locations = [
        Location(
            article_url(each, config),
            each.updated,
            News(publication, language, each.published, each.title),
        )
        for each in newest
    ]
    return _draft(_XML, render_sitemap, verify_sitemap, locations)


def robots(paper: Paper) -> Draft:
    """Draft `/robots.txt`, which names the sitemaps and the paths that hold nothing to find."""
    config = paper.config
    root = urlsplit(config.site.url).path
    disallowed = [f"{root}{path}" for path in _DISALLOWED]
    sitemaps = [f"{config.site.url}/{name}" for name in ("sitemap.xml", "news-sitemap.xml")]
    return _draft(_TEXT, render_robots, verify_robots, disallowed, sitemaps)


def opml(paper: Paper, folder: str | None = None) -> Draft:
    """Draft `/feeds.opml`, or `/feeds/<folder>.opml` of the feeds of all authors or tags."""
    kinds = (KINDS[folder],) if folder else _MAIN_KINDS
    outlines = [*_outlines(paper, kinds)]
    return _draft(_OPML, render_opml, verify_opml, paper.config.site.title, outlines)


def _draft(
    media_type: str,
    render: Callable[..., bytes],
    verify: Callable[..., Sequence[Difference]],
    *data: object,
) -> Draft:
    """Draft a document of data, which it is verified with."""
    return Draft(
        media_type,
        digest(__version__, *data),
        lambda _: render(*data),
        lambda body, _: verify(body, *data),
    )


def _origins(config: Config) -> tuple[str, ...]:
    """Give the beginnings of addresses on the paper's own host: a sitemap is of one host."""
    host = urlsplit(config.site.url).netloc
    return f"https://{host}/", f"http://{host}/"


def _news_language(tag: str) -> str:
    """Give the code that Google News has for a language (BCP 47)."""
    language, *others = tag.lower().split("-")
    if language != "zh":
        return language
    return "zh-tw" if _TRADITIONAL.intersection(others) else "zh-cn"


def _outlines(paper: Paper, kinds: Sequence[str]) -> Iterator[Outline]:
    """Give the feeds of the whole paper in their order, and then the others by path.

    A reader such as newsboat shows an article only in the first feed that has it.
    """
    config, _ = paper.config, paper.templates.words.gettext
    groups = {"section": _("Sections"), "author": _("Authors"), "tag": _("Tags")}
    order = [f"{feed.path}.rss" for feed in feeds_of(LATEST, config)]
    rank = {path: number for number, path in enumerate(order)}
    statuses = paper.store.documents.statuses(*kinds)
    for status in sorted(statuses, key=lambda status: rank.get(status.path, len(rank))):
        if status.last_modified is None or not status.path.endswith(".rss"):
            continue
        yield Outline(
            text=status.title,
            xml_url=document_url(status.path, config),
            html_url=page_url(status.term, config),
            language=config.site.language,
            group=groups.get(status.term.kind, ""),
        )
