"""`feeds indexnow`: a key, and the lines for the config."""

from pathlib import Path

from ruamel.yaml import YAML

from tests.cli.conftest import Run
from tests.paper import write_config


def test_it_prints_the_lines_for_the_config_and_says_where_the_key_will_be(
    run: Run, folder: Path
) -> None:
    first, second = run("indexnow"), run("indexnow")
    lines = YAML().load(first.stdout)
    assert lines != YAML().load(second.stdout)
    key = lines["indexnow"]["key"]
    assert f"at https://www.news.example/{key}.txt." in first.stderr
    write_config(folder, **lines)
    again = run("indexnow")
    assert (again.exit_code, key in again.stdout) == (0, False)
    assert again.stderr == "The config has a key already; this one would replace it.\n"
