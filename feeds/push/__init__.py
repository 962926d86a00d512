"""Telling others what was published: WebSub, IndexNow, and webhooks out of one outbox.

A receiver lacks what is newer than its position (`feeds.store.receivers`). The outbox finds those
that lack something, and a function for each kind of receiver sends it.
"""

from feeds.push.outbox import push

__all__ = ["push"]
