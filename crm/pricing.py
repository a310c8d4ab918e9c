"""What an order costs. Exact: the one rounding there is, of the VAT, is made once per order, half up."""

from decimal import ROUND_HALF_UP, Decimal

from crm.policy import ShopPolicy

CENT = Decimal("0.01")


def delivery_cost(subtotal: Decimal, policy: ShopPolicy) -> Decimal:
    """What delivering goods worth `subtotal` costs; nothing costs nothing."""
    if subtotal == 0 or subtotal >= policy.free_delivery_from:
        return Decimal("0.00")
    return policy.delivery


def vat_included(total: Decimal, rate: Decimal) -> Decimal:
    """The VAT inside a total that includes it: total × rate ÷ (1 + rate), rounded half up to the cent.

    Rounded on the whole order, not line by line, so that lines and total can't disagree by cents (both ways
    are allowed by EU rules, Council Directive 2006/112/EC leaves it to the states).
    """
    return (total * rate / (1 + rate)).quantize(CENT, ROUND_HALF_UP)
