"""`feeds serve`: web processes and the worker, in one command."""

import click

from feeds import sample
from feeds.cli.configured import pass_config
from feeds.cli.importing import _Import
from feeds.config import Config
from feeds.importers import READERS, find_files
from feeds.service import Service
from feeds.storage import open_store


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1), metavar="N")
@click.option("--sample", "with_sample", is_flag=True, help="Load the sample newspaper if empty.")
@pass_config
def serve(config: Config, *, host: str, port: int, workers: int, with_sample: bool) -> None:
    """Serve the feeds with N web processes and publish what changes, until stopped."""
    service = Service(host, port, workers)
    with open_store(config.store) as store:
        if with_sample and store.articles.is_empty():
            _Import(store, config, None, 0).run(find_files([sample.ARTICLES], READERS))
    click.echo(f"{config.site.title} at http://{host}:{port}/ (Ctrl-C stops)")
    service.run()
