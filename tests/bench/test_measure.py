from collections.abc import Callable

import pytest

from tests.bench.measure import Contestant, Race, Result, Row, as_json, run, table

RESULT = Result(
    "a race",
    "documents",
    2,
    [
        Row("ours", peer=False, size=4000, seconds=[0.2, 0.4, 9.0, 0.6]),
        Row("theirs", peer=True, size=2000, seconds=[0.1, 0.2, 3.0, 0.1]),
    ],
)


def recorder(name: str, calls: list[tuple[str, int]]) -> Callable[[int], bytes]:
    def record(given: int) -> bytes:
        calls.append((name, given))
        return name.encode()

    return record


def test_a_ratio_is_taken_within_each_repetition() -> None:
    ours, theirs = RESULT.rows
    assert ours.ratio(theirs) == pytest.approx(2.5)  # the median of 2, 2, 3 and 6


def test_quartiles_enclose_the_median() -> None:
    assert RESULT.rows[0].quartiles() == pytest.approx((0.35, 0.5, 2.7))


def test_quartiles_of_one_repetition_are_that_one() -> None:
    assert Row("once", peer=False, size=None, seconds=[0.5]).quartiles() == (0.5, 0.5, 0.5)


def test_every_contestant_runs_once_a_repetition_on_the_same_input_after_warming_up() -> None:
    calls: list[tuple[str, int]] = []
    contestants = [Contestant("a", recorder("a", calls)), Contestant("b", recorder("b", calls))]
    result = run(Race("", "documents", 1, lambda repetition: 10 * repetition, contestants), 2)
    assert calls == [("a", 0), ("b", 0), ("b", 10), ("a", 10), ("a", 20), ("b", 20)]
    assert [len(row.seconds) for row in result.rows] == [2, 2]
    assert [row.size for row in result.rows] == [1, 1]


def test_a_table_has_a_line_for_each_contestant_and_a_column_for_each_peer() -> None:
    assert table(RESULT).splitlines() == [
        "a race      median     quartiles  documents/s  kB  × theirs",
        "  ours    500.0 ms  350.0–2700.0            4   4      2.50",
        "  theirs  150.0 ms   100.0–900.0           13   2      1.00",
    ]


def test_a_table_leaves_out_sizes_where_nothing_has_one() -> None:
    row = Row("ours", peer=False, size=None, seconds=[0.5])
    assert "kB" not in table(Result("a race", "documents", 1, [row]))


def test_json_has_the_same_numbers_in_seconds() -> None:
    found = as_json(RESULT)
    assert found["things"] == "documents"
    ours = found["rows"][0]  # type: ignore[index]
    assert ours["median"] == pytest.approx(0.5)
    assert ours["per_second"] == pytest.approx(4)
    assert ours["ratios"] == {"theirs": pytest.approx(2.5)}
