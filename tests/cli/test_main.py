"""What all commands share: the configuration, errors, help, and a quick start."""

import subprocess
import sys
from pathlib import Path

import pytest

from feeds import __version__
from feeds.cli.shared import progress, table
from tests.cli.conftest import Run
from tests.paper import record, write_articles, write_config
from tests.processes import environment, feeds

COMMANDS = ("import", "serve", "worker", "publish", "list", "check", "quarantine")


def papers(folder: Path, *names: str) -> dict[str, Path]:
    """Make papers with folders of their own; each has one article, in a section of its name."""
    configs = {}
    for name in names:
        (folder / name).mkdir(exist_ok=True)
        configs[name] = write_config(folder / name)
    return configs


def sections(run: Run, *arguments: str | Path, **variables: str) -> set[str]:
    run(*arguments, "publish", **variables)
    paths = (row.split()[0] for row in run(*arguments, "list", **variables).stdout.splitlines())
    return {path.split("/")[3].partition(".")[0] for path in paths if "/sections/" in path}


def test_the_option_goes_before_the_variable_and_that_before_the_folder(
    run: Run, folder: Path
) -> None:
    configs = papers(folder, "option", "variable") | {"here": folder / "config.yaml"}
    for name, config in configs.items():
        file = write_articles(folder / "a.jsonl", [record("1", sections=[name])])
        run("--config", config, "import", file)
    named = str(configs["variable"])
    assert sections(run, "--config", configs["option"], FEEDS_CONFIG=named) == {"option"}
    assert sections(run, FEEDS_CONFIG=named) == {"variable"}
    assert sections(run) == {"here"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--config", "none.yaml", "list"], "none.yaml: no such file"),
        (["list"], "no config.yaml in "),
    ],
)
def test_a_config_that_is_not_there_is_told(
    folder: Path, run: Run, arguments: list[str], said: str
) -> None:
    (folder / "config.yaml").unlink()
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"feeds: {said}" in result.stderr


def test_every_fault_of_the_config_is_told_with_its_line(folder: Path, run: Run) -> None:
    (folder / "config.yaml").write_text(
        "site:\n  title: 신문\n  url: news\nmost_read:\n  windos: [3h]\n", "utf-8"
    )
    result = run("publish")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "config.yaml:3: site.url: " in result.stderr
    assert 'config.yaml:5: most_read.windos: no such key (did you mean "windows"?)' in result.stderr


def test_an_error_is_a_sentence_and_no_traceback(tmp_path: Path) -> None:
    write_config(tmp_path, store="sqlite:///nowhere/newsroom.db")
    done = feeds(tmp_path, "list")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("feeds: ")
    assert "nowhere/newsroom.db" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_package_runs_as_a_module(tmp_path: Path) -> None:
    done = feeds(tmp_path, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: python -m feeds [OPTIONS] COMMAND")
    for command in COMMANDS:
        assert f"\n  {command} " in done.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_without_a_config(command: str, run: Run, folder: Path) -> None:
    (folder / "config.yaml").unlink()
    result = run(command, "--help")
    assert result.exit_code == 0
    assert f" {command} [OPTIONS]" in result.stdout


def test_the_version_is_told(run: Run) -> None:
    assert run("--version").stdout == f"feeds, version {__version__}\n"


def test_a_command_that_is_none_is_told(run: Run) -> None:
    result = run("pubish")
    assert result.exit_code == 2
    assert "No such command 'pubish'" in result.stderr


def test_a_command_waits_for_no_library_that_it_does_not_need(tmp_path: Path) -> None:
    write_config(tmp_path)
    feeds(tmp_path, "list")  # the tables are there now
    script = (
        "import sys; from feeds.cli import main; main(['list', '--json'], standalone_mode=False);"
        "print([m for m in ('alembic', 'flask', 'granian', 'urllib3', 'lxml') if m in sys.modules])"
    )
    command = [sys.executable, "-c", script]
    said = subprocess.check_output(command, cwd=tmp_path, env=environment(), text=True)
    assert said.strip() == "[]"


@pytest.mark.parametrize("group", [[], ["views"]])
def test_no_help_text_is_cut(run: Run, group: list[str]) -> None:
    assert "..." not in run(*group, "--help").stdout.partition("Commands:")[2]


def test_a_long_command_says_how_far_it_is_without_a_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert list(progress(range(3), "Checking", seconds=0)) == [0, 1, 2]
    assert capsys.readouterr().err.splitlines()[-1] == "Checking: 2 of 3"


def test_a_table_shows_what_a_terminal_would_act_upon() -> None:
    assert list(table([["a\x1b[31m\n\x9b"]])) == ["a\\u001b[31m\\n\\u009b"]
