"""What a number of products costs by the shop's quantity rules. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from crm.database import UnitOfWork
from crm.errors import InvalidInput, NeedsOffer, NotFound
from crm.pricing import delivery_cost, vat_included
from crm.sales_views import QuoteLineView
from crm.selling import reduced, tier_for
from crm.services import catalogue
from crm.views import Product

MOST_LINES = 50
MOST_PIECES = 100_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """So many of a product."""

    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Calculation:
    """Lines with their sums; `short` are products of which fewer are in stock than wanted, with how many are."""

    lines: tuple[QuoteLineView, ...]
    subtotal: Decimal
    delivery: Decimal
    vat_included: Decimal
    total: Decimal
    currency: str
    short: tuple[tuple[str, int], ...] = ()

    @property
    def saved(self) -> Decimal:
        """What the quantities take off the shop's prices."""
        listed = sum((line.list_price * line.quantity for line in self.lines), Decimal(0))
        return listed - self.subtotal


async def calculate(uow: UnitOfWork, wanted: Sequence[Wanted]) -> Calculation:
    """The present price of these products in these numbers, each with the discount that its own number earns.

    Raises InvalidInput for no products or impossible numbers, NotFound for a product that isn't for sale, NeedsOffer
    when the shop's rules leave a number of pieces to a person.
    """
    merged = _merged(wanted)
    products = await catalogue.get_many(uow, list(merged))
    lines = []
    for sku, quantity in merged.items():
        product = products.get(sku)
        if product is None or not product.active:
            raise NotFound("product", sku)
        lines.append(_line(uow, product, quantity))
    subtotal = sum((line.line_total for line in lines), Decimal("0.00"))
    delivery = delivery_cost(subtotal, uow.policy)
    total = subtotal + delivery
    short = tuple((sku, products[sku].stock) for sku, many in merged.items() if products[sku].stock < many)
    return Calculation(
        lines=tuple(lines),
        subtotal=subtotal,
        delivery=delivery,
        vat_included=vat_included(total, uow.policy.vat_rate),
        total=total,
        currency=uow.policy.currency,
        short=short,
    )


def _merged(wanted: Sequence[Wanted]) -> dict[str, int]:
    merged: dict[str, int] = {}
    for one in wanted:
        if not 1 <= one.quantity <= MOST_PIECES:
            raise InvalidInput("quantity", one.quantity, f"name a number from 1 to {MOST_PIECES}")
        merged[one.sku] = merged.get(one.sku, 0) + one.quantity
    if not 1 <= len(merged) <= MOST_LINES:
        raise InvalidInput("lines", len(merged), f"name from 1 to {MOST_LINES} different products")
    return merged


def _line(uow: UnitOfWork, product: Product, quantity: int) -> QuoteLineView:
    tier = tier_for(uow.policy.selling.tiers, quantity)
    if tier is not None and tier.percent is None:
        raise NeedsOffer(product.sku, tier.least)
    price = reduced(product.price, tier.percent) if tier and tier.percent else product.price
    return QuoteLineView(product.sku, product.name, quantity, product.price, price, price * quantity)
