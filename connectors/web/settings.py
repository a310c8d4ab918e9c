"""What the web channel needs to know of an installation. Built once, by the composition root."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

SHORTEST_SECRET = 24


@dataclass(frozen=True, slots=True)
class Storefront:
    """The demo shop's page: names of categories by slug in the order of the shelves, promises as headings."""

    name: str
    tagline: str
    categories: Mapping[str, str]
    promises: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Seller:
    """Who sells, as printed on invoices and return slips. `address` is one line each; what is empty isn't printed."""

    name: str = ""
    address: Sequence[str] = ()
    email: str = ""
    phone: str = ""
    vat_id: str = ""
    iban: str = ""
    carrier: str = ""


@dataclass(frozen=True, slots=True)
class WebSettings:
    """`secret` signs tokens and hides addresses. `allowed_origins` are other sites that embed the widget.

    `trusted_proxies` is how many reverse proxies of the operator's stand in front; 0 means that
    X-Forwarded-For is anybody's claim and isn't read. Rates are written as `count/period`.
    """

    secret: str = field(repr=False)
    allowed_origins: tuple[str, ...] = ()
    trusted_proxies: int = 0
    token_days: int = 30
    max_body_bytes: int = 32 * 1024
    conversations_per_address: str = "60/hour"
    messages_per_address: str = "120/minute"
    messages_per_conversation: str = "30/minute"
    sockets_per_address: int = 40
    storefront: Storefront | None = None
    seller: Seller = field(default_factory=Seller)

    def __post_init__(self) -> None:
        if len(self.secret) < SHORTEST_SECRET:
            raise ValueError(f"secret: it has {len(self.secret)} characters; use {SHORTEST_SECRET} or more")
