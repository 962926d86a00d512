"""`feeds serve`: web processes and the worker, in one command."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

import click
from click.core import ParameterSource

from feeds.cli.configured import new_store, read_config
from feeds.config import SITE_URL, Config
from feeds.errors import SchemaTooNew, StoreError, StoreFault
from feeds.sample.loading import load_sample
from feeds.service import Service
from feeds.store import Create, open_store


@click.command(short_help="Serve the feeds, and publish what changes.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1), metavar="N")
@click.option("--sample", "with_sample", is_flag=True, help="Load the sample newspaper if empty.")
@new_store
@click.pass_context
def serve(  # noqa: PLR0913 - the options of a command
    ctx: click.Context, *, host: str, port: int, workers: int, with_sample: bool, create: Create
) -> None:
    """Serve the feeds with N web processes and publish what changes, until stopped."""
    config = read_config(ctx.obj)
    service = Service(host, port, workers)
    if ctx.get_parameter_source("port") == ParameterSource.COMMANDLINE:
        config = _reached_at(_address(host, port, config), config, ctx)
    for doubt in _doubts(config):
        click.echo(f"feeds: {doubt}", err=True)
    try:
        with open_store(config.store, create) as store:
            if with_sample and store.articles.is_empty():
                load_sample(store, config, datetime.now(UTC))
    except (SchemaTooNew, StoreFault):
        raise
    except StoreError as error:
        click.echo(f"feeds: {error}; feeds are served once it is there", err=True)
    click.echo(f"{config.site.title} at http://{host}:{port}/ (Ctrl-C stops)")
    service.run()


def _reached_at(url: str, config: Config, ctx: click.Context) -> Config:
    """Let all processes of this run say that the paper is at a URL, and tell so if that is new."""
    if url == config.site.url:
        return config
    os.environ[SITE_URL] = url
    click.echo(
        f"Links and pictures lead to {url} in this run, not to site.url ({config.site.url});"
        f" commands beside it need {SITE_URL}={url}"
    )
    return read_config(ctx.obj)


def _address(host: str, port: int, config: Config) -> str:
    """Say where the paper is reached if nothing stands in front of this service.

    That is so where `site.url` is a plain one of this machine, as on a first try.
    """
    site = urlsplit(config.site.url)
    name = site.hostname or ""
    direct = site.scheme == "http" and not site.path and not config.views.proxies
    if os.environ.get(SITE_URL) or not direct or not _is_here(name):
        return config.site.url
    if not _is_here(host):
        name = host
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def _is_here(host: str) -> bool:
    """Say whether a host is this machine: loopback, or all of its addresses."""
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost"
    return address.is_loopback or address.is_unspecified


def _doubts(config: Config) -> Iterator[str]:
    """Name the settings of the paper that were left at defaults it can hardly mean."""
    site, written = config.site, config.site.model_fields_set
    foreign = not site.title.isascii()
    if "language" not in written and (foreign or site.timezone == "Asia/Seoul"):
        yield "site.language is not set: feeds say that they are in English; set it, such as ko"
    english = site.language.lower().partition("-")[0] == "en"
    if "timezone" not in written and (foreign or not english):
        yield (
            "site.timezone is not set: dates without an offset are taken for UTC, so that an"
            " article may be seen hours late; set it, such as Asia/Seoul"
        )
