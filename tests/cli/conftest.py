"""The `feeds` command in the folder of a small paper."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from feeds.cli import main
from tests.paper import write_config

Run = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder; a working config.yaml is in it."""
    write_config(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(folder: Path) -> Run:
    """Run a command with its arguments; an error that it does not report is raised."""

    def run(*arguments: str | Path, **variables: str) -> Result:
        runner = CliRunner(env={"FEEDS_CONFIG": None, **variables})
        return runner.invoke(main, list(map(str, arguments)), catch_exceptions=False)

    return run
