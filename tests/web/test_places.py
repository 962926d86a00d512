"""The place in an article that a feed would change, as the reason of the gate quotes it."""

import pytest

from feeds.web.places import Place, place_of


@pytest.mark.parametrize(
    ("reason", "place"),
    [
        (
            r"content: expected '…기다린 길\u200b이 열렸다', read back '…기다린 길이 열렸다'",
            Place("content", "…기다린 길", "[U+200B]", "이 열렸다", ""),
        ),
        (
            """title: expected "it's A", read back 'its "B"'""",
            Place("title", "it", "'", "s A", ""),
        ),
        (
            "published: expected '2026-03-02', read back '2026-04-02'",
            Place("published", "2026-0", "3", "-02", "4"),
        ),
        ("entry: expected 'tag:1', read back 'no such entry'", None),
        ("document: expected 'a document', read back 'cannot be written: ValueError()'", None),
        ("body_html: its elements, such as <b> and <font>, are not ended; end them", None),
        ("title: expected 'a', read back 'b' or so", None),
    ],
)
def test_a_reason_that_quotes_two_values_names_the_first_difference(
    reason: str, place: Place | None
) -> None:
    assert place_of(reason) == place
