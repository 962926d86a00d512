"""From hits, sent by the beacon or read out of access logs, to views in the store."""

from feeds.views.access_log import LogImport, LogTally
from feeds.views.spool import Spool, fold_all, unwritable, waiting_since
from feeds.views.url_patterns import UrlPatterns
from feeds.views.visitors import Hit, Visitors, client_address, read_origin, start_of

__all__ = ["Hit", "LogImport", "LogTally", "Spool", "UrlPatterns", "Visitors"]
__all__ += ["client_address", "fold_all", "read_origin", "start_of"]
__all__ += ["unwritable", "waiting_since"]
