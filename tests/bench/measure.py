"""Contestants measured against each other: in turns, in one run, on the same input.

A time alone says as much about the machine as about the code. So each repetition lets every
contestant run once, each time another one first, and a ratio is the median of the ratios within
the repetitions: what slows the machine for a while slows both sides of it.
"""

import gc
import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from os import cpu_count
from statistics import median, quantiles
from time import perf_counter
from typing import Any, Generic, Protocol, TypeVar

Given = TypeVar("Given")


class Report(Protocol):
    """What a benchmark found out: one table."""

    def table(self) -> str:
        """Show it to people."""
        ...

    def as_json(self) -> Mapping[str, object]:
        """Give it to scripts."""
        ...


@dataclass(frozen=True, slots=True)
class Contestant(Generic[Given]):
    """Something to measure; `run` gets what its race gives, only that call is timed.

    A `peer` is what the others are compared with.
    """

    name: str
    run: Callable[[Given], object]
    peer: bool = False


@dataclass(frozen=True, slots=True)
class Race(Generic[Given]):
    """Contestants that do comparable work; each run makes `count` `things`.

    `given` makes the input of a repetition, untimed, from its number (0 is the one to warm up).
    """

    name: str
    things: str
    count: int
    given: Callable[[int], Given]
    contestants: Sequence[Contestant[Given]]


@dataclass(slots=True)
class Row:
    """What one contestant took, in seconds, by repetition; `size` in bytes, if it made bytes."""

    name: str
    peer: bool
    size: int | None
    seconds: list[float] = field(default_factory=list)

    def ratio(self, peer: "Row") -> float:
        """How many times as long as a peer it took."""
        return median(
            ours / theirs for ours, theirs in zip(self.seconds, peer.seconds, strict=True)
        )

    def quartiles(self) -> tuple[float, float, float]:
        """Lower quartile, median, upper quartile."""
        if len(self.seconds) == 1:
            return (self.seconds[0],) * 3
        lower, middle, upper = quantiles(self.seconds, n=4, method="inclusive")
        return lower, middle, upper


@dataclass(frozen=True, slots=True)
class Result:
    """The rows of a race, in the order of its contestants."""

    name: str
    things: str
    count: int
    rows: Sequence[Row]

    def table(self) -> str:
        """Show it to people."""
        return table(self)

    def as_json(self) -> Mapping[str, object]:
        """Give it to scripts."""
        return as_json(self)

    def ratios(self, row: Row) -> Mapping[str, float]:
        """How many times as long as each peer a row took."""
        return {peer.name: row.ratio(peer) for peer in self.rows if peer.peer}


def run(race: Race[Any], repetitions: int) -> Result:
    """Let the contestants of a race run in turns, that many times after one to warm up."""
    given = race.given(0)
    rows = [_warmed_up(each, given) for each in race.contestants]
    pairs = list(zip(race.contestants, rows, strict=True))
    for repetition in range(1, repetitions + 1):
        first = repetition % len(pairs)
        given = race.given(repetition)
        for contestant, row in (*pairs[first:], *pairs[:first]):
            row.seconds.append(_seconds(contestant, given))
    return Result(race.name, race.things, race.count, rows)


def machine() -> Mapping[str, object]:
    """Say where it was measured."""
    return {
        "python": platform.python_version(),
        "platform": platform.platform(terse=True),
        "processors": cpu_count(),
    }


def table(result: Result) -> str:
    """Show a result to people."""
    peers = [row.name for row in result.rows if row.peer]
    head = [result.name, "median", "quartiles", f"{result.things}/s", "kB"]
    lines = [[*head, *(f"× {peer}" for peer in peers)]]
    lines += [list(_cells(row, result)) for row in result.rows]
    return aligned(lines)


def aligned(lines: Sequence[Sequence[str]]) -> str:
    """Lay out lines of cells below a head, names to the left; leave out columns without a cell."""
    names, *numbers = (column for column in zip(*lines, strict=True) if any(column[1:]))
    columns = [_padded(names, str.ljust), *(_padded(column, str.rjust) for column in numbers)]
    return "\n".join("  ".join(line) for line in zip(*columns, strict=True))


def as_json(result: Result) -> Mapping[str, object]:
    """Give a result to scripts; all times in seconds for one run of `count` things."""
    return {
        "name": result.name,
        "things": result.things,
        "count": result.count,
        "rows": [_json_row(row, result) for row in result.rows],
    }


def _warmed_up(contestant: Contestant[Any], given: Any) -> Row:
    made = contestant.run(given)
    return Row(contestant.name, contestant.peer, len(made) if isinstance(made, bytes) else None)


def _seconds(contestant: Contestant[Any], given: Any) -> float:
    gc.collect()  # nobody pays for what another left behind
    start = perf_counter()
    contestant.run(given)
    return perf_counter() - start


def _cells(row: Row, result: Result) -> Iterator[str]:
    lower, middle, upper = (second * 1000 for second in row.quartiles())
    yield f"  {row.name}"
    yield f"{middle:.1f} ms"
    yield f"{lower:.1f}–{upper:.1f}"
    yield f"{1000 * result.count / middle:.0f}"
    yield f"{row.size / 1000:.0f}" if row.size else ""
    yield from (f"{ratio:.2f}" for ratio in result.ratios(row).values())


def _padded(column: Sequence[str], pad: Callable[[str, int], str]) -> list[str]:
    width = max(map(len, column))
    return [pad(cell, width) for cell in column]


def _json_row(row: Row, result: Result) -> Mapping[str, object]:
    lower, middle, upper = row.quartiles()
    return {
        "name": row.name,
        "peer": row.peer,
        "median": middle,
        "quartiles": [lower, upper],
        "per_second": result.count / middle,
        "bytes": row.size,
        "ratios": result.ratios(row),
        "seconds": row.seconds,
    }
