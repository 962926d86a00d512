"""Readers for tests: the requests of their browsers, and the resulting counts."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import time_machine
from werkzeug.test import Client

from feeds.config import Config
from feeds.most_read import count_readers
from feeds.store import Store
from feeds.store.schema import counts
from feeds.store.visits import READER
from feeds.views import fold_all
from feeds.web.wsgi import Front

PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)
DESK = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/142.0.0.0 Safari/537.36"
)
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def nothing(environ: Any, start_response: Any) -> list[bytes]:
    """The application behind the beacon, which knows no path."""
    start_response("404 Not Found", [])
    return []


def beacon_of(store: Store, config: Config) -> Front:
    """The beacon of one web process, with no feeds."""
    return Front(store, config, nothing)


@dataclass
class Readership:
    """A paper's beacon, and its counts."""

    store: Store
    config: Config
    beacon: Front = field(init=False)

    def __post_init__(self) -> None:
        self.beacon = beacon_of(self.store, self.config)

    def opens(
        self, at: str, article_id: str, address: str = "192.0.2.1", agent: str = PHONE, **sent: str
    ) -> int:
        """Open an article at a time (ISO 8601 with offset); give the status of the beacon."""
        headers = {"User-Agent": agent, **{k.replace("_", "-"): v for k, v in sent.items()}}
        with time_machine.travel(datetime.fromisoformat(at), tick=False):
            response = Client(self.beacon).post(
                f"/views/{article_id}", headers=headers, environ_base={"REMOTE_ADDR": address}
            )
        return response.status_code

    def counted(self, now: str) -> dict[tuple[str, str, str], int]:
        """Fold and count; give the counts by hour (UTC), kind and article."""
        fold_all(Path(self.config.views.spool), self.store)
        count_readers(self.store, self.config, datetime.fromisoformat(now))
        return counts_of(self.store)

    def readers(self, now: str) -> dict[tuple[str, str], int]:
        """Fold and count; give the readers by hour (UTC) and article."""
        found = self.counted(now)
        return {(hour, name): n for (hour, kind, name), n in found.items() if kind == READER}


def counts_of(store: Store) -> dict[tuple[str, str, str], int]:
    """Give all counts of a store by hour (UTC), kind and article."""
    with store._database.reading() as connection:
        rows = connection.execute(counts.select()).all()
    return {
        (f"{datetime.fromtimestamp(row.hour * 3600, UTC):%m-%d %H}h", row.kind, row.article_id): n
        for row in rows
        if (n := row.number)
    }
