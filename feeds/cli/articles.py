"""`feeds import`: articles from files and other sources into the store."""

import gc
import json
import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import click

from feeds.catalog import authority
from feeds.cli.following import Round, interval, repeat
from feeds.cli.inputs import STANDARD_INPUT, Input, Settings, inputs_of
from feeds.cli.shared import new_store, progress, read_config, shown
from feeds.config import Config
from feeds.importers import FORMATS, Accepted, Item, LeftOut, PageIds, Rejected
from feeds.model import Patch
from feeds.store import Create, Outcome, Saved, Store, open_store

BATCH = 500
_OUTCOMES: Sequence[Outcome] = ("new", "changed", "unchanged", "rejected")


@click.command("import", short_help="Import articles from files, feeds, a CMS or a database.")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option("--section", metavar="NAME", help="The section of articles that name none.")
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    help="The format of the sources. By default, each file's suffix or content tells it.",
)
@click.option(
    "--accept-new-ids",
    is_flag=True,
    help="Import new articles even if stored articles have the same url.",
)
@click.option(
    "--every",
    callback=interval,
    metavar="TIME",
    help="Repeat the import until it is stopped, with pauses such as 60s, 5m or 1h.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as a JSON object.")
@new_store
@click.pass_obj
def import_(  # noqa: PLR0913 - one parameter for each option
    path: Path | None,
    sources: tuple[str, ...],
    section: str | None,
    form: str | None,
    *,
    every: int | None,
    accept_new_ids: bool,
    as_json: bool,
    create: Create,
) -> None:
    """Import articles from files, feeds, a CMS or a database.

    SOURCE is one of:

    \b
      FOLDER             its pages (.txt, .html) and JSON Lines (.jsonl)
      FILE               the same, CSV (.csv), RSS, Atom, JSON Feed,
                         or an export of WordPress (.xml) or Ghost (.json)
      https://…          a feed, with all its older pages
      https://…/wp-json  a running WordPress
      sql:NAME           a query of the config
      -                  standard input

    Articles that were imported before are updated. An article with a mistake is rejected, with its
    file and line; the others are imported. Exits with 1 if some articles were rejected, with 2 if
    none was imported.
    """  # noqa: D301 - click keeps the lines after a backspace
    # The loaded modules stay; searching them for garbage again and again takes a twelfth longer.
    gc.freeze()
    config = read_config(path)
    settings = Settings(config, section, FORMATS[form] if form else None)

    def once(this_round: Round) -> int:
        # A store that disappears between rounds is not replaced by an empty one.
        with open_store(config.store, "first" if this_round.number > 1 else create) as store:
            done = _Import(store, config, this_round, accept_new_ids)
            done.run(inputs_of(sources, settings))
        if done.has_news or every is None:
            click.echo(json.dumps(done.facts()) if as_json else done.summary())
        return done.exit_code

    if every is None:
        click.get_current_context().exit(once(Round()))
    if STANDARD_INPUT in sources:
        raise click.UsageError("Standard input cannot be read again; leave out --every.")
    repeat(once, every)


