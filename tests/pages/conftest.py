"""The sample newspaper, for all tests of its pages."""

from collections.abc import Iterator

import pytest

from tests.pages.sample import sample
from tests.processes import Running


@pytest.fixture(scope="package")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The sample newspaper; no test changes it."""
    with sample(tmp_path_factory.mktemp("sample")) as service:
        yield service
