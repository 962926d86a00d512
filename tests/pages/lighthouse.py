"""Measure pages of the sample newspaper by Lighthouse: `python -m tests.pages.lighthouse`.

It is no test: a page takes ten seconds, and a busy machine lowers its performance. Exits 1 if a
page has less than `LEAST`.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.pages.sample import sample

PAGES = ("/", f"/sections/{quote('지역')}", "/articles/gn-2026-0041")
LEAST = {"accessibility": 1.0, "best-practices": 0.95, "performance": 0.95, "seo": 0.95}

# The last version for Node 20, which Debian has.
_LIGHTHOUSE = ("npx", "--yes", "--ignore-scripts", "lighthouse@12.8.2")
_OPTIONS = ("--quiet", "--output=json", "--chrome-flags=--headless --no-sandbox")


def main() -> int:
    """Print the scores of each page, and the audits that it fails."""
    is_low = False
    with tempfile.TemporaryDirectory() as folder, sample(Path(folder)) as service:
        for page in PAGES:
            report = _report(service.url + page)
            scores = {each: report["categories"][each]["score"] for each in LEAST}
            print(page, ", ".join(f"{each} {score:.0%}" for each, score in scores.items()))
            for fault in _faults(report):
                print(f"  {fault}")
            is_low |= any(scores[each] < least for each, least in LEAST.items())
    return int(is_low)


def _report(url: str) -> Any:
    command = [*_LIGHTHOUSE, url, *_OPTIONS]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


def _faults(report: Any) -> list[str]:
    """Name the audits that lower a score."""
    counting = {
        ref["id"]
        for category in LEAST
        for ref in report["categories"][category]["auditRefs"]
        if ref["weight"]
    }
    audits = [report["audits"][name] for name in sorted(counting)]
    return [
        f"{audit['title']} {audit.get('displayValue', '')}"
        for audit in audits
        if audit["score"] is not None and audit["score"] < 1
    ]


if __name__ == "__main__":
    sys.exit(main())
