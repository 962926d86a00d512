"""`feeds serve`: web processes and the worker, in one command."""

import logging
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import click
from click.core import ParameterSource

from feeds.cli.shared import new_store, read_config
from feeds.config import SITE_URL, Config
from feeds.errors import SchemaTooNew, StoreError, StoreFault
from feeds.logs import lifetime
from feeds.sample.loading import load_sample
from feeds.service import Service
from feeds.store import Create, open_store, shown_url

logger = logging.getLogger(__name__)

_THIS_MACHINE = {"localhost", "127.0.0.1", "::1", "0.0.0.0", "::"}  # noqa: S104 - to compare with


@click.command(short_help="Serve the feeds and publish changes.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--workers", default=1, show_default=True, type=click.IntRange(1), help="Web processes."
)
@click.option("--sample", "with_sample", is_flag=True, help="Load the sample into an empty store.")
@new_store
@click.pass_context
def serve(  # noqa: PLR0913 - the options of a command
    ctx: click.Context, *, host: str, port: int, workers: int, with_sample: bool, create: Create
) -> None:
    """Serve the feeds and publish changes, until stopped."""
    config = read_config(ctx.obj)
    service = Service(host, port, workers)
    if ctx.get_parameter_source("port") == ParameterSource.COMMANDLINE:
        config = _with_site_url(site_url(host, port, config), config, ctx)
    for warning in warnings_about(config):
        logger.warning(warning)
    try:
        with open_store(config.store, create) as store:
            if with_sample and store.articles.is_empty():
                load_sample(store, config, datetime.now(UTC))
    except (SchemaTooNew, StoreFault):
        raise
    except StoreError as error:
        logger.warning("%s; feeds are served as soon as it can be opened", error)
    click.echo(f"{config.site.title} at http://{host}:{port}/ (Ctrl-C stops)")
    about = {"host": host, "port": port, "store": shown_url(config.store)}
    with lifetime("service", **about, config=os.environ["FEEDS_CONFIG"]):
        service.run()


def _with_site_url(url: str, config: Config, ctx: click.Context) -> Config:
    """Set `site.url` for all processes of this run, and say so if it is another one."""
    if url == config.site.url:
        return config
    os.environ[SITE_URL] = url
    click.echo(
        f"In this run, links and pictures lead to {url}, not to site.url ({config.site.url});"
        f" set {SITE_URL}={url} for other commands"
    )
    return read_config(ctx.obj)


def site_url(host: str, port: int, config: Config) -> str:
    """Give the URL of this service if nothing is in front of it, else that of the config.

    Nothing is in front where `site.url` is plain HTTP on this machine, as on a first try.
    """
    site = urlsplit(config.site.url)
    direct = site.scheme == "http" and not site.path and not config.views.proxies
    if os.environ.get(SITE_URL) or not direct or site.hostname not in _THIS_MACHINE:
        return config.site.url
    name = site.hostname if host in _THIS_MACHINE else host
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def warnings_about(config: Config) -> Iterator[str]:
    """Name the settings whose defaults are probably wrong for this newspaper."""
    site, written = config.site, config.site.model_fields_set
    foreign = not site.title.isascii()
    if "language" not in written and (foreign or site.timezone == "Asia/Seoul"):
        yield "site.language is not set, so feeds say that they are in English; set it, as to ko"
    english = site.language.lower().partition("-")[0] == "en"
    if "timezone" not in written and (foreign or not english):
        yield (
            "site.timezone is not set, so dates without an offset are read as UTC, and articles may"
            " appear hours late; set it, as to Asia/Seoul"
        )
