"""Libraries for Node as subscribers, installed from npm into a folder below pytest's cache."""

import fcntl
import json
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from tests.clients.subscribers import Poll, Seen, Subscribe, run

_HERE = Path(__file__).parent
_FOLDER = _HERE.parents[1] / ".pytest_cache" / "npm"
_NPM = ("npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts")


@cache
def not_installed() -> str | None:
    """Install the libraries where that was not done yet; say why it cannot be done."""
    if not shutil.which("node") or not shutil.which("npm"):
        return "no Node here: install it, as with `apt-get install nodejs npm`"
    _FOLDER.mkdir(parents=True, exist_ok=True)
    wanted, done = (_HERE / "package.json").read_text("utf-8"), _FOLDER / "installed.json"
    with (_FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # of several processes that test at once, one installs
        shutil.copy(_HERE / "read.mjs", _FOLDER)
        if not done.exists() or done.read_text("utf-8") != wanted:
            (_FOLDER / "package.json").write_text(wanted, "utf-8")
            npm = subprocess.run(_NPM, cwd=_FOLDER, capture_output=True, text=True, check=False)
            if npm.returncode:
                return f"npm cannot install {', '.join(json.loads(wanted)['dependencies'])} here"
            done.write_text(wanted, "utf-8")
    return None


def node(library: str) -> Subscribe:
    """Subscribe with a script around a library; the script remembers what it saw."""

    def subscribe(folder: Path, url: str) -> Poll:
        seen: dict[str, Seen] = {}

        def poll() -> Sequence[Seen]:
            for item in json.loads(run(_FOLDER, "node", "read.mjs", library, url)):
                seen[item["id"]] = Seen(item["title"], tuple(item["authors"]), item["text"])
            return list(seen.values())

        return poll

    return subscribe
