"""`feeds publish` and `feeds worker`: one pass of publishing, and the loop of them."""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack

import click

from feeds.catalog import authority
from feeds.cli.configured import pass_config
from feeds.config import Config
from feeds.errors import SchemaTooNew, StoreError
from feeds.family import end_with_parent, stop_once
from feeds.model import Term
from feeds.store import Store, open_store
from feeds.worker import publish_all, rank, run

logger = logging.getLogger(__name__)

_SECONDS_BETWEEN_LOOKS = 0.2
_SECONDS_WHILE_AWAY = 2.0


@click.command()
@pass_config
def publish(config: Config) -> None:
    """Publish what has changed, once.

    First the views that came are counted, and articles ranked.
    """
    with open_store(config.store) as store:
        _until_it_is_ours(lambda: rank(store, config))
        changed = _publish(store, config)
    click.echo(f"{changed} documents changed")


@click.command()
@pass_config
def worker(config: Config) -> None:
    """Publish what changes, until stopped.

    `feeds serve` starts one by itself.
    """
    stop = threading.Event()
    stop_once(stop.set, signal.SIGTERM, signal.SIGINT)
    end_with_parent(os.environ)
    with ExitStack() as stack:
        while not stop.is_set():
            try:
                store = stack.enter_context(open_store(config.store))
            except SchemaTooNew:
                raise
            except StoreError as error:
                logger.error("the worker waits for the store: %s", error)  # noqa: TRY400 - its traceback says no more
                stop.wait(_SECONDS_WHILE_AWAY)
            else:
                _tell_whose_ids(store, config)
                run(store, config, stop)


def _tell_whose_ids(store: Store, config: Config) -> None:
    site = authority(config)
    host = store.articles.authority(site)
    if host != site:
        logger.warning("site.url is at %s; ids keep the host they were minted with: %s", site, host)


def _publish(store: Store, config: Config) -> int:
    version = store.documents.version()
    waiting = store.changes.count()
    with click.progressbar(length=max(waiting, 1), label="Publishing", file=sys.stderr) as bar:

        def progress(_term: Term, _changed: int) -> None:
            bar.update(1)

        _until_it_is_ours(lambda: publish_all(store, config, progress=progress))
    return len(store.documents.changed_since(version))


def _until_it_is_ours(act: Callable[[], bool]) -> None:
    """Act; while another process does, wait, and do next what that leaves."""
    while not act():
        threading.Event().wait(_SECONDS_BETWEEN_LOOKS)
