"""A shop that sells by rules, on a Wednesday at lunchtime."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from crm.policy import ShopPolicy
from crm.selling import Opening, Promotion, QuantityTier, SellingRules
from parley.bootstrap import ActionsContext

NOW = datetime(2026, 11, 25, 12, 20, tzinfo=UTC)  # a Wednesday, 13:20 in Strasbourg
PARIS = ZoneInfo("Europe/Paris")
RULES = SellingRules(
    tiers=(QuantityTier(5, Decimal(3)), QuantityTier(11, Decimal(5)), QuantityTier(100, None)),
    promotions=(Promotion("In May every tablet is €20 off.", date(2026, 5, 1), date(2026, 5, 31)),),
    opening=Opening(week=(*(((time(9), time(18)),),) * 5, (), ()), zone=PARIS),
)


def shop_with(context: ActionsContext, selling: SellingRules) -> None:
    context.shop = ShopPolicy(selling=selling)
    context.database.policy = context.shop
    context.clock = context.database._clock = lambda: NOW


def choice(value: str) -> list[dict[str, Any]]:
    return [{"entity": "choice", "value": value}]
