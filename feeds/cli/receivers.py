"""`feeds subscribers` and `feeds indexnow`: the receivers of changes, and a key for IndexNow."""

import secrets
from pathlib import Path

import click

from feeds.cli.shared import iso_time, json_lines, open_paper, print_rows, read_config
from feeds.config import Config
from feeds.push.indexnow import location_of
from feeds.store import CONFIGURED, Receiver, Store

_BYTES_OF_A_KEY = 16
_NONE = "Nobody has subscribed, and the config names nobody to tell."


@click.command()
@click.option("--remove", "whose", metavar="CALLBACK", help="End subscriptions of a host or URL.")
@click.option("--topic", help="With --remove: only of this feed, such as /feeds/latest.rss.")
@json_lines
@click.pass_obj
def subscribers(path: Path | None, whose: str | None, topic: str | None, *, as_json: bool) -> None:
    """List the receivers of changes, and the state of each.

    These are subscribers of the hub, other hubs, search engines, and webhooks.
    """
    if topic and not whose:
        raise click.UsageError("--topic goes with --remove.")
    with open_paper(path) as (config, store):
        if whose:
            _remove(whose, (topic or "").removeprefix("/feeds/"), store)
            return
        found = store.receivers.all()
    print_rows([_row(each, config, whole=as_json) for each in found], _NONE, as_json=as_json)


def _remove(whose: str, topic: str, store: Store) -> None:
    found = [
        each
        for each in store.receivers.all()
        if whose in (each.url, each.host) and topic in ("", each.topic)
    ]
    gone = [each for each in found if each.kind not in CONFIGURED]
    if not gone:
        advice = "remove it from the config" if found else "`feeds subscribers` lists them all"
        raise click.ClickException(f"{whose} has no such subscription; {advice}")
    for each in gone:
        store.receivers.unsubscribe(each)
        if each.kind == "subscriber":
            store.receivers.request(Receiver("denied", each.url, each.topic))
        click.echo(f"removed: {each.host} from /feeds/{each.topic}")


def _row(receiver: Receiver, config: Config, *, whole: bool) -> dict[str, object]:
    """Describe a receiver. Its URL may hold a secret, so a table shows the host alone."""

    def shown(at: int | None) -> str | None:
        return None if at is None else iso_time(at, config)

    row: dict[str, object] = {
        "kind": receiver.kind,
        "topic": f"/feeds/{receiver.topic}" if receiver.topic else None,
        "host": receiver.host,
        "lease": shown(receiver.expires),
        "delivered": shown(receiver.delivered),
        "state": receiver.state,
        "failures": receiver.attempts,
    }
    since, reason = shown(receiver.failing), receiver.reason
    if whole:
        due = shown(receiver.due) if receiver.attempts else None
        return row | {"callback": receiver.url, "failing": since, "reason": reason, "due": due}
    return row | ({"failures": f"{receiver.attempts} since {since}: {reason}"} if since else {})


@click.command()
@click.pass_obj
def indexnow(path: Path | None) -> None:
    """Make a key for IndexNow, and print the lines for config.yaml.

    Search engines are then told of each article that is published, changed or withdrawn.
    """
    config = read_config(path)
    key = secrets.token_hex(_BYTES_OF_A_KEY)
    click.echo(f"indexnow:\n  key: {key}")
    if config.indexnow:
        click.echo("The config has a key already; this one would replace it.", err=True)
        return
    click.echo(
        "Put these lines into the config, and restart the service. It then shows the key to"
        f" search engines at {location_of(key, config)}.",
        err=True,
    )
