"""The `feeds` command. Results go to stdout, diagnostics to stderr."""

import logging
import os
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any

import click

from feeds import __version__, logs
from feeds.errors import FeedsError

logger = logging.getLogger(__name__)

# A command's module is imported when it is needed, so that no command loads another's libraries.
_COMMANDS = MappingProxyType(
    {
        "import": "articles:import_",
        "show": "editing:show",
        "withdraw": "editing:withdraw",
        "restore": "editing:restore",
        "move": "editing:move",
        "serve": "serving:serve",
        "worker": "publishing:worker",
        "publish": "publishing:publish",
        "subscribers": "receivers:subscribers",
        "status": "reporting:status",
        "list": "reporting:list_",
        "top": "views:top",
        "views": "views:views",
        "check": "checking:check",
        "quarantine": "reporting:quarantine",
        "indexnow": "receivers:indexnow",
    }
)


class _Commands(click.Group):
    """Commands whose errors are one clear sentence and exit code 2, never a traceback."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(f"feeds.cli.{module}"), name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except FeedsError as error:
            if logs.is_json():
                logger.error("%s", error)  # noqa: TRY400 - its traceback says no more
            else:
                click.echo(f"feeds: {error}", err=True)
            ctx.exit(2)


@click.group(cls=_Commands)
@click.version_option(__version__, prog_name="feeds")
@click.option(
    "--config",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The config file. By default, FEEDS_CONFIG names it, or it is ./config.yaml.",
)
@click.option(
    "--log-format",
    type=click.Choice(logs.FORMATS),
    envvar=logs.VARIABLE,
    help="How log lines are written to stderr; text by default.",
)
@click.pass_context
def main(ctx: click.Context, path: Path | None, log_format: str | None) -> None:
    """Turn a newspaper's articles into checked RSS, Atom and JSON feeds."""
    if log_format:
        os.environ[logs.VARIABLE] = log_format  # for the processes of a service too
    logs.set_up()
    ctx.obj = path
