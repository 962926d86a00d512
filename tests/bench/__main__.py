"""`python -m tests.bench NAME`: measure this software beside its peers, in one run."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from inspect import getdoc

import click

from tests.bench import beside, imports, poll, publish, push, serve, views
from tests.bench.measure import Table, machine

Measure = Callable[[int], Iterator[Table]]
"""Called with how often to repeat; the docstring says what the rows mean."""

BENCHMARKS: Mapping[str, tuple[Measure, int]] = {
    "publish": (publish.measure, 15),
    "serve": (serve.measure, 5),
    "beside": (beside.measure, 5),
    "imports": (imports.measure, 5),
    "million": (imports.measure_million, 1),
    "push": (push.measure, 20),
    "poll": (poll.measure, 1),
    "views": (views.measure, 5),
}
"""Every benchmark by its command, and how often it repeats unless asked."""


@click.group()
def bench() -> None:
    """Measure this software beside its peers."""


def _command(name: str, measure: Measure, repetitions: int) -> click.Command:
    help_text = getdoc(measure) or ""

    @click.command(name, help=help_text)
    @click.option(
        "--repetitions", type=click.IntRange(min=1), default=repetitions, show_default=True
    )
    @click.option("--json", "for_scripts", is_flag=True, help="Write JSON.")
    def command(repetitions: int, *, for_scripts: bool) -> None:
        meaning = help_text.replace("\b\n", "")
        if for_scripts:
            results = [asdict(table) for table in measure(repetitions)]
            report = {"rows mean": meaning, "machine": machine(), "repetitions": repetitions}
            click.echo(json.dumps({**report, "results": results}, ensure_ascii=False, indent=1))
            return
        click.echo(f"{meaning}\n\n" + ", ".join(f"{key} {it}" for key, it in machine().items()))
        click.echo(f"medians of {repetitions} repetitions, and quartiles of the first number")
        for table in measure(repetitions):
            click.echo(f"\n{table}")

    return command


for command_name, (measured, usually) in BENCHMARKS.items():
    bench.add_command(_command(command_name, measured, usually))

if __name__ == "__main__":
    bench(prog_name="python -m tests.bench")
