"""`python -m tests.bench NAME`: measure this software beside its peers, in one run."""

import json
from collections.abc import Callable, Iterator, Mapping
from inspect import getdoc

import click

from tests.bench import publish
from tests.bench.measure import Result, as_json, machine, table

Benchmark = Callable[[int], Iterator[Result]]

BENCHMARKS: Mapping[str, Benchmark] = {
    "publish": publish.measure,
}
"""Every benchmark by its command: called with how often to repeat; its docstring says what the
rows mean."""


@click.group()
def bench() -> None:
    """Measure this software beside its peers; ratios are times as long, so less is better."""


def _command(name: str, benchmark: Benchmark) -> click.Command:
    @click.command(name, help=getdoc(benchmark))
    @click.option("--repetitions", type=click.IntRange(min=1), default=15, show_default=True)
    @click.option("--json", "for_scripts", is_flag=True, help="Write JSON.")
    def command(repetitions: int, *, for_scripts: bool) -> None:
        show = _show_json if for_scripts else _show_tables
        show(benchmark, repetitions)

    return command


def _show_tables(benchmark: Benchmark, repetitions: int) -> None:
    click.echo((getdoc(benchmark) or "").replace("\b\n", ""))
    click.echo("\n" + ", ".join(f"{key} {value}" for key, value in machine().items()))
    click.echo(f"medians of {repetitions} repetitions; × = times as long as the peer")
    for result in benchmark(repetitions):
        click.echo("\n" + table(result))


def _show_json(benchmark: Benchmark, repetitions: int) -> None:
    report = {
        "rows mean": (getdoc(benchmark) or "").replace("\b\n", ""),
        "machine": machine(),
        "repetitions": repetitions,
        "results": [as_json(result) for result in benchmark(repetitions)],
    }
    click.echo(json.dumps(report, ensure_ascii=False, indent=1))


for command_name, measured in BENCHMARKS.items():
    bench.add_command(_command(command_name, measured))

if __name__ == "__main__":
    bench(prog_name="python -m tests.bench")
