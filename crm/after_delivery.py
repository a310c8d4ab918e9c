"""How long what a parcel brought may be sent back, and how long it is under warranty. Pure rules."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from crm.policy import ShopPolicy


def return_until(delivered_at: datetime | None, policy: ShopPolicy) -> date | None:
    """The last day for sending back; None as long as it hasn't arrived, for the time begins then."""
    return (delivered_at + timedelta(days=policy.return_days)).date() if delivered_at else None


def warranty_until(delivered_at: datetime | None, policy: ShopPolicy) -> date | None:
    """The last day of the warranty; None as long as it hasn't arrived. 29 February ends on the 28th."""
    if delivered_at is None:
        return None
    arrived = delivered_at.date()
    year = arrived.year + policy.warranty_years
    try:
        return arrived.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def money_back(goods: Decimal, *, subtotal: Decimal, delivery: Decimal, policy: ShopPolicy) -> Decimal:
    """What is refunded for `goods` sent back: with the delivery cost when that is all, less the shop's postage."""
    back = goods + (delivery if goods == subtotal else Decimal(0)) - policy.return_postage
    return max(back, Decimal("0.00"))
