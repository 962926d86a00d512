"""Secrets of subscribers, encrypted (Fernet), so that a leaked database or backup tells none.

The key is the text of the variable FEEDS_HUB_KEY, or else of a file beside the config. All nodes
that share a store need the same key. A subscriber whose secret was encrypted with another key gets
nothing until it renews.
"""

import os
import secrets
from base64 import urlsafe_b64encode
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile

from cryptography.fernet import Fernet, InvalidToken

from feeds.errors import CipherError

_VARIABLE = "FEEDS_HUB_KEY"
_SHORTEST = 32  # bytes


def encrypt(secret: str, file: str) -> str:
    """Encrypt a secret; make the file of the key if there is no key yet. Raises CipherError."""
    try:
        if not (os.environ.get(_VARIABLE) or Path(file).exists()):
            _make(Path(file))
        return _fernet(file).encrypt(secret.encode()).decode()
    except OSError as error:
        raise CipherError(
            f"{file}: the key of subscribers' secrets cannot be read or made ({error.strerror});"
            f" let this process read and write there, or set {_VARIABLE}"
        ) from error


def decrypt(token: str, file: str) -> bytes:
    """Give the secret that was encrypted; raises CipherError if that takes another key."""
    try:
        return _fernet(file).decrypt(token)
    except (OSError, InvalidToken) as error:
        raise CipherError(
            f"its secret was encrypted with another key; put that key back into {file}, or into"
            f" {_VARIABLE}, or wait until the subscriber renews"
        ) from error


def _fernet(file: str) -> Fernet:
    text = os.environ.get(_VARIABLE, "").encode() or Path(file).read_bytes().strip()
    if len(text) < _SHORTEST:
        raise CipherError(
            f"the key in {file}, or in {_VARIABLE}, is shorter than {_SHORTEST} characters;"
            " `openssl rand -base64 32` makes one"
        )
    return Fernet(urlsafe_b64encode(sha256(text).digest()))


def _make(path: Path) -> None:
    """Make a key that only its owner reads; the first of several processes makes it."""
    with NamedTemporaryFile("w", dir=path.parent) as file:
        file.write(secrets.token_urlsafe(32))
        file.flush()
        os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(file.name, path)
