"""The gate: parse a document as a stranger would, and compare it with what it was made from.

Nothing here is shared with `feeds.formats`, so that a fault in writing cannot hide itself.
"""

from feeds.verify.compare import verify
from feeds.verify.lint import Finding, inspect

__all__ = ["Finding", "inspect", "verify"]
