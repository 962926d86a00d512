"""The paper's settings, read when a command runs: its `--help` needs none."""

import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import click

from feeds.config import Config, find, load

P = ParamSpec("P")
T = TypeVar("T")


def read_config(explicit: Path | None) -> Config:
    """Read the settings that `--config`, FEEDS_CONFIG or the folder name; raises ConfigError."""
    path = find(explicit, os.environ)
    config = load(path, os.environ)
    # The processes that a command starts read the same file.
    os.environ["FEEDS_CONFIG"] = str(path.absolute())
    return config


def pass_config(command: Callable[Concatenate[Config, P], T]) -> Callable[P, T]:
    """Give a command the settings as its first argument, as `click.pass_obj` gives its object."""

    @wraps(command)
    def with_config(*args: P.args, **kwargs: P.kwargs) -> T:
        return command(read_config(click.get_current_context().obj), *args, **kwargs)

    return with_config


def new_store(command: Callable[P, T]) -> Callable[P, T]:
    """Give a command the option `--new-store`, which only somebody who knows may say."""
    return click.option(
        "--new-store",
        "create",
        flag_value="anew",
        default="first",
        help="Begin an empty store where one was and is gone.",
    )(command)
