"""`feeds publish` and `feeds worker`: one pass of publishing, and the loop of passes."""

import logging
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import click

from feeds.catalog import authority
from feeds.cli.shared import open_paper, progress, read_config
from feeds.config import Config
from feeds.errors import SchemaTooNew, StoreError
from feeds.logs import lifetime
from feeds.pages import Pages
from feeds.service import stop_once
from feeds.store import Store, open_store, shown_url
from feeds.worker import keep_pages, publish_all, rank, run

logger = logging.getLogger(__name__)

_SECONDS_BETWEEN_TRIES = 0.2
_SECONDS_WHILE_AWAY = 2.0


@click.command()
@click.pass_obj
def publish(path: Path | None) -> None:
    """Publish all changes, once.

    New views are counted, and the articles ranked, before that.
    """
    with open_paper(path, "first") as (config, store):
        _tell_host_of_ids(store, config)
        _repeat_until_done(lambda: rank(store, config))
        version, pages = store.documents.version(), Pages(store, config)
        waiting = store.changes.count()
        with progress("Publishing", waiting) as advance:
            _repeat_until_done(lambda: publish_all(store, config, progress=lambda _: advance(1)))
        _repeat_until_done(lambda: keep_pages(pages, store))
        changed = len(store.documents.changed_since(version))
    click.echo(f"{changed} documents changed")


@click.command()
@click.pass_obj
def worker(path: Path | None) -> None:
    """Publish changes until stopped.

    `feeds serve` starts a worker of its own.
    """
    config = read_config(path)
    stop = threading.Event()
    stop_once(stop.set, signal.SIGTERM, signal.SIGINT)
    with lifetime("worker", store=shown_url(config.store)):
        while not stop.is_set():
            _work(config, stop)


def _work(config: Config, stop: threading.Event) -> None:
    """Publish until stopped, or for as long as the store can be opened."""
    try:
        with open_store(config.store) as store:
            _tell_host_of_ids(store, config)
            run(store, config, stop)
    except SchemaTooNew:
        raise
    except StoreError as error:
        logger.error("the worker waits for the store: %s", error)  # noqa: TRY400 - its traceback says no more
        stop.wait(_SECONDS_WHILE_AWAY)


def _tell_host_of_ids(store: Store, config: Config) -> None:
    site = authority(config)
    host = store.articles.authority(site)
    if host != site:
        logger.warning(
            'ids keep "%s", the host when the first article was stored, although site.url is at %s'
            " now. That is right: feed readers know articles by their ids",
            *(host, site),
        )


def _repeat_until_done(act: Callable[[], bool]) -> None:
    """Repeat an action that returns False while another process holds its lock."""
    while not act():
        time.sleep(_SECONDS_BETWEEN_TRIES)
