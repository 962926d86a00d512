"""`feeds top`: what is read most, and what was left out and why."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

import click

from feeds.catalog import RISING
from feeds.cli.configured import pass_config
from feeds.cli.tables import table
from feeds.config import Config
from feeds.errors import FeedsError
from feeds.model import LATEST, Article, Ranking, Term
from feeds.most_read import hour_of, ranking_of, settle
from feeds.ranking import EVER
from feeds.rising import RECENT_HOURS
from feeds.store import Block, Store, Unreadable, open_store


@dataclass(frozen=True, slots=True)
class _Place:
    rank: int
    id: str
    readers: int
    title: str
    left_out: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Top:
    """A ranking with its readers; `left_out` is of all articles of the paper."""

    window: str
    basis: str
    articles: Sequence[_Place]
    left_out: Mapping[str, int]
    blocked: Sequence[Block]


@click.command()
@click.option("--window", help=f"One of most_read.windows, or {RISING}; else the default.")
@click.option("--section", help="Only the articles of a section.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@pass_config
def top(config: Config, *, window: str | None, section: str | None, as_json: bool) -> None:
    """Show what is read most, and what did not count."""
    window = window or config.most_read.default
    windows = (*config.most_read.windows, RISING)
    if window not in windows:
        raise FeedsError(f"there is no window {window}; there are {', '.join(windows)}")
    now = datetime.now(UTC)
    with open_store(config.store, "never") as store:
        term = store.articles.term("section", section) if section else LATEST
        if section and store.articles.name(term, now) is None:
            raise FeedsError(f"there is no section {section} with an article")
        found = _top(term, window, store, config, now)
    if as_json:
        click.echo(json.dumps(asdict(found), ensure_ascii=False))
    else:
        _show(found, config)


def _top(term: Term, window: str, store: Store, config: Config, now: datetime) -> _Top:
    settle(store, config, now)
    ranking = ranking_of(term, window, store, config, now)
    hours = config.most_read.hours
    span = hours.get(ranking.basis) or (RECENT_HOURS if window == RISING else max(hours.values()))
    readers = _readers(ranking, span, store, config)
    left_out = defaultdict[str, dict[str, int]](dict)
    for each in store.readers.left_out(hour_of(now) - span):
        left_out[each.article_id][each.reason] = each.views
    articles = [
        _Place(rank, one.id, readers[one.id], _title(one), left_out.get(one.id, {}))
        for rank, one in enumerate(store.articles.listed(term, ranking.articles, now), 1)
    ]
    reasons = dict(sum(map(Counter[str], left_out.values()), Counter[str]()))
    return _Top(window, ranking.basis, articles, reasons, store.rankings.blocks())


def _title(article: Article | Unreadable) -> str:
    if isinstance(article, Unreadable):
        return f"({article.id} {article.reason})"
    return article.title


def _readers(ranking: Ranking, span: int, store: Store, config: Config) -> Counter[str]:
    readers = Counter(store.readers.of(ranking.articles, span))
    if ranking.basis == EVER:
        # As in the ranking: fewer than the minimum do not add to those carried over.
        enough = config.most_read.minimum_readers
        readers = Counter({one: n for one, n in readers.items() if n >= enough})
        readers.update(store.readers.carried_by(ranking.articles))
    return readers


def _show(found: _Top, config: Config) -> None:
    if found.basis != found.window:
        meant = (
            "a longer time, with those carried over"
            if found.basis == EVER
            else f"the last {found.basis}"
        )
        click.echo(
            f"Too few articles were read in the last {found.window}; ranked by readers in {meant}."
        )
    rows = [
        (each.rank, each.readers, each.id, each.title, _reasons(each.left_out) or None)
        for each in found.articles
    ]
    if rows:
        click.echo("\n".join(table([("rank", "readers", "id", "title", "left out"), *rows])))
    else:
        rises = found.window == RISING
        click.echo("No article is rising." if rises else "No article was read often enough.")
    click.echo(f"\nLeft out in the whole paper: {_reasons(found.left_out) or 'nothing'}")
    for block in found.blocked:
        since = datetime.fromtimestamp(block.since, config.site.zone)
        click.echo(
            f"Kept out: {block.article_id} by {block.editor} since {since:%Y-%m-%d %H:%M}"
            + (f": {block.reason}" if block.reason else "")
        )


def _reasons(views: Mapping[str, int]) -> str:
    ordered: Iterable[tuple[str, int]] = sorted(views.items(), key=lambda each: (-each[1], each[0]))
    return ", ".join(f"{reason} {n}" for reason, n in ordered)
