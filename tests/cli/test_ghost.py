"""`feeds import` of the exports of Ghost, one after the other."""

from pathlib import Path

from tests import ghost
from tests.cli.conftest import Run


def test_an_article_follows_what_each_new_export_says_of_its_post(run: Run, folder: Path) -> None:
    path = folder / "paper.ghost.json"

    def summary(**keys: str) -> str:
        path.write_bytes(ghost.export(ghost.row(**keys), ghost.row(id="2", type="page")))
        done = run("import", path)
        assert done.exit_code == 0, done.output
        return done.output.partition(", in ")[0]

    assert summary() == "1 new, 0 changed, 0 unchanged, 0 rejected, 1 left out (1 page)"
    assert summary() == "0 new, 0 changed, 1 unchanged, 0 rejected, 1 left out (1 page)"
    withdrawn = summary(visibility="paid")
    assert withdrawn == "0 new, 1 changed, 0 unchanged, 0 rejected, 2 left out (1 paid, 1 page)"
    assert '"status": "withdrawn"' in run("show", ghost.ID, "--json").output
    assert summary().startswith("0 new, 1 changed")
    assert '"status": "live"' in run("show", ghost.ID, "--json").output
