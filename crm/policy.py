"""The shop's rules as numbers: what delivery costs, how much one may order, how often one may guess."""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from crm.selling import SellingRules


@dataclass(frozen=True, slots=True)
class AttemptLimit:
    """At most `failures` within `window`; the next try waits until the oldest has left the window."""

    failures: int
    window: timedelta


@dataclass(frozen=True, slots=True)
class ShopPolicy:
    """What the services decide by. Prices include VAT; amounts are in `currency`.

    `payment_days` and `unpaid_release_hours` both count from the order: an unpaid order is cancelled and its
    stock freed after the second, which is never before the invoice is due. `delivery_days` are working days
    after payment, at most. `region` (ISO 3166) is where a phone number without country code is. `delivers_to`
    are the countries that parcels go to; without any they go everywhere. `other_brands` are asked for and not sold.
    `selling` is what quantities, quotes, promotions and appointments go by.

    An order may be cancelled, or changed, while its status is among `cancellable`, or `changeable`. What arrived
    may be sent back for `return_days`, with `return_postage` taken off the refund, which is sent within
    `refund_days` working days.
    """

    name: str = "Parley Demo Shop"
    currency: str = "EUR"
    vat_rate: Decimal = Decimal("0.20")
    delivery: Decimal = Decimal("4.90")
    free_delivery_from: Decimal = Decimal("75.00")
    max_quantity: int = 10
    max_lines: int = 20
    payment: str = "invoice"
    payment_days: int = 14
    unpaid_release_hours: int = 384
    delivery_days: int = 3
    return_days: int = 14
    return_postage: Decimal = Decimal("0.00")
    refund_days: int = 5
    warranty_years: int = 2
    cancellable: tuple[str, ...] = ("placed", "paid")
    changeable: tuple[str, ...] = ("placed", "paid")
    region: str = "FR"
    delivers_to: tuple[str, ...] = ()
    other_brands: tuple[str, ...] = ()
    selling: SellingRules = field(default_factory=SellingRules)
    lookup_per_conversation: AttemptLimit = AttemptLimit(5, timedelta(minutes=15))
    lookup_per_client: AttemptLimit = AttemptLimit(5, timedelta(minutes=15))
    lookup_per_order: AttemptLimit = AttemptLimit(10, timedelta(hours=1))
