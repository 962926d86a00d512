"""Addresses of clients: who is asking behind proxies, and which network that is."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

Address = IPv4Address | IPv6Address

# What one household or company usually has, and what a provider gives to one of its sites.
_IPV4_NETWORK = 24
_IPV6_HOUSEHOLD, _IPV6_NETWORK = 64, 48


def client_address(remote: str, forwarded_for: str, proxies: int) -> str:
    """Give the client's address behind a number of proxies of our own.

    Each proxy appends whom it was asked by, so that only as many as there are, from the right, can
    be believed; what stands left of them the client may have written itself.
    """
    named = [one.strip() for one in forwarded_for.split(",")] if forwarded_for else []
    return named[-proxies] if 0 < proxies <= len(named) else remote


@lru_cache(maxsize=16_384)  # a reader comes again soon, or another one of that network
def read_address(text: str) -> Address | None:
    """Read an address, also with a port or in brackets; None when it is none, as a host name."""
    try:
        address = ip_address(_without_port(text))
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def household(address: Address) -> bytes:
    """Give what stays of an address: with IPv6 a device changes the second half at will."""
    if isinstance(address, IPv4Address):
        return address.packed
    return address.packed[: _IPV6_HOUSEHOLD // 8]


def network(address: Address) -> bytes:
    """Give the network that an address belongs to."""
    bits = _IPV4_NETWORK if isinstance(address, IPv4Address) else _IPV6_NETWORK
    return address.packed[: bits // 8]


def _without_port(text: str) -> str:
    if text.startswith("["):
        return text[1:].partition("]")[0]
    host, _, port = text.rpartition(":")
    return host if "." in host and port.isdigit() else text
