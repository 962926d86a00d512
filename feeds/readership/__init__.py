"""From a reader who opened an article to counts: who it was, who is left out, spool files, logs."""

from feeds.readership.address import client_address
from feeds.readership.addresses import ArticleAddresses
from feeds.readership.fold import fold_all
from feeds.readership.leftout import LeftOut
from feeds.readership.logs import LogImport, LogTally
from feeds.readership.opened import Opened
from feeds.readership.spool import Spool
from feeds.readership.visitors import Days, Visitors

__all__ = ["ArticleAddresses", "Days", "LeftOut", "LogImport", "LogTally", "Opened", "Spool"]
__all__ += ["Visitors", "client_address", "fold_all"]
