"""From a request to a view: whose it is, as numbers that tell nobody who."""

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Self
from zoneinfo import ZoneInfo

from feeds.config import Config
from feeds.model import View
from feeds.readership.address import household, network, read_address
from feeds.readership.leftout import LeftOut
from feeds.readership.opened import Opened
from feeds.storage import Store

_KEY_BYTES = 8


def start_of(day: int, zone: ZoneInfo) -> int:
    """Give the first second of a day, by its proleptic ordinal, in a time zone."""
    return int((datetime.min.replace(tzinfo=zone) + timedelta(days=day - 1)).timestamp())


class Days:
    """The days of the paper, by their proleptic ordinals, and the secret of each."""

    def __init__(self, zone: ZoneInfo, make_salt: Callable[[int], bytes]) -> None:
        self._zone = zone
        self._make_salt = make_salt
        self._salts: dict[int, bytes] = {}
        self._bounds: tuple[int, int, int] = (0, 0, 0)

    def of(self, moment: int) -> int:
        """Give the day that a moment falls in; neighbours are found without a calendar."""
        since, until, day = self._bounds
        if not since <= moment < until:
            since, until, day = self._bounds = self._around(moment)
        return day

    def salt(self, day: int) -> bytes:
        """Give the secret of a day; raises StoreError when it has to be fetched and cannot."""
        salt = self._salts.get(day)
        if salt is None:
            salt = self._salts[day] = self._make_salt(day)
        return salt

    def prepare(self, now: int) -> None:
        """Fetch the secrets of today and tomorrow, and drop all others."""
        today = self.of(now)
        self._salts = {day: self.salt(day) for day in (today, today + 1)}

    def _around(self, moment: int) -> tuple[int, int, int]:
        day = datetime.fromtimestamp(moment, self._zone).date().toordinal()
        return start_of(day, self._zone), start_of(day + 1, self._zone), day


class Visitors:
    """Makes the view of a request; the address goes no further than this."""

    def __init__(self, days: Days, left_out: LeftOut) -> None:
        self.days = days
        self._left_out = left_out

    @classmethod
    def of(cls, store: Store, config: Config) -> Self:
        """Tell the visitors of one paper apart, with the secrets that its processes share."""
        days = Days(config.site.zone, store.visits.salt)
        return cls(days, LeftOut(config.views.staff))

    def view(self, opened: Opened) -> View:
        """Make a view; a visitor is an address and a user agent on one day of the paper.

        Raises StoreError when the secret of that day cannot be had.
        """
        day = self.days.of(opened.moment)
        salt = self.days.salt(day)
        address = read_address(opened.address)
        agent = opened.agent.encode("utf-8", "surrogateescape")
        if address is None:
            place = whole = opened.address.encode("utf-8", "surrogateescape")
        else:
            whole, place = household(address), network(address)
        return View(
            moment=opened.moment,
            day=day,
            article_id=opened.article_id,
            visitor=_key(salt, b"visitor", whole + b"\0" + agent),
            network=_key(salt, b"network", place),
            left_out=self._left_out.reason(opened, address),
        )


def _key(salt: bytes, kind: bytes, text: bytes) -> int:
    digest = blake2b(text, key=salt, person=kind, digest_size=_KEY_BYTES).digest()
    return int.from_bytes(digest, "big", signed=True)
