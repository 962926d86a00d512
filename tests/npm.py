"""The libraries of tests/package.json, installed from npm into a folder of their own."""

import fcntl
import json
import shutil
import subprocess
from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent
_INSTALL = ("npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts")

FOLDER = _HERE.parent / ".pytest_cache" / "npm"


@cache
def npm_lacks() -> str | None:
    """Install the libraries if they are not there; give the reason if that fails."""
    if not shutil.which("node") or not shutil.which("npm"):
        return "no Node here: install it, as with `apt-get install nodejs npm`"
    FOLDER.mkdir(parents=True, exist_ok=True)
    wanted, done = (_HERE / "package.json").read_text("utf-8"), FOLDER / "installed.json"
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one of the test processes installs
        for script in (_HERE / "clients").glob("*.mjs"):
            shutil.copy(script, FOLDER)  # it finds libraries beside it only
        if not done.exists() or done.read_text("utf-8") != wanted:
            (FOLDER / "package.json").write_text(wanted, "utf-8")
            npm = subprocess.run(_INSTALL, cwd=FOLDER, capture_output=True, text=True, check=False)
            if npm.returncode:
                return f"npm cannot install {', '.join(json.loads(wanted)['dependencies'])} here"
            done.write_text(wanted, "utf-8")
    return None
