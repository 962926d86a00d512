"""Contestants measured against each other: in turns, in one run, on the same input.

A number alone says as much about the machine as about the code. So each repetition lets every
contestant run once, each time another one first, and a ratio is the median of the ratios within
the repetitions: what slows the machine for a while slows both sides of it.
"""

import gc
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from os import cpu_count
from statistics import median, quantiles
from time import perf_counter
from typing import Any, Generic, TypeVar

Given = TypeVar("Given")
Numbers = Mapping[str, float]
"""Measured values, by the heading of their column."""
Contestant = Callable[[Given], Numbers]


@dataclass(frozen=True, slots=True)
class Table:
    """The result of a benchmark: the numbers of each row, by its name."""

    name: str
    rows: Mapping[str, Numbers]

    def __str__(self) -> str:
        headings = list(dict.fromkeys(each for row in self.rows.values() for each in row))
        lines = [[self.name, *headings]] + [
            [f"  {name}", *(_shown(row[each]) if each in row else "" for each in headings)]
            for name, row in self.rows.items()
        ]
        names, *columns = zip(*lines, strict=True)
        padded = [_padded(names, str.ljust), *(_padded(column, str.rjust) for column in columns)]
        return "\n".join("  ".join(line) for line in zip(*padded, strict=True))


@dataclass(frozen=True, slots=True)
class Race(Generic[Given]):
    """Contestants that do comparable work; each measures one turn of its own.

    A column in `ratios` divides a number, given by its heading, by that of a peer. `given` makes
    the input of a repetition, untimed; the first is 1. With `warms_up`, a repetition 0 comes
    before it and does not count.
    """

    name: str
    contestants: Mapping[str, Contestant[Given]]
    ratios: Mapping[str, tuple[str, str]]
    given: Callable[[int], Any] = int
    warms_up: bool = False


def run(race: Race[Any], repetitions: int) -> Table:
    """Let contestants run in turns; give medians, and the quartiles of the first number."""
    names = list(race.contestants)
    turns: dict[str, list[Numbers]] = {name: [] for name in names}
    for repetition in range(0 if race.warms_up else 1, repetitions + 1):
        first = repetition % len(names)
        given = race.given(repetition)
        for name in names[first:] + names[:first]:
            turns[name].append(race.contestants[name](given))
    counted = {name: its[-repetitions:] for name, its in turns.items()}
    return Table(race.name, {name: _row(name, counted, race.ratios) for name in names})


def timed_race(
    name: str,
    things: tuple[int, str],
    given: Callable[[int], Given],
    ours: Mapping[str, Callable[[Given], object]],
    peers: Mapping[str, Callable[[Given], object]],
) -> Race[Given]:
    """Race calls that each make a number of things: milliseconds, and kB if the result is bytes."""
    contestants = {each: _timed(call, *things) for each, call in {**ours, **peers}.items()}
    ratios = {f"× {peer}": ("ms", peer) for peer in peers}
    return Race(name, contestants, ratios, given, warms_up=True)


def machine() -> Mapping[str, object]:
    """Describe the machine that measures."""
    return {
        "python": platform.python_version(),
        "platform": platform.platform(terse=True),
        "processors": cpu_count(),
    }


def _timed(call: Callable[[Given], object], count: int, things: str) -> Contestant[Given]:
    def turn(given: Given) -> Numbers:
        gc.collect()  # no turn pays for the garbage of another
        start = perf_counter()
        made = call(given)
        seconds = perf_counter() - start
        size = {"kB": len(made) / 1000} if isinstance(made, bytes) else {}
        return {"ms": 1000 * seconds, f"{things}/s": count / seconds, **size}

    return turn


def _row(
    name: str, turns: Mapping[str, Sequence[Numbers]], ratios: Mapping[str, tuple[str, str]]
) -> Numbers:
    ours = turns[name]
    medians = {heading: median(turn[heading] for turn in ours) for heading in ours[0]}
    first = next(iter(medians))
    spread = [turn[first] for turn in ours]
    lower, _, upper = quantiles(spread, n=4, method="inclusive") if spread[1:] else spread * 3
    return {
        first: medians[first],
        "25 %": lower,
        "75 %": upper,
        **medians,
        **{
            heading: median(
                our[number] / their[number] for our, their in zip(ours, turns[peer], strict=True)
            )
            for heading, (number, peer) in ratios.items()
        },
    }


def _shown(number: float) -> str:
    is_whole = isinstance(number, int) or number >= 100
    return f"{number:,.0f}" if is_whole else f"{number:.2f}"


def _padded(column: Sequence[str], pad: Callable[[str, int], str]) -> list[str]:
    width = max(map(len, column))
    return [pad(cell, width) for cell in column]
