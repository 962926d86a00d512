"""One tree of errors. A message says what is wrong, where, and what to do.

FeedsError
├── ConfigError
├── StoreError
│   ├── StoreFault
│   └── SchemaTooNew
├── SpoolError
├── LogError
├── ArticleError
├── MoveError
├── RenderError
├── PublishError
├── CipherError
└── FetchError
    └── NotFoundError
"""


class FeedsError(Exception):
    """Base of all errors that this package raises on purpose."""


class ConfigError(FeedsError):
    """The config cannot be used; the message lists every error, one a line."""


class StoreError(FeedsError):
    """The store cannot be read or written at the moment; trying again may help."""


class StoreFault(StoreError):
    """The store refuses a statement, or a row of it cannot be read; trying again does not help."""


class SchemaTooNew(StoreError):
    """The store was written by a newer version of this software."""


class SpoolError(FeedsError):
    """A view cannot be written to its spool file; it is not accepted."""


class LogError(FeedsError):
    """An access log cannot be read to its end; the lines before the error count."""


class ArticleError(FeedsError):
    """A record cannot become an article; the others can."""


class MoveError(FeedsError):
    """A section, author or tag cannot be renamed so; nothing was changed."""


class RenderError(FeedsError):
    """A document differs from its entries; the gate refuses it."""


class PublishError(FeedsError):
    """Some terms cannot be published; the others are."""


class CipherError(FeedsError):
    """The key of subscribers' secrets cannot be read or made, or is not theirs."""


class FetchError(FeedsError):
    """A document cannot be read from its file or URL."""


class NotFoundError(FetchError):
    """A server has no document at the URL (404)."""
