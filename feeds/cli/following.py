"""`--every`: an import that is repeated until it is stopped."""

import re
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import click

from feeds.errors import SchemaTooNew, StoreError
from feeds.service import stop_once

_TIME = re.compile(r"([1-9][0-9]{0,5})([smh])")
_SECONDS = {"s": 1, "m": 60, "h": 3600}


def interval(_ctx: click.Context, _option: click.Parameter, text: str | None) -> int | None:
    """Read a time such as 60s, 5m or 1h, in seconds."""
    if text is None:
        return None
    if found := _TIME.fullmatch(text):
        return int(found[1]) * _SECONDS[found[2]]
    raise click.BadParameter(f'"{text}" is not a time such as 60s, 5m or 1h')


@dataclass
class Round:
    """One of several repeated imports, or the only import.

    It ends early when `stop` is set. A message is printed unless it is among the messages of the
    round `before`; there is `news` if any was printed.
    """

    number: int = 1
    stop: threading.Event = field(default_factory=threading.Event)
    before: set[str] | None = None
    messages: set[str] = field(default_factory=set)
    news: bool = False

    def report(self, message: str) -> None:
        """Print a message to stderr."""
        if self.before is not None:
            self.messages.add(message)
            if message in self.before:
                return
        self.news = True
        # A terminal shows the progress bar on the same line.
        click.echo(f"\r\x1b[2K{message}" if sys.stderr.isatty() else message, err=True)


def repeat(act: Callable[[Round], object], pause: int) -> None:
    """Act until SIGTERM or SIGINT, with pauses in seconds; a store that is away is reported.

    To be called in the main thread before it starts others.
    """
    stop = threading.Event()
    stop_once(stop.set, signal.SIGTERM, signal.SIGINT)
    this = Round(0, stop)
    while not stop.is_set():
        this = Round(this.number + 1, stop, this.messages)
        try:
            act(this)
        except SchemaTooNew:
            raise
        except StoreError as error:
            this.messages |= this.before or set()  # the sources were not asked
            this.report(f"feeds: {error}")
        stop.wait(pause)
