"""Run every check there is, one after the other: `python -m tests`; non-zero if any fails."""

import subprocess
import sys

_CHECKS = (
    ["ruff", "check", "."],
    ["ruff", "format", "--check", "."],
    ["mypy"],
    ["pytest", "-n", "auto"],
)


def main() -> int:
    """Run all checks, so that one run shows every fault."""
    failed = [
        check[0]
        for check in _CHECKS
        if subprocess.run([sys.executable, "-m", *check], check=False).returncode
    ]
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
