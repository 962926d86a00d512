"""From a hit to a view: a client's address and agent become numbers that do not identify it."""

from collections.abc import Callable
from datetime import date, datetime, time
from functools import lru_cache, partial
from hashlib import blake2b
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import NamedTuple
from zoneinfo import ZoneInfo

from feeds.config import Config
from feeds.store import View
from feeds.views.invalid import invalid_reason

_KEY_BYTES = 8
_MOST_NETWORKS = 16_384
_MOST_DAYS = 4  # whose keys are held: logs come day by day
_LONGEST_ADDRESS = 255  # characters; a host name may be in its place
# The bytes of a household, and of the network that a provider gives to one of its sites.
_BYTES = {4: (4, 3), 6: (8, 6)}


class Hit(NamedTuple):
    """A request for an article, from the beacon or a line of an access log.

    `moment` is whole seconds since 1970. `purpose` is Sec-Purpose or one of its forerunners; a log
    does not have it. A text is empty if it was not sent. A tuple, as View is: each request makes
    one.
    """

    article_id: str
    moment: int
    address: str
    agent: str
    purpose: str = ""


def client_address(remote: str, forwarded_for: str, proxies: int) -> str:
    """Give the address of the client behind so many proxies of our own.

    Each proxy appends the address of its client to X-Forwarded-For. So only as many of the last
    addresses as there are proxies can be trusted; the client may have written the others itself.
    """
    named = forwarded_for.rsplit(",", proxies) if forwarded_for else []
    return named[-proxies].strip() if 0 < proxies <= len(named) else remote


class Origin(NamedTuple):
    """Where a request came from; `address` is None for a host name or anything else.

    A device may change the second half of its IPv6 address at will; `household` stays the same.
    """

    address: IPv4Address | IPv6Address | None
    household: bytes
    network: bytes


def read_origin(text: str) -> Origin:
    """Read an address, with or without a port or brackets."""
    return _read_origin(text[:_LONGEST_ADDRESS])


@lru_cache(maxsize=16_384)  # the same readers come again soon
def _read_origin(text: str) -> Origin:
    try:
        address = ip_address(_without_port(text))
    except ValueError:
        whole = text.encode("utf-8", "surrogateescape")
        return Origin(None, whole, whole)
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address
    household, network = _BYTES[address.version]
    return Origin(address, address.packed[:household], address.packed[:network])


def _without_port(text: str) -> str:
    if text.startswith("["):
        return text[1:].partition("]")[0]
    host, _, port = text.rpartition(":")
    return host if "." in host and port.isdigit() else text


def start_of(day: int, zone: ZoneInfo) -> int:
    """Give the first second of a day, by its proleptic ordinal, in a time zone."""
    return int(datetime.combine(date.fromordinal(day), time(), zone).timestamp())


class Keys:
    """Gives visitors and networks their numbers on one day, with the secret of that day."""

    def __init__(self, salt: bytes) -> None:
        keyed = partial(blake2b, key=salt, digest_size=_KEY_BYTES)
        self.visitor = partial(_number, keyed(person=b"visitor"))
        # Many readers share the networks of a few providers.
        self.network = lru_cache(_MOST_NETWORKS)(partial(_number, keyed(person=b"network")))


def _number(keyed: "blake2b", text: bytes) -> int:
    hashed = keyed.copy()
    hashed.update(text)
    return int.from_bytes(hashed.digest(), "big", signed=True)


class Visitors:
    """Makes views of hits; a client's address goes no further.

    A visitor is an address and a user agent on one day of the paper. `make_salt` gives the secret
    of a day, by its proleptic ordinal, and raises StoreError.
    """

    def __init__(self, config: Config, make_salt: Callable[[int], bytes]) -> None:
        self._zone = config.site.zone
        self._staff = [ip_network(each) for each in config.views.staff]
        self._make_salt = make_salt
        self._keys: dict[int, Keys] = {}
        self._latest = (0, 0, 0)  # start, end and ordinal: most moments fall in the same day

    def view(self, hit: Hit) -> View:
        """Make a view; raises StoreError if the secret of its day has to be fetched and cannot."""
        day = self._day(hit.moment)
        keys = self._keys_of(day)
        origin = read_origin(hit.address)
        is_staff = origin.address and any(origin.address in network for network in self._staff)
        agent = hit.agent.encode("utf-8", "surrogateescape")
        return View(
            hit.moment,
            day,
            hit.article_id,
            visitor=keys.visitor(origin.household + b"\0" + agent),
            network=keys.network(origin.network),
            left_out="staff" if is_staff else invalid_reason(hit.agent, hit.purpose),
        )

    def are_ready(self, now: int) -> bool:
        """Say whether today's keys are there, so that no view has to wait for them."""
        return self._day(now) in self._keys

    def prepare(self, now: int) -> None:
        """Fetch the keys of today and tomorrow, and drop all others."""
        today = self._day(now)
        self._keys = {day: self._keys_of(day) for day in (today, today + 1)}

    def _day(self, moment: int) -> int:
        start, end, day = self._latest
        if not start <= moment < end:
            day = datetime.fromtimestamp(moment, self._zone).date().toordinal()
            self._latest = start_of(day, self._zone), start_of(day + 1, self._zone), day
        return day

    def _keys_of(self, day: int) -> Keys:
        keys = self._keys.get(day)
        if keys is None:
            keys = Keys(self._make_salt(day))
            if len(self._keys) >= _MOST_DAYS:
                self._keys = {}
            self._keys[day] = keys
        return keys
