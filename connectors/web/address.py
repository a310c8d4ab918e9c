"""Who a request comes from, as far as the network knows. Addresses are never stored: only a keyed hash is."""

import hashlib
import hmac
import ipaddress
from collections.abc import Mapping

from connectors.web.tokens import derived_key

UNKNOWN = "unknown"


def client_address(peer: str | None, headers: Mapping[str, str], *, trusted_proxies: int) -> str:
    """The client's address, seen through the operator's own proxies and through nobody else's claims.

    Each proxy appends whom it saw to X-Forwarded-For; with n of them the n-th entry from the right was
    written by the outermost, and everything left of it may be invented. An IPv6 address counts as its /64,
    which is what one customer of a network gets.
    """
    claimed = peer
    if trusted_proxies:
        seen = [part.strip() for part in headers.get("x-forwarded-for", "").split(",") if part.strip()]
        if len(seen) >= trusted_proxies:
            claimed = seen[-trusted_proxies]
    try:
        address = ipaddress.ip_address(claimed or "")
    except ValueError:
        return UNKNOWN
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


class ClientHash:
    """Names a client without saying who it is: an HMAC of its address, 32 hexadecimal digits."""

    def __init__(self, secret: str) -> None:
        self._key = derived_key(secret, "client-address")

    def __call__(self, address: str) -> str:
        return hmac.new(self._key, address.encode(), hashlib.sha256).hexdigest()[:32]
