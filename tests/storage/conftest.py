"""Every test of this package that asks for a store runs against every store."""

import pytest


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest) -> str:
    """The URL of a store that does not exist yet."""
    if request.param == "sqlite":
        return f"sqlite:///{request.getfixturevalue('tmp_path') / 'newsroom.db'}"
    return str(request.getfixturevalue("postgres_url"))
