"""One tree of errors; every message says what, where and what to do.

FeedsError
├── ConfigError          config.yaml cannot be used
├── StoreError           the store cannot be read or written
│   ├── StoreFault       it refuses one statement, and would again
│   └── SchemaTooNew     it was written by a newer version of this software
├── SpoolError           an accepted view cannot be kept
├── LogError             an access log cannot be imported
├── ArticleError         one record cannot become an article
├── RenderError          one document cannot be written
├── PublishError         terms cannot be published; others are
└── FetchError           a document to check cannot be fetched
"""


class FeedsError(Exception):
    """Base of all errors that this package raises on purpose."""


class ConfigError(FeedsError):
    """The configuration cannot be used; the message lists every fault, one a line."""


class StoreError(FeedsError):
    """The store cannot be read or written just now; whoever can wait tries again."""


class StoreFault(StoreError):
    """The store is there and refuses one statement, or a row of it cannot be read; for good."""


class SchemaTooNew(StoreError):
    """The store was written by a newer version of this software."""


class SpoolError(FeedsError):
    """A view cannot be written to its spool file; it is not accepted."""


class LogError(FeedsError):
    """An access log cannot be read to its end; what was read of it counts."""


class ArticleError(FeedsError):
    """One record cannot become an article; the others can go on."""


class RenderError(FeedsError):
    """A document cannot be written from its entries."""


class PublishError(FeedsError):
    """Some terms cannot be published, whatever the reason; the others are."""


class FetchError(FeedsError):
    """A document to check cannot be read from its file or address."""
