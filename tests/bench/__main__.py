"""`python -m tests.bench NAME`: measure this software beside its peers, in one run."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from inspect import getdoc

import click

from tests.bench import beside, poll, publish, serve, views
from tests.bench.measure import Report, machine


@dataclass(frozen=True, slots=True)
class Benchmark:
    """`measure` is called with how often to repeat; its docstring says what the rows mean."""

    measure: Callable[[int], Iterator[Report]]
    repetitions: int


BENCHMARKS: Mapping[str, Benchmark] = {
    "publish": Benchmark(publish.measure, repetitions=15),
    "serve": Benchmark(serve.measure, repetitions=5),
    "beside": Benchmark(beside.measure, repetitions=5),
    "poll": Benchmark(poll.measure, repetitions=1),
    "views": Benchmark(views.measure, repetitions=5),
}
"""Every benchmark by its command."""


@click.group()
def bench() -> None:
    """Measure this software beside its peers."""


def _command(name: str, benchmark: Benchmark) -> click.Command:
    @click.command(name, help=getdoc(benchmark.measure))
    @click.option(
        "--repetitions",
        type=click.IntRange(min=1),
        default=benchmark.repetitions,
        show_default=True,
    )
    @click.option("--json", "for_scripts", is_flag=True, help="Write JSON.")
    def command(repetitions: int, *, for_scripts: bool) -> None:
        show = _show_json if for_scripts else _show_tables
        show(benchmark, repetitions)

    return command


def _show_tables(benchmark: Benchmark, repetitions: int) -> None:
    click.echo(_meaning(benchmark))
    click.echo("\n" + ", ".join(f"{key} {value}" for key, value in machine().items()))
    click.echo(f"medians of {repetitions} repetitions")
    for report in benchmark.measure(repetitions):
        click.echo("\n" + report.table())


def _show_json(benchmark: Benchmark, repetitions: int) -> None:
    report = {
        "rows mean": _meaning(benchmark),
        "machine": machine(),
        "repetitions": repetitions,
        "results": [report.as_json() for report in benchmark.measure(repetitions)],
    }
    click.echo(json.dumps(report, ensure_ascii=False, indent=1))


def _meaning(benchmark: Benchmark) -> str:
    return (getdoc(benchmark.measure) or "").replace("\b\n", "")


for command_name, measured in BENCHMARKS.items():
    bench.add_command(_command(command_name, measured))

if __name__ == "__main__":
    bench(prog_name="python -m tests.bench")
