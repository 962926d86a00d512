"""What staff can do to an article at the desk: each asks first, and says what it did."""

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from urllib.parse import urlencode

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from feeds.catalog import article_url, authority, feed_path
from feeds.config import Config
from feeds.errors import ArticleError
from feeds.feed_states import held_back_articles
from feeds.importers import read_record
from feeds.model import Article
from feeds.store import Store
from feeds.text import article_id_of, one_line, shorten
from feeds.translations import translations
from feeds.web.articles import source_of
from feeds.web.login import editor

logger = logging.getLogger(__name__)

_LONGEST_REASON = 200
_LONGEST_SHOWN = 80  # a cookie carries it to the next page

Act = Callable[[Article], object]


def editing(store: Store, config: Config, home: str) -> Blueprint:
    """Build the routes below `home`; the query names the article, as its id holds any character."""
    routes, acts = Blueprint("editing", __name__), _acts(store, config)
    of_action = f"/<any({', '.join(acts)}):action>"

    @routes.get("/article")
    def article() -> str:
        found = _article(store, config)
        return render_template("desk/article.html", **_facts(found, store, config))

    @routes.get(of_action)
    def ask(action: str, fault: str = "") -> str:
        found = _article(store, config)
        return render_template("desk/ask.html", action=action, article=found, fault=fault)

    @routes.post(of_action)
    def act(action: str) -> ResponseReturnValue:
        found = _article(store, config)
        try:
            acts[action](found)
        except ArticleError as error:
            return ask(action, str(error)), 422
        logger.info("%s at the desk: %s %s", editor(), action, found.id)
        flash(shorten(_article(store, config).title, _LONGEST_SHOWN), action)
        return redirect(f"{home}/article?{urlencode({'id': found.id})}", 303)

    return routes


def _acts(store: Store, config: Config) -> Mapping[str, Act]:
    """Give what the form of the present request can do to an article, by the action's name."""

    def save(article: Article, **given: str) -> None:
        patch, _ = read_record({"id": article.id, **given}, source_of(config))
        now = datetime.now(UTC).replace(microsecond=0)
        (saved,) = store.articles.save([patch], authority(config), now)
        if saved.article is None:
            raise ArticleError("; ".join(saved.notes))

    def block(article: Article) -> None:
        reason = one_line(request.form.get("reason", "")[:_LONGEST_REASON])
        store.rankings.block(article.id, editor(), reason, datetime.now(UTC))

    return {
        "withdraw": partial(save, status="withdrawn"),
        "restore": partial(save, status="live"),
        "correct": lambda article: save(article, title=request.form.get("title", "")),
        "block": block,
        "unblock": lambda article: store.rankings.unblock(article.id),
    }


def _article(store: Store, config: Config) -> Article:
    article = store.articles.get(article_id_of(request.args.get("id", "")))
    if article is None:
        abort(404, translations(config.site.language).gettext("There is no article with this id."))
    return article


def _facts(article: Article, store: Store, config: Config) -> dict[str, object]:
    paths = store.documents.containing(article)
    blocks = (each for each in store.rankings.blocks() if each.article_id == article.id)
    return {
        "article": article,
        "address": article_url(article, config),
        "is_embargoed": article.published > datetime.now(UTC),
        "feeds": sorted({feed_path(path) for path in paths}),
        "held": [one for one in held_back_articles(store, config) if one.id == article.id],
        "block": next(blocks, None),
        "readers": {
            window: store.readers.of([article.id], hours).get(article.id, 0)
            for window, hours in config.most_read.hours.items()
        },
    }
