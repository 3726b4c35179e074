"""Whether a host is this machine: then what it keeps is within the operator's reach."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable


def is_here(host: str) -> bool:
    """Whether the host is this machine, or cannot be told from it.

    A name that does not resolve is taken for this machine: a witness that nobody
    can find is none.  Another container or a virtual machine on the same hardware
    has an address of its own and cannot be told from a machine elsewhere.
    """
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError):
        return True
    return _is_any_here(str(address[0]) for *_, address in found)


def _is_any_here(addresses: Iterable[str]) -> bool:
    return any(_is_own(ipaddress.ip_address(each.partition("%")[0])) for each in addresses)


def _is_own(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether the address is one of this machine's: the system lets a socket have no other."""
    mapped = getattr(address, "ipv4_mapped", None)
    if mapped is not None:
        return _is_own(mapped)
    if address.is_loopback or address.is_unspecified or address.is_link_local:
        return True
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(address), 0))
    except OSError:
        return False
    return True
