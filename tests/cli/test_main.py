"""All commands: the config, errors, help, and a quick start."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from feeds import __version__
from feeds.cli.shared import progress, table
from tests.cli.conftest import Run
from tests.paper import write_config
from tests.processes import environment, feeds

COMMANDS = (
    "import",
    "serve",
    "worker",
    "publish",
    "status",
    "list",
    "check",
    "quarantine",
    "top",
    "views",
)


def test_the_config_is_that_of_the_option_or_the_variable_or_the_folder(
    run: Run, folder: Path
) -> None:
    for name in ("option.yaml", "variable.yaml", "config.yaml"):
        (folder / name).write_text("most_read: {windos: [3h]}\n")
    for arguments, variables, read in (
        (["--config", "option.yaml"], {"FEEDS_CONFIG": "variable.yaml"}, "option.yaml"),
        ([], {"FEEDS_CONFIG": "variable.yaml"}, "variable.yaml"),
        ([], {"FEEDS_CONFIG": ""}, "config.yaml"),
        ([], {}, "config.yaml"),
    ):
        result = run(*arguments, "publish", **variables)
        assert (result.exit_code, result.stdout) == (2, "")
        assert f"{read}:1: site.url: " in result.stderr
        assert f'{read}:1: most_read.windos: no such key (did you mean "windows"?)' in result.stderr


def test_an_error_is_a_sentence_and_no_traceback(tmp_path: Path) -> None:
    write_config(tmp_path, store="sqlite:///nowhere/newsroom.db")
    done = feeds(tmp_path, "list")
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("feeds: ")
    assert "nowhere/newsroom.db" in line


def test_an_error_is_a_line_of_json_if_the_log_is(tmp_path: Path) -> None:
    write_config(tmp_path)
    done = feeds(tmp_path, "--log-format", "json", "list")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert json.loads(line)["level"] == "ERROR"
    assert "no store yet" in json.loads(line)["message"]


def test_the_package_runs_as_a_module_and_lists_its_commands_in_whole_sentences(
    tmp_path: Path,
) -> None:
    done = feeds(tmp_path, "--help", COLUMNS="80")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: python -m feeds [OPTIONS] COMMAND")
    assert all(f"\n  {command} " in done.stdout for command in COMMANDS)
    for help_text in (done.stdout, feeds(tmp_path, "views", "--help", COLUMNS="80").stdout):
        assert "..." not in help_text.partition("Commands:")[2]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_without_a_config(command: str, run: Run, folder: Path) -> None:
    (folder / "config.yaml").unlink()
    result = run(command, "--help")
    assert result.exit_code == 0
    assert f" {command} [OPTIONS]" in result.stdout


def test_the_version_is_printed(run: Run) -> None:
    assert run("--version").stdout == f"feeds, version {__version__}\n"


def test_a_command_loads_no_library_that_it_does_not_need(tmp_path: Path) -> None:
    write_config(tmp_path)
    assert feeds(tmp_path, "publish").returncode == 0  # makes the tables
    script = (
        "import sys; from feeds.cli import main; main(['list', '--json'], standalone_mode=False);"
        "names = ('alembic', 'feedparser', 'flask', 'granian', 'urllib3', 'lxml');"
        "print([name for name in names if name in sys.modules])"
    )
    command = [sys.executable, "-c", script]
    said = subprocess.check_output(command, cwd=tmp_path, env=environment(), text=True)
    *listed, loaded = said.splitlines()
    assert listed
    assert loaded == "[]"


def test_progress_is_printed_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("Checking", 3, note=lambda: "2 wrong", seconds=0) as advance:
        advance(1)
        advance(1)
    assert capsys.readouterr().err == "Checking: 33 %, 2 wrong\nChecking: 66 %, 2 wrong\n"


def test_a_table_escapes_characters_that_a_terminal_acts_upon() -> None:
    assert list(table([["a\x1b[31m\n\x9b"]])) == ["a\\u001b[31m\\n\\u009b"]
