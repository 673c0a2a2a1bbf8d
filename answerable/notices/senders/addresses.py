"""Where we may connect to: an address that an administrator typed must not become a way into the operator's network.

A host name is resolved once, every address it has is checked, and the connection goes to a checked address: a name that
answers differently the second time gains nothing.
"""

import ipaddress
import socket
from collections.abc import Collection
from urllib.parse import urlsplit

from answerable.notices.errors import BadAddress

__all__ = ["check_url", "is_public", "resolve"]

_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")  # NAT64: the last 32 bits are an IPv4 address


def is_public(text: str) -> bool:
    """Whether an IP address is one of the open internet, also when it hides in an IPv6 one."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if address in _TRANSLATED:
            return is_public(str(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)))
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is not None:
            return is_public(str(inner))
    return address.is_global and not address.is_multicast


def resolve(host: str, port: int, *, private: Collection[str]) -> str:
    """One IP address of `host` to connect to. BadAddress("private"), unless the operator named the host in `private`;
    BadAddress("unknown-host") if it has none.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, ValueError):
        raise BadAddress("unknown-host") from None
    addresses = [str(each[4][0]) for each in found]
    if host.lower() not in private and not all(is_public(each) for each in addresses):
        raise BadAddress("private")
    return addresses[0]


def check_url(url: str, *, plain: bool = False) -> tuple[str, int, str]:
    """Host, port and the rest of an https address. BadAddress("not-https") or BadAddress("not-an-address").

    `plain` lets http pass: in tests only.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise BadAddress("not-an-address") from None
    if parts.scheme != "https" and not (plain and parts.scheme == "http"):
        raise BadAddress("not-https")
    odd = parts.username is not None or parts.password is not None or parts.fragment or port == 0
    if not host or odd or any(ord(each) < 0x21 or ord(each) > 0x7E for each in url):
        raise BadAddress("not-an-address")
    rest = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return host, port or (443 if parts.scheme == "https" else 80), rest
