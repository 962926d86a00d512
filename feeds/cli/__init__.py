"""The `feeds` command. Output for people goes to stdout, diagnostics to stderr."""

import logging
import os
from pathlib import Path
from typing import Any

import click

from feeds import __version__
from feeds.cli.checking import check
from feeds.cli.importing import import_
from feeds.cli.publishing import publish, worker
from feeds.cli.reporting import list_, quarantine
from feeds.cli.serving import serve
from feeds.config import find, load
from feeds.errors import FeedsError


class _Commands(click.Group):
    """Commands whose errors are one clear sentence and exit code 2, never a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except FeedsError as error:
            click.echo(f"feeds: {error}", err=True)
            ctx.exit(2)


@click.group(cls=_Commands)
@click.version_option(__version__, prog_name="feeds")
@click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The paper's settings; else FEEDS_CONFIG, else ./config.yaml.",
)
@click.pass_context
def main(ctx: click.Context, config_path: Path | None) -> None:
    """Turn a newspaper's articles into RSS, Atom and JSON feeds, each checked before it is out."""
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    path = find(config_path, os.environ)
    ctx.obj = load(path)
    # The processes that a command starts read the same file.
    os.environ["FEEDS_CONFIG"] = str(path.absolute())


for command in (import_, serve, worker, publish, list_, check, quarantine):
    main.add_command(command)
