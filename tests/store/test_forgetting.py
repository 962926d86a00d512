"""Data that was deleted for good is on no disk any more."""

import random
from pathlib import Path

import pytest
import sqlalchemy as sa

from feeds.store import Store
from feeds.store.database import Database
from feeds.store.schema import salts


@pytest.fixture
def database(store: Store) -> Database:
    return store._database


pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)


def keep(database: Database, days: int) -> dict[int, bytes]:
    """Store secrets of days, in no order and many times over, as processes do."""
    order = random.Random(days)
    secrets = {day: order.randbytes(32) for day in order.sample(range(days), days)}
    for piece in range(10):
        rows = [{"day": day, "salt": secrets[day], "made": 0} for day in list(secrets)[piece::10]]
        if rows:
            with database.writing() as connection:
                connection.execute(salts.insert(), rows)
    return secrets


def delete(database: Database, below: int) -> None:
    with database.writing() as connection:
        connection.execute(sa.delete(salts).where(salts.c.day < below))


def found(folder: Path, secrets: dict[int, bytes]) -> set[int]:
    """Name the days whose secret is in a file of the store."""
    files = b"".join(path.read_bytes() for path in folder.glob("newsroom.db*"))
    return {day for day, secret in secrets.items() if secret in files}


@pytest.mark.parametrize("days", [3, 2000], ids=["in one page", "in many pages"])
def test_deleted_data_is_in_no_file(database: Database, tmp_path: Path, days: int) -> None:
    secrets = keep(database, days)
    assert found(tmp_path, secrets) == set(range(days))
    delete(database, days - 1)
    assert database.forget_deleted()
    assert found(tmp_path, secrets) == {days - 1}


def test_it_is_kept_while_somebody_reads_and_can_be_forgotten_afterwards(
    database: Database, tmp_path: Path
) -> None:
    secrets = keep(database, 3)
    with database.reading() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(salts)) == 3
        delete(database, 3)
        assert not database.forget_deleted()
    assert found(tmp_path, secrets)
    assert database.forget_deleted()
    assert found(tmp_path, secrets) == set()
