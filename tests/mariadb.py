"""A real MariaDB server, for tests; Debian's package mariadb-server-core has it."""

import getpass
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.processes import eventually


@contextmanager
def mariadb() -> Iterator[str]:
    """Run a server behind a Unix socket; give the URL of its database."""
    # The path of a Unix socket has to be short, and those below pytest's own directory are not.
    with tempfile.TemporaryDirectory(prefix="feeds-", dir="/tmp") as name, ExitStack() as stack:
        log = stack.enter_context(Path(name, "log").open("wb"))
        ours = ["--no-defaults", f"--datadir={name}/data", f"--user={getpass.getuser()}"]
        install = ["mariadb-install-db", *ours, "--auth-root-authentication-method=normal"]
        subprocess.run(install, stdout=log, stderr=log, check=True)
        fast = ["--innodb-flush-method=nosync", "--innodb-flush-log-at-trx-commit=0"]
        serve = ["mariadbd", *ours, *fast, "--skip-networking", f"--socket={name}/socket"]
        server = subprocess.Popen(serve, stdout=log, stderr=log)
        stack.callback(server.wait)
        stack.callback(server.terminate)
        eventually(Path(name, "socket").exists)
        yield f"mysql+pymysql://root@localhost/test?unix_socket={name}/socket"
