"""The gate's reader: parse a document as a stranger would, and compare it with its sources.

Nothing here is shared with `feeds.formats`, so that a fault in writing cannot hide itself.
"""

from feeds.verify.compare import verify
from feeds.verify.lint import inspect
from feeds.verify.parsing import Finding

__all__ = ["Finding", "inspect", "verify"]
