"""`feeds show`, `withdraw` and `restore`: single articles, by their ids. `feeds move`: terms."""

import json
from collections import defaultdict
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path

import click

from feeds.catalog import article_url, authority
from feeds.cli.shared import iso_time, json_lines, open_paper, shown
from feeds.config import Config
from feeds.config.validators import term_path
from feeds.errors import MoveError
from feeds.model import KINDS, Article, Patch, Status, Term
from feeds.store import Store
from feeds.text import one_line


@click.command()
@click.argument("article_id", metavar="ID")
@json_lines
@click.pass_obj
def show(path: Path | None, article_id: str, *, as_json: bool) -> None:
    """Show an article: what is stored, its feeds, and its readers."""
    with open_paper(path) as (config, store):
        article = store.articles.get(article_id)
        if article is None:
            _tell_unknown(article_id)
            click.get_current_context().exit(1)
        facts = {**_stored(article, config), **_published(article, store, config)}
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False))
        return
    width = max(map(len, facts))
    for name, value in facts.items():
        lines = value if isinstance(value, list) else [value]
        for number, line in enumerate(lines or [None]):
            text = "–" if line is None else shown(str(line))
            click.echo(f"{'' if number else name:{width}}  {text}")


def _stored(article: Article, config: Config) -> dict[str, object]:
    published = iso_time(article.published, config)
    is_embargoed = article.status == "live" and article.published > datetime.now(UTC)
    body = article.body_html or article.body_text or ""
    return {
        "id": article.id,
        "title": article.title,
        "status": f"embargoed until {published}" if is_embargoed else article.status,
        "published": published,
        "updated": iso_time(article.updated, config),
        "address": article_url(article, config),
        "guid": article.guid,
        "subtitle": article.subtitle,
        "authors": [author.name for author in article.authors],
        "sections": list(article.sections),
        "tags": list(article.tags),
        "image": article.image and article.image.url,
        "attachments": [each.url for each in article.attachments],
        "correction": article.correction and article.correction.text,
        "body": f"{len(body)} characters of {'HTML' if article.body_html else 'text'}",
        "comments": article.comments,
    }


def _published(article: Article, store: Store, config: Config) -> dict[str, object]:
    feeds = defaultdict[str, list[str]](list)
    for path in store.documents.containing(article):
        feed, _, extension = path.rpartition(".")
        feeds[feed].append(extension)
    held_back = [
        f"/feeds/{held.path} since {iso_time(held.since, config)}: {held.reason}"
        for held in store.documents.held_back()
        if held.article_id == article.id
    ]
    readers = {
        f"readers {window}": store.readers.of([article.id], hours).get(article.id, 0)
        for window, hours in config.most_read.hours.items()
    }
    named = [f"/feeds/{feed} ({', '.join(formats)})" for feed, formats in feeds.items()]
    return {"feeds": named, "held back": held_back, "carried over": article.views, **readers}


@click.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@click.pass_obj
def withdraw(path: Path | None, ids: tuple[str, ...]) -> None:
    """Take articles out of all feeds and pages.

    They stay in the store; `feeds restore` brings them back.
    """
    _set_status(path, ids, "withdrawn")


@click.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@click.pass_obj
def restore(path: Path | None, ids: tuple[str, ...]) -> None:
    """Bring withdrawn articles back."""
    _set_status(path, ids, "live")


def _set_status(path: Path | None, ids: Collection[str], status: Status) -> None:
    with open_paper(path) as (config, store):
        known = store.articles.known(ids)
        patches = [Patch(each, {"status": status}) for each in ids if each in known]
        saved = store.articles.save(patches, authority(config), datetime.now(UTC))
    for each in saved:
        already = "already " if each.outcome == "unchanged" else ""
        title = each.article.title if each.article else ""
        click.echo(shown(f'{each.id} is {already}{status}: "{title}"'))
    unknown = [name for name in ids if name not in known]
    for name in unknown:
        _tell_unknown(name)
    click.get_current_context().exit(1 if unknown else 0)


def _tell_unknown(article_id: str) -> None:
    click.echo(
        f'feeds: no article has the id "{shown(article_id)}"; an id is that of the CMS, or the name'
        " of the imported page's file",
        err=True,
    )


@click.command(short_help="Rename a section, author or tag.")
@click.argument("old")
@click.argument("new")
@click.option("--name", help="The new name; by default, the last part of NEW as you write it.")
@click.pass_obj
def move(path: Path | None, old: str, new: str, name: str | None) -> None:
    """Rename a section, author or tag, as in: feeds move sections/구정 sections/지역.

    Its articles and feeds move, and subscribers are redirected. Articles that are later imported
    with the old name move too. If NEW already exists, OLD is merged into it, and NEW keeps its
    name.
    """
    before, after = _term_of(old), _term_of(new)
    with open_paper(path) as (config, store):
        for term in (before, after):
            if config.moved.get(term.path, after.path) != after.path:
                raise MoveError(f"the config has {term.path} under moved; remove that line first")
        present = store.articles.name(after, datetime.now(UTC))
        if name and present and name != present:
            raise MoveError(f'{after.path} exists and is called "{present}"; leave out --name')
        called = present or one_line(name or "") or one_line(new.partition("/")[2])
        number = store.moves.move(before, after, called)
    click.echo(shown(f'moved to {after.path}, called "{called}"; articles: {number}'))


def _term_of(text: str) -> Term:
    try:
        folder, _, slug = term_path(text).partition("/")
    except ValueError as error:
        raise MoveError(str(error)) from None
    return Term(KINDS[folder], slug)
