"""The page of an article."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import chain
from urllib.parse import quote, unquote, urlsplit

from feeds.catalog import article_url, feeds_of, page_url, view_path
from feeds.entries import body_of, corrected
from feeds.html import without_picture
from feeds.model import LATEST, Article
from feeds.pages.paper import Paper, Story
from feeds.rendition import Draft
from feeds.text import article_id_of

_RELATED = 4
_TAGS = 3  # whose articles are related


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The address that has what was asked for; `is_permanent` if it will never change again."""

    url: str
    is_permanent: bool = False


class Withdrawn:
    """The article was withdrawn."""


def article(paper: Paper, article_id: str) -> Draft | Elsewhere | Withdrawn | None:
    """Draft the page of an article; None if there is none, or it is under embargo.

    Raises ArticleError if feeds cannot carry the article.
    """
    found = _public(paper, article_id)
    if found is None and article_id.endswith("/"):
        found = _public(paper, article_id.rstrip("/"))
    if found is None:
        return None
    here = article_url(replace(found, url=None), paper.config)
    if found.id != article_id:
        return Elsewhere(here, is_permanent=True)
    if found.status == "withdrawn":
        return Withdrawn()
    if found.url and not _is_same(found.url, here):
        return Elsewhere(found.url)
    return _draft(paper, replace(found, url=here))


def _public(paper: Paper, article_id: str) -> Article | None:
    found = paper.store.articles.get(article_id_of(article_id))
    return found if found and found.published <= paper.now else None


def _is_same(url: str, here: str) -> bool:
    """Say whether two addresses are one, however they are written: else they redirect for ever."""
    return _place(url) == _place(here)


def _place(url: str) -> tuple[str | None, list[str]]:
    parts = urlsplit(url)
    path = unicodedata.normalize("NFC", unquote(parts.path)).casefold()
    return parts.hostname, [part for part in path.split("/") if part]


def _draft(paper: Paper, found: Article) -> Draft:
    config = paper.config
    entry, caption = paper.make(found), ""
    body = body_of(found, config)
    if entry.image:
        body, caption = without_picture(body, entry.image.url)
    entry = replace(entry, content=corrected(body, found, config))
    story = paper.story(entry, paper.store.articles.names([found.id]).get(found.id, {}))
    section = story.section.term if story.section else LATEST
    before, after = paper.store.articles.neighbours(found, section, paper.now)
    related, most_read = _related(paper, story), paper.most_read
    page = paper.page(
        entry.link,
        f"{entry.title} – {config.site.title}",
        entry.subtitle or entry.summary,
        [next(feeds_of(term, config)) for term in dict.fromkeys((section, LATEST))],
        asides=tuple(each.entry for each in (*related, *most_read)),
        article=entry,
    )
    return paper.html(
        "article.html",
        page,
        story=story,
        caption=caption,
        is_corrected=found.correction is not None,
        linked_data=_linked_data(story, paper),
        older=_neighbour(paper, before),
        newer=_neighbour(paper, after),
        related=related,
        most_read=most_read,
        list_url=page_url(section, config),
        mail_url=f"mailto:?subject={quote(entry.title)}&body={quote(entry.link)}",
        edit_url=(config.site.edit or "").replace("{id}", quote(found.id, safe="")),
        view=view_path(found, config),
    )


def _neighbour(paper: Paper, article_id: str) -> Story | None:
    ids = [article_id] if article_id else []
    return next(iter(paper.stories(paper.store.articles.listed(LATEST, ids, paper.now))), None)


def _related(paper: Paper, story: Story) -> tuple[Story, ...]:
    """List the newest articles that share one of the first tags."""
    of_tags = (paper.newest(tag.term, _RELATED + 1) for tag in story.tags[:_TAGS])
    found = {each.entry.article_id: each for each in chain.from_iterable(of_tags)}
    found.pop(story.entry.article_id, None)
    newest = sorted(found.values(), key=lambda each: each.entry.published, reverse=True)
    return tuple(newest[:_RELATED])


def _linked_data(story: Story, paper: Paper) -> Mapping[str, object]:
    """Describe an article for search engines (schema.org NewsArticle, as JSON-LD)."""
    entry, site = story.entry, paper.config.site
    authors = (
        {"@type": "Person", "name": author.name, **({"url": page.url} if page else {})}
        for author, page in zip(entry.authors, story.authors, strict=True)
    )
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": entry.title,
        "alternativeHeadline": entry.subtitle,
        "description": entry.summary,
        "datePublished": entry.published.isoformat(),
        "dateModified": entry.updated.isoformat(),
        "author": list(authors),
        "image": entry.image and entry.image.url,
        "articleSection": story.section and story.section.name,
        "keywords": [tag.name for tag in story.tags],
        "inLanguage": entry.language or site.language,
        "mainEntityOfPage": entry.link,
        "publisher": {"@type": "NewsMediaOrganization", "name": site.title, "url": site.url},
    }
    return {key: value for key, value in data.items() if value}
