"""Secrets are encrypted with a key that is outside the database."""

import stat
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from feeds.errors import CipherError
from feeds.push.cipher import decrypt, encrypt

SECRET = "장미 🌹 rose"


@pytest.fixture
def file(tmp_path: Path) -> str:
    return str(tmp_path / "hub.key")


def test_a_secret_comes_back(file: str) -> None:
    token = encrypt(SECRET, file)
    assert "rose" not in token
    assert decrypt(token, file) == SECRET.encode()
    assert encrypt(SECRET, file) != token


def test_the_key_is_made_once_for_its_owner_alone(file: str) -> None:
    with ThreadPoolExecutor(8) as threads:
        tokens = list(threads.map(partial(encrypt, file=file), ["a"] * 32))
    assert {decrypt(token, file) for token in tokens} == {b"a"}
    path = Path(file)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_a_variable_stands_for_the_file(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEEDS_HUB_KEY", "k" * 32)
    token = encrypt(SECRET, file)
    assert decrypt(token, file) == SECRET.encode()
    assert not Path(file).exists()
    # On another node the same text is in the file.
    monkeypatch.delenv("FEEDS_HUB_KEY")
    Path(file).write_text("k" * 32 + "\n")
    assert decrypt(token, file) == SECRET.encode()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda path: path.unlink(), "encrypted with another key; put that key back into {file}"),
        (lambda path: path.write_text("k" * 32), "encrypted with another key; put that key back"),
        (lambda path: path.write_text(""), "the key in {file}, or in FEEDS_HUB_KEY, is shorter"),
    ],
)
def test_without_its_key_a_secret_stays_closed(file: str, change: object, reason: str) -> None:
    token = encrypt(SECRET, file)
    change(Path(file))
    with pytest.raises(CipherError) as error:
        decrypt(token, file)
    assert reason.format(file=file) in str(error.value)


def test_a_key_that_cannot_be_made_is_named_with_a_way_out(tmp_path: Path) -> None:
    with pytest.raises(CipherError) as error:
        encrypt(SECRET, str(tmp_path / "none" / "hub.key"))
    assert "hub.key: the key of subscribers' secrets cannot be read or made (No such file" in str(
        error.value
    )
    assert "set FEEDS_HUB_KEY" in str(error.value)
