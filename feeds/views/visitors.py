"""From a request to a view: whose it is, as numbers that tell nobody who."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache, partial
from hashlib import blake2b
from typing import Self
from zoneinfo import ZoneInfo

from feeds.config import Config
from feeds.model import View
from feeds.store import Store
from feeds.views.address import read_origin
from feeds.views.leftout import LeftOut
from feeds.views.opened import Opened

_KEY_BYTES = 8
_NETWORKS = 16_384
_MOST_DAYS = 4  # of which keys are held: logs come day by day


def start_of(day: int, zone: ZoneInfo) -> int:
    """Give the first second of a day, by its proleptic ordinal, in a time zone."""
    return int((datetime.min.replace(tzinfo=zone) + timedelta(days=day - 1)).timestamp())


class Keys:
    """The numbers that visitors and networks get on one day, by a secret of that day."""

    def __init__(self, salt: bytes) -> None:
        self._visitor = blake2b(key=salt, person=b"visitor", digest_size=_KEY_BYTES)
        self._network = blake2b(key=salt, person=b"network", digest_size=_KEY_BYTES)
        # Very many readers share the networks of a few providers.
        self.network = lru_cache(maxsize=_NETWORKS)(partial(_key, self._network))

    def visitor(self, text: bytes) -> int:
        """Give the number of an address and user agent."""
        return _key(self._visitor, text)


class Days:
    """The days of the paper, by their proleptic ordinals, and the keys of each."""

    def __init__(self, zone: ZoneInfo, make_salt: Callable[[int], bytes]) -> None:
        self._zone = zone
        self._make_salt = make_salt
        self._keys: dict[int, Keys] = {}
        self._bounds: tuple[int, int, int] = (0, 0, 0)

    def of(self, moment: int) -> int:
        """Give the day that a moment falls in; neighbours are found without a calendar."""
        since, until, day = self._bounds
        if not since <= moment < until:
            since, until, day = self._bounds = self._around(moment)
        return day

    def keys(self, day: int) -> Keys:
        """Give the keys of a day; raises StoreError when they have to be fetched and cannot."""
        keys = self._keys.get(day)
        if keys is None:
            keys = Keys(self._make_salt(day))
            while len(self._keys) >= _MOST_DAYS:
                del self._keys[next(iter(self._keys))]
            self._keys[day] = keys
        return keys

    def are_ready(self, now: int) -> bool:
        """Say whether the keys of today are there, so that no view has to wait for them."""
        return self.of(now) in self._keys

    def prepare(self, now: int) -> None:
        """Fetch the keys of today and tomorrow, and drop all others."""
        today = self.of(now)
        self._keys = {day: self.keys(day) for day in (today, today + 1)}

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
        keys = self.days.keys(day)
        origin = read_origin(opened.address)
        agent = opened.agent.encode("utf-8", "surrogateescape")
        return View(
            opened.moment,
            day,
            opened.article_id,
            visitor=keys.visitor(origin.household + b"\0" + agent),
            network=keys.network(origin.network),
            left_out=self._left_out.reason(opened, origin.address),
        )


def _key(keyed: "blake2b", text: bytes) -> int:
    hashed = keyed.copy()
    hashed.update(text)
    return int.from_bytes(hashed.digest(), "big", signed=True)
