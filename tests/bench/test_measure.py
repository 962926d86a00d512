from collections.abc import Callable

import pytest
from click.testing import CliRunner

from tests.bench.__main__ import bench
from tests.bench.measure import Numbers, Race, Table, run, timed_race


def test_a_ratio_is_taken_within_each_repetition_and_beside_it_are_medians_and_quartiles() -> None:
    measured = {"ours": [0.2, 0.4, 9.0, 0.6], "theirs": [0.1, 0.2, 3.0, 0.1]}
    contestants = {
        name: lambda given, its=numbers: {"s": its[given - 1], "MB": 7}
        for name, numbers in measured.items()
    }
    table = run(Race("", contestants, {"× theirs": ("s", "theirs")}), 4)
    expected = {"s": 0.5, "25 %": 0.35, "75 %": 2.7, "MB": 7, "× theirs": 2.5}
    assert table.rows["ours"] == pytest.approx(expected)


def test_every_contestant_runs_once_a_repetition_on_the_same_input_after_warming_up() -> None:
    calls: list[tuple[str, int]] = []

    def records(name: str) -> Callable[[int], bytes]:
        def call(given: int) -> bytes:
            calls.append((name, given))
            return b"made"

        return call

    race = timed_race(
        "",
        (1, "things"),
        lambda repetition: 10 * repetition,
        {"a": records("a")},
        {"b": records("b")},
    )
    table = run(race, 2)
    assert calls == [("a", 0), ("b", 0), ("b", 10), ("a", 10), ("a", 20), ("b", 20)]
    assert set(table.rows["a"]) == {"ms", "25 %", "75 %", "things/s", "kB", "× b"}


def test_a_table_has_a_line_for_each_row_and_a_blank_for_a_number_that_is_missing() -> None:
    rows: dict[str, Numbers] = {"ours": {"ms": 1234.5, "kB": 4.04}, "theirs": {"ms": 9.0, "n": 3}}
    assert str(Table("a race", rows)).splitlines() == [
        "a race       ms    kB  n",
        "  ours    1,234  4.04   ",
        "  theirs   9.00        3",
    ]


def test_without_its_programs_it_says_how_to_install_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    result = CliRunner().invoke(bench, ["serve", "--repetitions", "1"])
    assert result.exit_code != 0
    assert "apt-get install wrk nginx" in result.output
