"""The gate with renderers that are broken on purpose: none of what they do is published."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from feeds.formats import FORMATS, Format
from feeds.gate import Edition, dated, edit
from feeds.model import Channel, Entry
from tests.formats.samples import AWKWARD, CHANNEL, FULL, MINIMAL

ENTRIES = (FULL, MINIMAL, AWKWARD)
Write = Callable[[Channel, Sequence[Entry]], bytes]
Break = Callable[[Sequence[Entry]], Sequence[Entry]]
every_format = pytest.mark.parametrize("extension", FORMATS)


def through(write: Write, extension: str, entries: Sequence[Entry] = ENTRIES) -> Edition:
    """Send entries through the gate with another renderer in the place of the real one."""
    broken = replace(FORMATS[extension], write=write)
    return edit(extension, CHANNEL, entries, {extension: broken})


def breaking(extension: str, change: Break) -> Write:
    """A renderer that writes other entries than those it was given."""
    return lambda channel, entries: FORMATS[extension].write(channel, change(entries))


def one_by_one(change: Callable[[Entry], Entry], *ids: str) -> Break:
    """Change the entries of these articles; of all, without any id."""
    return lambda entries: [change(e) if not ids or e.article_id in ids else e for e in entries]


def without(article_id: str) -> Break:
    return lambda entries: [entry for entry in entries if entry.article_id != article_id]


def retitled(entry: Entry) -> Entry:
    return replace(entry, title=entry.title + "!")


@every_format
def test_what_reads_back_equal_may_be_published(extension: str) -> None:
    edition = edit(extension, CHANNEL, ENTRIES)
    body = FORMATS[extension].render(CHANNEL, ENTRIES)
    assert edition == Edition(body)


@every_format
def test_an_empty_feed_may_be_published(extension: str) -> None:
    assert edit(extension, CHANNEL, ()) == Edition(FORMATS[extension].render(CHANNEL, ()))


@every_format
def test_an_article_that_reads_otherwise_is_held_back_and_the_others_go_out(
    extension: str,
) -> None:
    write = breaking(extension, one_by_one(retitled, MINIMAL.article_id))
    edition = through(write, extension)
    assert edition.body == FORMATS[extension].render(CHANNEL, [FULL, AWKWARD])
    assert edition.fault is None
    assert edition.held_back == {
        MINIMAL.article_id: "title: expected '눈길 조심', read back '눈길 조심!'"
    }


@every_format
def test_an_article_that_the_renderer_always_leaves_out_is_held_back(extension: str) -> None:
    edition = through(breaking(extension, without(FULL.article_id)), extension)
    assert list(edition.held_back) == [FULL.article_id]
    kept = [MINIMAL, AWKWARD]
    assert edition.body == FORMATS[extension].render(dated(CHANNEL, kept), kept)


@every_format
def test_an_article_that_the_renderer_cannot_write_is_held_back(extension: str) -> None:
    broken = replace(MINIMAL, title="half a pair \ud83d")
    edition = edit(extension, CHANNEL, [FULL, broken, AWKWARD])
    assert list(edition.held_back) == [MINIMAL.article_id]
    assert edition.body == FORMATS[extension].render(CHANNEL, [FULL, AWKWARD])


@every_format
def test_articles_with_faults_of_different_kinds_are_all_held_back(extension: str) -> None:
    def write(channel: Channel, entries: Sequence[Entry]) -> bytes:
        if any(entry.article_id == FULL.article_id for entry in entries):
            raise ValueError("refused")
        return breaking(extension, one_by_one(retitled, MINIMAL.article_id))(channel, entries)

    edition = through(write, extension)
    channel = dated(CHANNEL, [AWKWARD])
    assert edition.body == FORMATS[extension].render(channel, [AWKWARD])
    assert edition.held_back.keys() == {FULL.article_id, MINIMAL.article_id}
    assert "refused" in edition.held_back[FULL.article_id]


def refusing(_channel: Channel, _entries: Sequence[Entry]) -> bytes:
    raise ValueError("refused")


def running_out(_channel: Channel, _entries: Sequence[Entry]) -> bytes:
    raise MemoryError


AT_FAULT: dict[str, tuple[Callable[[str], Write], str]] = {
    "raises": (lambda _: refusing, "refused"),
    "raises what no renderer should": (lambda _: running_out, "MemoryError"),
    "writes nothing": (lambda _: lambda _channel, _entries: b"", ""),
    "writes something else": (lambda _: lambda _channel, _entries: b"<html/>", ""),
    "ends early": (lambda x: lambda c, e: FORMATS[x].write(c, e)[:-9], "document"),
    "drops every entry": (lambda x: breaking(x, lambda _: ()), "entry"),
    "drops the first entry": (lambda x: breaking(x, lambda entries: entries[1:]), "entry"),
    "writes one entry only": (lambda x: breaking(x, lambda entries: entries[:1]), ""),
    "writes an entry twice": (lambda x: breaking(x, lambda e: [*e, e[0]]), "order of entries"),
    "turns the order round": (lambda x: breaking(x, lambda e: e[::-1]), "order of entries"),
    "changes every title": (lambda x: breaking(x, one_by_one(retitled)), "title"),
    "changes every id": (
        lambda x: breaking(x, one_by_one(lambda e: replace(e, id=e.id + "x"))),
        "entry",
    ),
    "moves every date": (
        lambda x: breaking(
            x, one_by_one(lambda e: replace(e, published=e.published + timedelta(hours=9)))
        ),
        "published",
    ),
    "changes the channel": (
        lambda x: lambda c, e: FORMATS[x].write(replace(c, title="다른 신문"), e),
        "channel title: expected '관악뉴스 – 전체', read back '다른 신문'",
    ),
}


@every_format
@pytest.mark.parametrize(("broken", "fault"), AT_FAULT.values(), ids=AT_FAULT)
def test_a_renderer_that_is_at_fault_itself_publishes_nothing(
    broken: Callable[[str], Write], fault: str, extension: str
) -> None:
    edition = through(broken(extension), extension)
    assert (edition.body, edition.held_back) == (None, {})
    assert edition.fault
    assert fault in edition.fault


def test_a_check_that_fails_itself_publishes_nothing() -> None:
    # Nobody can read this format back, so that the check ends in an exception.
    unknown = {"txt": Format("Text", "text/plain", lambda _channel, _entries: b"text")}
    edition = edit("txt", CHANNEL, ENTRIES, unknown)
    assert edition.body is None
    assert edition.fault
    assert "KeyError" in edition.fault


def test_a_fault_names_no_more_than_three_differences() -> None:
    edition = through(breaking("rss", one_by_one(retitled)), "rss", ENTRIES)
    assert edition.fault
    assert edition.fault.count("expected") == 3


def test_a_channel_has_the_date_of_its_latest_change() -> None:
    assert dated(CHANNEL, ENTRIES).updated == FULL.updated
    assert dated(CHANNEL, (MINIMAL,)).updated == MINIMAL.updated
    assert dated(CHANNEL, ()).updated == CHANNEL.updated


@every_format
def test_a_channel_is_not_dated_by_an_article_that_was_held_back(extension: str) -> None:
    latest = replace(FULL, updated=FULL.updated + timedelta(days=1), title="half a pair \ud83d")
    edition = edit(extension, CHANNEL, [latest, MINIMAL])
    channel = replace(CHANNEL, updated=MINIMAL.updated)
    assert edition.body == FORMATS[extension].render(channel, [MINIMAL])
