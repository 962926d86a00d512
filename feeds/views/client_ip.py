"""The IP address of a client: found behind proxies, and cut to its household and its network."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import NamedTuple

Address = IPv4Address | IPv6Address

_LONGEST = 255  # characters of an address, or of a host name in its place
# The bits of a household, and of the network that a provider gives to one of its sites.
_BITS = {4: (32, 24), 6: (64, 48)}


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

    address: Address | None
    household: bytes
    network: bytes


def read_origin(text: str) -> Origin:
    """Read an address, with or without a port or brackets."""
    return _read_origin(text[:_LONGEST])


@lru_cache(maxsize=16_384)  # the same readers come again soon
def _read_origin(text: str) -> Origin:
    try:
        address = ip_address(_without_port(text))
    except ValueError:
        whole = text.encode("utf-8", "surrogateescape")
        return Origin(None, whole, whole)
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address
    household, network = _BITS[address.version]
    return Origin(address, address.packed[: household // 8], address.packed[: network // 8])


def _without_port(text: str) -> str:
    if text.startswith("["):
        return text[1:].partition("]")[0]
    host, _, port = text.rpartition(":")
    return host if "." in host and port.isdigit() else text
