"""`feeds check`: read feeds back and say what is wrong in them."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

import click
import urllib3

from feeds.cli.configured import read_config
from feeds.config import Config
from feeds.errors import FetchError
from feeds.publish import differences_now
from feeds.storage import Store, open_store
from feeds.verify import Finding, inspect

_MOST_BYTES = 50_000_000
_TYPES = {
    ".rss": "application/rss+xml",
    ".atom": "application/atom+xml",
    ".json": "application/json",
}


@click.command()
@click.argument("places", nargs=-1, metavar="[PATH or URL]...")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_context
def check(ctx: click.Context, places: tuple[str, ...], *, as_json: bool) -> None:
    """Read back the published documents, or any feed in a file or on the web.

    Published documents are compared with their articles; of a foreign feed, its own faults are
    told, for which no config is needed. Exits with 1 if anything is wrong.
    """
    if places:
        findings = [(place, finding) for place in places for finding in _foreign(place)]
        checked = len(places)
    else:
        config = read_config(ctx.obj)
        with open_store(config.store) as store:
            findings = list(_published(store, config))
            checked = len(store.documents.statuses())
    for place, finding in findings:
        _tell(place, finding, as_json=as_json)
    if not as_json:
        click.echo(f"{checked} checked, {len(findings) or 'nothing'} wrong")
    ctx.exit(1 if findings else 0)


def _published(store: Store, config: Config) -> Iterator[tuple[str, Finding]]:
    now = datetime.now(UTC)
    for status in store.documents.statuses():
        place = f"/feeds/{status.path}"
        if status.fault is not None:
            yield place, Finding("last publication", status.fault)
        for difference in differences_now(status, store, config, now):
            what = f"expected {difference.expected!r}, published {difference.found!r}"
            where = f"article {difference.article_id}" if difference.article_id else "document"
            yield place, Finding(where, f"{difference.field}: {what}")


def _foreign(place: str) -> tuple[Finding, ...]:
    try:
        if place.startswith(("http://", "https://")):
            return inspect(*_fetch(place))
        path = Path(place)
        return inspect(path.read_bytes(), _TYPES.get(path.suffix.lower(), ""))
    except (FetchError, OSError) as error:
        return (Finding("document", f"cannot be read: {error}"),)


def _fetch(url: str) -> tuple[bytes, str]:
    """Get a feed as a reader does; raises FetchError."""
    try:
        with urllib3.PoolManager() as pool:
            response = pool.request(
                "GET", url, timeout=30, retries=urllib3.Retry(3), preload_content=False
            )
            body = response.read(_MOST_BYTES + 1, decode_content=True)
    except urllib3.exceptions.HTTPError as error:
        raise FetchError(str(error)) from error
    if response.status != HTTPStatus.OK:
        raise FetchError(f"the server answers {response.status} {response.reason}")
    if len(body) > _MOST_BYTES:
        raise FetchError(f"it is longer than {_MOST_BYTES} bytes")
    return body, response.headers.get("Content-Type", "")


def _tell(place: str, finding: Finding, *, as_json: bool) -> None:
    if as_json:
        line = {"place": place, "where": finding.where, "what": finding.what}
        click.echo(json.dumps(line, ensure_ascii=False))
    else:
        click.echo(f"{place}: {finding.where}: {finding.what}")
