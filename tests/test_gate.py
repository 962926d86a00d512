"""The gate with renderers that are broken on purpose: nothing that they break is published."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from feeds.errors import RenderError
from feeds.formats import FORMATS
from feeds.gate import dated, feed_in, render_checked
from feeds.model import Channel, Difference, Entry
from tests.formats.samples import AWKWARD, CHANNEL, FULL, MINIMAL

ENTRIES = (FULL, MINIMAL, AWKWARD)
UNWRITABLE = "half a pair \ud83d"
Write = Callable[[Channel, Sequence[Entry]], bytes]
Break = Callable[[Sequence[Entry]], Sequence[Entry]]
every_format = pytest.mark.parametrize("extension", FORMATS)


def rendered(extension: str, *entries: Entry) -> bytes:
    """What the real renderer writes of entries, in a channel of their date."""
    return FORMATS[extension].render(dated(CHANNEL, entries), entries)


def checked(extension: str, *entries: Entry) -> tuple[bytes, dict[str, str]]:
    """Send entries through the gate with the real renderer."""
    return render_checked(*feed_in(extension, CHANNEL), entries)


def through(
    write: Write, extension: str, entries: Sequence[Entry] = ENTRIES
) -> tuple[bytes, dict[str, str]]:
    """Send entries through the gate with another renderer in the place of the real one."""
    _, check = feed_in(extension, CHANNEL)
    return render_checked(lambda some: write(dated(CHANNEL, some), some), check, entries)


def breaking(extension: str, change: Break) -> Write:
    """A renderer that writes other entries than those it was given."""
    return lambda channel, entries: FORMATS[extension].render(channel, change(entries))


def one_by_one(change: Callable[[Entry], Entry], *ids: str) -> Break:
    """Change the entries of these articles; of all, without any id."""
    return lambda entries: [change(e) if not ids or e.article_id in ids else e for e in entries]


def retitled(entry: Entry) -> Entry:
    return replace(entry, title=entry.title + "!")


@every_format
@pytest.mark.parametrize("entries", [ENTRIES, ()], ids=["entries", "empty"])
def test_a_document_that_reads_back_equal_may_be_published(
    extension: str, entries: Sequence[Entry]
) -> None:
    assert render_checked(*feed_in(extension, CHANNEL), entries) == (
        rendered(extension, *entries),
        {},
    )


@every_format
def test_an_article_that_reads_otherwise_is_held_back_and_the_others_go_out(
    extension: str,
) -> None:
    body, held_back = through(
        breaking(extension, one_by_one(retitled, MINIMAL.article_id)), extension
    )
    assert body == rendered(extension, FULL, AWKWARD)
    assert held_back == {MINIMAL.article_id: "title: expected '눈길 조심', read back '눈길 조심!'"}


@every_format
def test_one_of_two_articles_with_the_same_id_is_held_back(extension: str) -> None:
    twin = replace(MINIMAL, id=FULL.id)
    body, held_back = checked(extension, FULL, twin, AWKWARD)
    assert len(held_back) == 1
    assert body in (rendered(extension, FULL, AWKWARD), rendered(extension, twin, AWKWARD))


@every_format
def test_an_article_that_the_renderer_always_leaves_out_is_held_back(extension: str) -> None:
    without = breaking(extension, lambda es: [e for e in es if e.article_id != FULL.article_id])
    body, held_back = through(without, extension)
    assert list(held_back) == [FULL.article_id]
    assert body == rendered(extension, MINIMAL, AWKWARD)


@every_format
def test_an_article_that_cannot_be_written_is_held_back_and_dates_no_channel(
    extension: str,
) -> None:
    latest = replace(FULL, updated=FULL.updated + timedelta(days=1), title=UNWRITABLE)
    body, held_back = checked(extension, latest, MINIMAL)
    assert list(held_back) == [FULL.article_id]
    assert body == rendered(extension, MINIMAL)


@every_format
def test_articles_with_faults_of_different_kinds_are_all_held_back(extension: str) -> None:
    def write(channel: Channel, entries: Sequence[Entry]) -> bytes:
        if any(entry.article_id == FULL.article_id for entry in entries):
            raise ValueError("refused")
        return breaking(extension, one_by_one(retitled, MINIMAL.article_id))(channel, entries)

    body, held_back = through(write, extension)
    assert body == rendered(extension, AWKWARD)
    assert held_back.keys() == {FULL.article_id, MINIMAL.article_id}
    assert "refused" in held_back[FULL.article_id]


def raising(error: Exception) -> Write:
    def write(_channel: Channel, _entries: Sequence[Entry]) -> bytes:
        raise error

    return write


AT_FAULT: dict[str, tuple[Callable[[str], Write], str]] = {
    "raises": (lambda _: raising(ValueError("refused")), "refused"),
    "raises what no renderer should": (lambda _: raising(MemoryError()), "MemoryError"),
    "writes nothing": (lambda _: lambda _channel, _entries: b"", ""),
    "writes something else": (lambda _: lambda _channel, _entries: b"<html/>", ""),
    "ends early": (lambda x: lambda c, e: FORMATS[x].render(c, e)[:-9], "document"),
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
        lambda x: lambda c, e: FORMATS[x].render(replace(c, title="다른 신문"), e),
        "channel title",
    ),
}


@every_format
@pytest.mark.parametrize(("broken", "fault"), AT_FAULT.values(), ids=AT_FAULT)
def test_a_renderer_that_is_at_fault_itself_publishes_nothing(
    broken: Callable[[str], Write], fault: str, extension: str
) -> None:
    with pytest.raises(RenderError, match=fault or "."):
        through(broken(extension), extension)


def test_a_check_that_fails_itself_publishes_nothing() -> None:
    def check(_body: bytes, _entries: Sequence[Entry]) -> Sequence[Difference]:
        raise KeyError

    with pytest.raises(RenderError, match=r"^cannot be written: KeyError"):
        render_checked(lambda _: b"text", check, ENTRIES)


def test_a_fault_names_no_more_than_three_differences() -> None:
    each_twice = one_by_one(lambda entry: replace(retitled(entry), summary="x"))
    with pytest.raises(RenderError) as refused:
        through(breaking("rss", each_twice), "rss")
    assert str(refused.value).count("expected") == 3


def test_a_channel_has_the_date_of_its_latest_change() -> None:
    assert dated(CHANNEL, ENTRIES).updated == FULL.updated
    assert dated(CHANNEL, (MINIMAL,)).updated == MINIMAL.updated
    assert dated(CHANNEL, ()).updated == CHANNEL.updated
