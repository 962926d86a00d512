"""Patches for tests: of whole articles, and the article that a patch alone makes."""

from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime

from feeds.importers import Accepted
from feeds.merge import merge
from feeds.model import Article, Patch
from feeds.store import Saved, Store


def whole(article: Article, *, minor: bool = False) -> Patch:
    """Make the patch that gives every field of an article; minor, so that `updated` is its own."""
    given = {each.name: getattr(article, each.name) for each in fields(Article)}
    given["correction"] = article.correction and article.correction.text
    return Patch(article.id, {k: v for k, v in given.items() if k not in ("id", "guid")}, minor)


def save(store: Store, articles: Iterable[Article], authority: str, now: datetime) -> list[Saved]:
    """Save whole articles."""
    return store.articles.save([whole(each) for each in articles], authority, now)


def article_of(accepted: Accepted, now: datetime) -> Article:
    """Make the article that an import would store, were it new."""
    return merge(accepted.patch, None, now)[0]
