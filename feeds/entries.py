"""From articles as the paper stored them to the entries of a feed."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from functools import lru_cache, partial
from html import escape
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

from feeds.catalog import Feed, article_url, folder_url
from feeds.config import Config
from feeds.errors import ArticleError
from feeds.html import paragraphs, plain_text, safe_html, without_html
from feeds.html_checks import lost, overgrown
from feeds.model import Article, Attachment, Category, Entry, Image, Tombstone
from feeds.store import Store, Unreadable
from feeds.text import shorten
from feeds.translations import translations

Make = Callable[[Article], Entry]

_ENTRIES_KEPT = 2_000
_SUMMARY_GRAPHEMES = 200
# Not the mimetypes module: it reads tables of the machine, and bytes would differ with them.
_IMAGE_TYPES = {each: f"image/{each}" for each in ("avif", "gif", "jpeg", "png", "webp")}
_IMAGE_TYPES |= {"jpg": "image/jpeg", "svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Contents:
    """The entries of a feed in its order, and the articles that cannot be entries.

    `unusable` is article id → reason. `basis` is the window that a ranking was counted over in the
    end; None where nothing was counted. `tombstones` are of withdrawn articles, also in a ranked
    feed, whichever of them it had.
    """

    entries: Sequence[Entry]
    unusable: Mapping[str, str]
    basis: str | None = None
    tombstones: tuple[Tombstone, ...] = ()


def contents_of(
    feed: Feed, store: Store, config: Config, now: datetime, make: Make | None = None
) -> Contents:
    """Make entries of a feed's articles; embargoed and withdrawn articles are not among them.

    A ranked feed has the order of its last ranking, and is empty before the first.
    """
    articles, basis = _articles(feed, store, config, now)
    entries, unusable = entries_of(articles, make or entry_maker(config))
    if feed.window:
        ranks = {article.id: rank for rank, article in enumerate(articles, 1)}
        entries = [replace(entry, rank=ranks[entry.article_id]) for entry in entries]
    buried = store.articles.tombstones(feed.term, now)
    tombstones = (replace(each, when=_local(each.when, config.site.zone)) for each in buried)
    return Contents(entries, unusable, basis, tuple(tombstones))


def entries_of(
    articles: Iterable[Article | Unreadable], make: Make
) -> tuple[list[Entry], dict[str, str]]:
    """Make entries of articles; give also id → reason of those that cannot be entries."""
    entries, unusable = list[Entry](), dict[str, str]()
    for article in articles:
        if isinstance(article, Unreadable):
            unusable[article.id] = article.reason
            continue
        try:
            entries.append(make(article))
        except ArticleError as error:
            unusable[article.id] = str(error)
        except Exception as error:  # noqa: BLE001 - whatever one article does, the others go out
            unusable[article.id] = f"cannot be made an entry: {error!r}"
    return entries, unusable


def entry_maker(config: Config) -> Make:
    """Make an `entry_of` that caches its entries, for documents that share articles."""
    return lru_cache(_ENTRIES_KEPT)(partial(entry_of, config=config))


def _articles(
    feed: Feed, store: Store, config: Config, now: datetime
) -> tuple[Sequence[Article | Unreadable], str | None]:
    if feed.window is None:
        return store.articles.newest(feed.term, now, config.feeds.limit), None
    ranking = store.rankings.get(feed.term, feed.window)
    if ranking is None:
        return (), feed.window
    return store.articles.listed(feed.term, ranking.articles, now), ranking.basis


def entry_of(article: Article, config: Config) -> Entry:
    """Resolve an article: safe body, absolute URLs, the paper's time zone, always a summary.

    The subtitle leads the content too, as on the paper's page: few readers know its element.
    """
    zone = config.site.zone
    link = article_url(article, config)
    body = body_of(article, config)
    subtitle = escape(article.subtitle or "", quote=False)
    text = corrected(body, article, config)
    content = f"<h2>{subtitle}</h2>\n{text}" if subtitle else text
    return Entry(
        article_id=article.id,
        id=article.guid or "",
        link=link,
        title=article.title,
        published=_local(article.published, zone),
        updated=_local(article.updated, zone),
        summary=_summary(article, body) or article.subtitle or article.title,
        subtitle=article.subtitle,
        content=content.strip() or None if config.feeds.content == "full" else None,
        authors=tuple(replace(author, id=None) for author in article.authors),
        categories=tuple(_categories(article, config)),
        image=_image(article.image, config.site.url) if article.image else None,
        attachments=tuple(_attachment(each, config.site.url) for each in article.attachments),
        language=article.language,
        comments=article.comments,
    )


def body_of(article: Article, config: Config) -> str:
    """Give the article's body as safe HTML with absolute URLs; empty if it has none.

    Raises ArticleError if a feed cannot carry the whole body, or making it safe costs too much.
    """
    if article.body_html is None:
        body = paragraphs(article.body_text or "")
    else:
        _refuse("body_html", overgrown(article.body_html))
        base = article_url(article, config)
        body = safe_html(article.body_html, base, frozenset(config.feeds.iframe_hosts))
        _refuse("body_html", lost(article.body_html, body))
    most = config.feeds.article_kb
    if len(body.encode()) > most * 1024:
        _refuse("body", f"it is larger than {most} kB; shorten it, or raise feeds.article_kb")
    return body


def corrected(body: str, article: Article, config: Config) -> str:
    """Add the correction of an article, with its date, to the end of its body."""
    if article.correction is None:
        return body
    date = f"{_local(article.correction.at, config.site.zone):%Y-%m-%d %H:%M}"
    _ = translations(config.site.language).gettext
    heading = _("Correction ({date})").format(date=date)
    text = escape(article.correction.text, quote=False)
    return f"{body}\n<p><strong>{heading}</strong> {text}</p>".strip()


def _refuse(key: str, fault: str | None) -> None:
    if fault is not None:
        raise ArticleError(f"{key}: {fault}")


def _summary(article: Article, body: str) -> str:
    _refuse("summary", overgrown(article.summary or ""))
    return without_html(article.summary or "") or shorten(plain_text(body), _SUMMARY_GRAPHEMES)


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    """Give a moment with the offset of a zone, or in UTC while that was not whole minutes.

    Seoul was 8:27:52 ahead until 1908, which no feed format can write. A moment in the zone itself
    would equal no other in the hour that occurs twice when summer time ends (PEP 495).
    """
    offset = moment.astimezone(zone).utcoffset() or timedelta()
    return moment if offset % timedelta(minutes=1) else moment.astimezone(timezone(offset))


def _categories(article: Article, config: Config) -> Iterator[Category]:
    for kind, names in (("section", article.sections), ("tag", article.tags)):
        for name in names:
            # FreshRSS splits a category at its commas.
            yield Category(name.replace(",", "，"), folder_url(kind, config))


def _image(image: Image, site_url: str) -> Image:
    """Complete an image: its absolute URL on the paper's site, and its type by its name.

    A size of 0 stands for an unknown size.
    """
    url = _absolute(image.url, site_url)
    extension = urlsplit(url).path.rpartition(".")[2].lower()
    return replace(
        image,
        url=url,
        type=image.type or _IMAGE_TYPES.get(extension),
        length=image.length or None,
        width=image.width or None,
        height=image.height or None,
    )


def _attachment(attachment: Attachment, site_url: str) -> Attachment:
    """Complete an attachment in the same way; its type was given."""
    return replace(
        attachment,
        url=_absolute(attachment.url, site_url),
        length=attachment.length or None,
        duration=attachment.duration or None,
    )


def _absolute(url: str, site_url: str) -> str:
    return urljoin(site_url, url) if url.startswith("/") else url
