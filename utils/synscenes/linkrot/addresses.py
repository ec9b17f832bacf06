"""Which addresses may be asked at all.

A list of URLs is written by strangers. One of them may point at a machine that only *we* can reach: our router, a
database on this computer, a cloud's metadata service at 169.254.169.254 that hands out passwords. Making a server
fetch such an address for you is called server-side request forgery (SSRF; OWASP lists it among the ten great risks).
So a host's name is looked up once, every address it has must be public, and the connection goes to the
address that was looked at: looking it up again could give another one.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from synscenes.linkrot.policy import Policy, Trouble

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Target:
    """Where to connect, and what to ask for there."""

    url: str
    scheme: str
    host: str
    port: int
    address: str
    path: str


def vet(url: str, policy: Policy) -> Target:
    """Return where a URL leads.

    Raises Trouble: "refused" for an address that is not to be asked, "unreachable" for an unknown host.
    """
    if re.search(r"[\x00-\x20\x7f]", url):
        raise Trouble("refused", "the URL holds blanks or control characters")
    try:
        parts = urlsplit(url)
        scheme = parts.scheme.lower()
        host = (parts.hostname or "").rstrip(".").encode("idna").decode("ascii")
        port = _PORTS.get(scheme, 0) if parts.port is None else parts.port
    except ValueError as error:
        raise Trouble("refused", f"not a URL: {error}") from None
    if scheme not in _PORTS:
        raise Trouble("refused", f"only http and https are fetched, not {scheme or 'a URL without scheme'}")
    if not host or port == 0:
        raise Trouble("refused", "the URL names no host")
    if parts.username is not None or parts.password is not None:
        raise Trouble("refused", "the URL carries a user name or password")
    addresses = _look_up(host, port)
    if host not in policy.allow_hosts:
        for address in addresses:
            if not _is_public(address):
                name = host if host == address else f"{host}, which is {address},"
                raise Trouble("refused", f"{name} is not a public address")
    # What is not ASCII, and what a careless list left unescaped, is escaped; what is escaped stays.
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~") + (
        f"?{quote(parts.query, safe='/%:@!$&()*+,;=~?[]')}" if parts.query else ""
    )
    return Target(url, scheme, host, port, addresses[0], path)


def _look_up(host: str, port: int) -> list[str]:
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        pass  # a name, or a number in one of the odd spellings that the system resolves
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Trouble("unreachable", f"no address for the host {host} ({error})", again=True) from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _is_public(address: str) -> bool:
    """Whether an address is the open Internet's, also when an IPv6 address only wraps an IPv4 one."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        wrapped = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1])
        if ip in ipaddress.ip_network("64:ff9b::/96"):  # NAT64
            wrapped = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if wrapped:
            return _is_public(str(wrapped))
    return ip.is_global and not ip.is_multicast
