"""From a reader who opened an article to counts: who it was, who is left out, spool files, logs."""

from feeds.views.address import client_address
from feeds.views.addresses import ArticleAddresses
from feeds.views.fold import fold_all
from feeds.views.leftout import LeftOut
from feeds.views.logs import LogImport, LogTally
from feeds.views.opened import Opened
from feeds.views.spool import Spool
from feeds.views.visitors import Days, Visitors

__all__ = ["ArticleAddresses", "Days", "LeftOut", "LogImport", "LogTally", "Opened", "Spool"]
__all__ += ["Visitors", "client_address", "fold_all"]
