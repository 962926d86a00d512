"""The same feeds, written as users of other libraries write them; nothing is checked or stored.

They get entries whose bodies are safe already. Each document carries title, link, id, dates,
summary, full content, authors, categories and picture, as far as the library has a place for them.
Subtitle, credit, comment count, language and `atom:updated` in RSS, which only ours have, are left
out; so is a second author with Django, which takes one, and the picture in feedgen's Atom, where
clients would take it for the article's link.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from django.conf import settings
from django.utils import feedgenerator
from feedgen.feed import FeedGenerator

from feeds.model import Channel, Entry

Write = Callable[[Channel, Sequence[Entry]], bytes]
_CONTENT = "http://purl.org/rss/1.0/modules/content/"

# For the sites of `sites.py`; the writers below need no setting.
settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF="tests.bench.sites",
    MIDDLEWARE=[
        "django.middleware.gzip.GZipMiddleware",
        "django.middleware.http.ConditionalGetMiddleware",
    ],
)


def feedgen_rss(channel: Channel, entries: Sequence[Entry]) -> bytes:
    feed = _feedgen(channel, entries, "CDATA")
    for item, entry in zip(feed.entry(), entries, strict=True):
        if entry.image is not None:
            item.enclosure(entry.image.url, str(entry.image.length), entry.image.type)
    document: bytes = feed.rss_str(pretty=True)
    return document


def feedgen_atom(channel: Channel, entries: Sequence[Entry]) -> bytes:
    document: bytes = _feedgen(channel, entries, "html").atom_str(pretty=True)
    return document


def plain_json(channel: Channel, entries: Sequence[Entry]) -> bytes:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": channel.title,
        "home_page_url": channel.link,
        "feed_url": channel.self_url,
        "description": channel.description,
        "language": channel.language,
        "items": [_item(entry) for entry in entries],
    }
    return json.dumps(feed, ensure_ascii=False).encode()


def _feedgen(channel: Channel, entries: Sequence[Entry], content_type: str) -> Any:
    feed = FeedGenerator()
    feed.id(channel.id)
    feed.title(channel.title)
    feed.subtitle(channel.description)
    feed.language(channel.language)
    feed.updated(channel.updated)
    feed.link(href=channel.self_url, rel="self")
    feed.link(href=channel.link, rel="alternate")
    for entry in entries:
        _feedgen_entry(feed.add_entry(order="append"), entry, content_type)
    return feed


def _feedgen_entry(item: Any, entry: Entry, content_type: str) -> None:
    item.id(entry.id)
    item.title(entry.title)
    item.link(href=entry.link)
    item.published(entry.published)
    item.updated(entry.updated)
    item.summary(entry.summary)
    item.content(entry.content, type=content_type)
    for author in entry.authors:
        item.author(name=author.name, email=author.email)
    for category in entry.categories:
        item.category(term=category.term)


class FullRss(feedgenerator.Rss201rev2Feed):
    def rss_attributes(self) -> dict[str, str]:
        return {**super().rss_attributes(), "xmlns:content": _CONTENT}

    def add_item_elements(self, handler: Any, item: Mapping[str, Any]) -> None:
        super().add_item_elements(handler, item)
        handler.addQuickElement("content:encoded", item["content"])


class _FullAtom(feedgenerator.Atom1Feed):
    def add_item_elements(self, handler: Any, item: Mapping[str, Any]) -> None:
        super().add_item_elements(handler, item)
        handler.addQuickElement("content", item["content"], {"type": "html"})


def _django(kind: type[Any], channel: Channel, entries: Sequence[Entry]) -> bytes:
    feed = kind(
        title=channel.title,
        link=channel.link,
        description=channel.description,
        subtitle=channel.description,
        language=channel.language,
        feed_url=channel.self_url,
        feed_guid=channel.id,
    )
    for entry in entries:
        feed.add_item(**_django_item(entry))
    document: str = feed.writeString("utf-8")
    return document.encode()


def _django_item(entry: Entry) -> dict[str, Any]:
    author, image = entry.authors[0], entry.image
    enclosures = (
        [feedgenerator.Enclosure(image.url, str(image.length), image.type)] if image else []
    )
    return {
        "title": entry.title,
        "link": entry.link,
        "description": entry.summary,
        "author_name": author.name,
        "author_email": author.email,
        "pubdate": entry.published,
        "updateddate": entry.updated,
        "unique_id": entry.id,
        "unique_id_is_permalink": False,
        "categories": [category.term for category in entry.categories],
        "enclosures": enclosures,
        "content": entry.content,
    }


def _item(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "url": entry.link,
        "title": entry.title,
        "content_html": entry.content,
        "summary": entry.summary,
        "image": entry.image.url if entry.image else None,
        "date_published": entry.published.isoformat(),
        "date_modified": entry.updated.isoformat(),
        "authors": [{"name": author.name} for author in entry.authors],
        "tags": [category.term for category in entry.categories],
    }


PEERS: Mapping[str, Mapping[str, Write]] = {
    "rss": {"feedgen": feedgen_rss, "Django": partial(_django, FullRss)},
    "atom": {"feedgen": feedgen_atom, "Django": partial(_django, _FullAtom)},
    "json": {"json.dumps": plain_json},
}
"""The peers of each of our formats, by its extension."""
