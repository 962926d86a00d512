import io
import json

import pytest

from feeds.importers import Accepted, Rejected
from feeds.importers.jsonlines import LONGEST_LINE, read_jsonlines
from tests.importers.given import RECORD, SOURCE, accepted, article_of, read

LINE = json.dumps(RECORD, ensure_ascii=False).encode()


def test_each_line_is_an_article_and_keeps_its_number() -> None:
    second = json.dumps({**RECORD, "id": "2"}).encode()
    found = read("a.jsonl", LINE + b"\r\n\n  \n" + second)
    assert [(f.line, article_of(f).id) for f in found if isinstance(f, Accepted)] == [
        (1, "1"),
        (4, "2"),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "not JSON: Expecting property name"),
        (b"[1]", "not an article: a line is one object"),
        (b'{"id": NaN}', "not JSON: NaN is not a number"),
        (b'{"id": "1", "id": "2"}', 'the key "id" is there twice'),
        (b'{"views": ' + b"9" * 5000 + b"}", "not an article: a number has too many digits"),
        (b"[" * 100_000, "not an article: nested too deeply"),
        (b'{"title": "\xff"}', "not UTF-8 (byte 12 of the line is 0xFF)"),
        ('{"title": "똠방"}'.encode("cp949"), "perhaps from cp949"),
        (b'{"title": "1"}', "id: is missing"),
    ],
)
def test_a_bad_line_is_named_and_the_next_goes_in(line: bytes, reason: str) -> None:
    bad, good = read("a.jsonl", line + b"\n" + LINE)
    assert isinstance(bad, Rejected)
    assert bad.line == 1
    assert reason in bad.reason
    assert isinstance(good, Accepted)
    assert good.line == 2


def test_a_lone_surrogate_is_removed_and_noted() -> None:
    found = accepted("a.jsonl", rb'{"id":"1","title":"a\ud800b","published":"2024-11-05"}')
    assert article_of(found).title == "ab"
    assert found.notes == ("title: removed U+D800",)


class Measured(io.BytesIO):
    largest = 0

    def readline(self, size: int | None = -1, /) -> bytes:
        line = super().readline(size)
        self.largest = max(self.largest, len(line))
        return line


def test_a_line_that_is_far_too_long_is_passed_over_in_pieces() -> None:
    stream = Measured(b'{"id": "' + b"1" * 3 * LONGEST_LINE + b'"}\n' + LINE)
    long, good = read_jsonlines(stream, SOURCE)
    assert stream.largest <= LONGEST_LINE + 1
    assert long == Rejected(1, "the line is longer than 16 MiB; an article is far shorter")
    assert isinstance(good, Accepted)
    assert good.line == 2


def test_nothing_is_read_before_it_is_asked_for() -> None:
    stream = io.BytesIO(LINE + b"\n" + LINE)
    next(read_jsonlines(stream, SOURCE))
    assert stream.tell() == len(LINE) + 1
