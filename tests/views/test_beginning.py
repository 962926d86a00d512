"""A log is known again by its beginning, and told from those that begin alike."""

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.store import Position
from feeds.views.beginning import Beginning

LOG = b"".join(b'192.0.2.%d - - "GET /news/%d"\n' % (n % 250, n) for n in range(20_000))


def read(content: bytes) -> Beginning:
    beginning = Beginning()
    beginning.add(content)
    return beginning


def known(content: bytes, position: Position) -> bool:
    return Beginning.read_again(BytesIO(content), position) is not None


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, len(LOG)), max_size=20))
def test_in_whatever_pieces_a_log_is_read_it_is_the_same(cuts: list[int]) -> None:
    pieces, start = Beginning(), 0
    for end in sorted([*cuts, len(LOG)]):
        pieces.add(LOG[start:end])
        start = end
    whole = read(LOG)
    assert pieces.position == whole.position
    assert (pieces.length, pieces.line_ends) == (len(LOG), 20_000)


def test_nothing_is_known_of_a_log_that_is_new() -> None:
    again = Beginning.read_again(BytesIO(LOG), Position())
    assert again
    assert again.length == 0


def test_a_log_that_has_grown_is_read_up_to_where_it_was() -> None:
    stream = BytesIO(LOG)
    before = read(LOG[:100_000]).position
    again = Beginning.read_again(stream, before)
    assert again
    assert (again.position, stream.tell()) == (before, 100_000)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, len(LOG)))
def test_a_part_of_a_log_is_known_wherever_it_ends(length: int) -> None:
    assert known(LOG[:length], read(LOG).position)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(LOG) - 1), st.integers(0, len(LOG)))
def test_a_difference_is_seen_but_in_the_last_64th_of_a_shorter_log(at: int, longer: int) -> None:
    other = bytearray(LOG)
    other[at] ^= 1
    assert not known(bytes(other), read(LOG).position)
    length = min(len(LOG), at + at // 63 + 32 + longer)
    assert not known(bytes(other[:length]), read(LOG).position)


@pytest.mark.parametrize("lines", range(1, 30))
def test_a_difference_in_the_last_line_of_a_short_log_is_seen(lines: int) -> None:
    shared, position = LOG[: lines * 30], read(LOG).position
    assert known(shared, position)
    assert not known(shared + b"198.51.100.7 - - GET /\n", position)


def test_what_is_kept_of_a_long_log_is_short() -> None:
    long = Beginning()
    for _ in range(100):
        long.add(LOG * 2)
    assert long.length > 100_000_000
    assert len(long.position.digest or "") < 10_000
