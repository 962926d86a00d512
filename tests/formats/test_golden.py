import pytest

from tests.formats.regenerate import GOLDEN, documents


@pytest.mark.parametrize("name", documents())
def test_a_document_is_the_one_that_was_reviewed(name: str) -> None:
    golden = (GOLDEN / name).read_bytes().decode()
    assert documents()[name].decode() == golden, (
        f"{GOLDEN.name}/{name} is no longer what is written; if the change is meant, run "
        "`python -m tests.formats.regenerate` and review the diff"
    )