@dataclass
class _Import:
    """An import, the number of articles by outcome, and the ends of embargoes."""

    store: Store
    config: Config
    this_round: Round
    accept_new_ids: bool
    now: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    started: float = field(default_factory=time.monotonic)
    counts: Counter[Outcome] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    embargoes: list[datetime] = field(default_factory=list)
    positions: dict[str, str] = field(default_factory=dict)
    is_stopped: bool = False
    has_told_of_folders: bool = False

    @property
    def exit_code(self) -> int:
        """0 if all articles were imported, 1 if some were not, 2 if none was imported."""
        if not self.counts["rejected"] and not self.is_stopped:
            return 0
        return 1 if self.counts.total() > self.counts["rejected"] else 2

    @property
    def has_news(self) -> bool:
        """Whether an article changed or anything was reported."""
        return bool(self.counts["new"] or self.counts["changed"] or self.this_round.news)

    def facts(self) -> dict[str, object]:
        """Give the outcome as values: `embargoed_until` is the first of these dates (RFC 3339)."""
        until = min(self.embargoes, default=None)
        seconds = time.monotonic() - self.started
        return {
            **{outcome: self.counts[outcome] for outcome in _OUTCOMES},
            "left_out": dict(self.left_out),
            "embargoed": len(self.embargoes),
            "embargoed_until": until and until.astimezone(self.config.site.zone).isoformat(),
            "seconds": round(seconds, 3),
            "articles_per_second": round(self.counts.total() / max(seconds, 0.001)),
        }

    def summary(self) -> str:
        """Give the outcome in a sentence."""
        facts = self.facts()
        counts = [f"{self.counts[outcome]} {outcome}" for outcome in _OUTCOMES]
        if self.embargoes:
            until = min(self.embargoes).astimezone(self.config.site.zone)
            later = " and later" if len(set(self.embargoes)) > 1 else ""
            embargoed = f"{len(self.embargoes)} under embargo until {until:%Y-%m-%d %H:%M %Z}"
            counts.insert(2, embargoed + later)
        if self.left_out:
            reasons = [f"{number} {shown(reason)}" for reason, number in self.left_out.items()]
            counts.append(f"{self.left_out.total()} left out ({', '.join(reasons)})")
        rate = f"{facts['articles_per_second']:,} articles a second"
        return f"{', '.join(counts)}, in {facts['seconds']:.1f} s ({rate})"

    def run(self, inputs: Sequence[Input]) -> None:
        """Save the articles of all inputs in batches, one transaction each."""
        accepted, stop = self._accepted(inputs), self.this_round.stop
        while not stop.is_set() and (batch := list(islice(accepted, BATCH))):
            patches = [each.patch for _, each in batch]
            if not self.accept_new_ids and (others := self.store.articles.known_by_url(patches)):
                self._stop(batch, others)
                return
            saved = self.store.articles.save(patches, authority(self.config), self.now)
            for (source, item), result in zip(batch, saved, strict=True):
                self._count(source, item, result)
            self._remember()
        self._remember()  # also where the last records were not accepted

    def _stored(self, ids: Collection[str]) -> dict[str, tuple[str, datetime]]:
        found = self.store.headlines.of(ids)
        return {key: (each.title, each.published) for key, each in found.items()}

    def _accepted(self, inputs: Sequence[Input]) -> Iterator[tuple[Input, Accepted]]:
        ids = PageIds([each.page for each in inputs if each.page], self._stored)
        size = sum(each.size for each in inputs)
        bar = progress("Importing", size or None, self._rate)
        # Later rounds are short; each bar would stay on the terminal.
        with bar if self.this_round.number == 1 else nullcontext(lambda _: None) as advance:
            for each in inputs:
                since = self.store.sources.position(each.name) if each.goes_on else None
                for item in each.read(since, advance):
                    advance(0)
                    if item.position is not None:
                        self.positions[each.name] = item.position
                    identified = ids.identified(each.page, item)
                    if isinstance(identified, LeftOut):
                        yield from self._withdrawal(each, identified)
                    elif isinstance(identified, Rejected):
                        self._reject(each, identified, identified.reason)
                    else:
                        yield each, identified

    def _stop(self, batch: Sequence[tuple[Input, Accepted]], others: Mapping[str, str]) -> None:
        """Say which articles of a batch, which is not saved, are stored with other ids."""
        self.is_stopped = True
        copies = [each for each in batch if each[1].patch.id in others]
        for source, item in copies[:3]:
            new, known = item.patch.id, others[item.patch.id]
            self._report(source, item, f"article {new} is new, but has the url of article {known}")
        self.this_round.report(
            f"feeds: stopped: {len(copies)} of the next {len(batch)} articles are stored with other"
            " ids, and would appear twice in every feed; import them with the stored ids, or use"
            " --accept-new-ids"
        )

    def _withdrawal(self, source: Input, item: LeftOut) -> Iterator[tuple[Input, Accepted]]:
        """Count a record that is left out, and withdraw the article that it was before."""
        self.left_out[item.reason] += 1
        if item.id and self.store.articles.known([item.id]):
            yield source, Accepted(Patch(item.id, {"status": "withdrawn"}), item.line)

    def _remember(self) -> None:
        """Remember how far sources were read, once what was read is durable."""
        for name, position in self.positions.items():
            self.store.sources.move(name, position)
        self.positions.clear()

    def _rate(self) -> str:
        articles = self.counts.total()
        rate = articles / max(time.monotonic() - self.started, 0.001)
        return f"{articles:,} articles, {rate:,.0f} a second"

    def _count(self, source: Input, item: Accepted, saved: Saved) -> None:
        if saved.article is None:
            self._reject(source, item, f"article {saved.id}: {'; '.join(saved.notes)}")
            return
        self.counts[saved.outcome] += 1
        notes, article = [*item.notes, *saved.notes], saved.article
        has_folder = source.page and saved.outcome == "new" and "/" in article.id
        if has_folder and not self.has_told_of_folders:
            self.has_told_of_folders = True
            notes.append("several pages have this name; the ids of such pages begin with folders")
        for note in notes:
            self._report(source, item, f"article {article.id}: {note}")
        if article.status == "live" and article.published > self.now:
            self.embargoes.append(article.published)

    def _reject(self, source: Input, item: Item, reason: str) -> None:
        self.counts["rejected"] += 1
        self._report(source, item, f"rejected: {reason}")

    def _report(self, source: Input, item: Item, message: str) -> None:
        """Print a message about a line of a source, or about all of it where the line is 0."""
        name = source.name if source.name.isprintable() else ascii(source.name)[1:-1]
        place = f"{name}:{item.line}" if item.line else name
        self.this_round.report(f"{place}: {message}")
