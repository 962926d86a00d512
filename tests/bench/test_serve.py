"""That the benchmark compares like with like; how fast anything is is nobody's assertion."""

import pytest
from click.testing import CliRunner

from tests.bench.__main__ import bench
from tests.bench.serve import Case, Row
from tests.bench.wrk import Load


def row(name: str, *per_second: float) -> Row:
    loads = [Load(each, size=200, busy=2e-5, p50=0.001, p99=0.002) for each in per_second]
    return Row(name, 10_000_000, loads)


CASE = Case("304", {"nginx": 0.8}, [row("feeds", 100, 300, 90), row("nginx", 200, 300, 100)])


def test_a_ratio_is_taken_within_each_round() -> None:
    ours, theirs = CASE.rows
    assert ours.ratio(theirs) == pytest.approx(0.9)  # the median of 0.5, 1 and 0.9


def test_a_table_names_the_goal_beside_its_peer() -> None:
    assert CASE.table().splitlines() == [
        "304      answers/s  cpu µs  p50 ms  p99 ms  bytes  × nginx (goal 0.8)  MB",
        "  feeds        100      20    1.00    2.00    200                0.90  10",
        "  nginx        200      20    1.00    2.00    200                1.00  10",
    ]


def test_without_its_programs_it_says_how_to_install_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    result = CliRunner().invoke(bench, ["serve", "--repetitions", "1"])
    assert result.exit_code != 0
    assert "apt-get install wrk nginx" in result.output
