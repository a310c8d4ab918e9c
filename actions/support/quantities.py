"""Many pieces: how many were said, and what the shop's quantity rules make of them, in words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from actions.support.counted import wanted_quantity
from actions.support.reply import Json, listed, money
from actions.support.turn import Turn
from crm.pricing import vat_included
from crm.sales_views import QuoteLineView
from crm.selling import QuantityTier, reduced
from crm.services.quotes.calculating import Calculation
from crm.views import Product

NUMBER = re.compile(r"(?<![\w.,:/#-])(\d{1,3}(?:[.,]\d{3})+|\d{1,6})(?![\w/:%€$£]|[.,]\d)")
# "12 pieces" is a number of them, though some products come in packs of so many pieces.
PIECES = re.compile(
    r"(?<![\w.,:/#-])(\d{1,3}(?:[.,]\d{3})+|\d{1,6})\s*(?:x|pcs?|pieces?|units?|items?|copies)\b",
    re.IGNORECASE,
)
COUNT_WORDS = {"a couple": 2, "a few dozen": 24, "a hundred": 100, "a thousand": 1000, "ten thousand": 10_000}
SAID = re.compile(rf"\b({'|'.join(sorted(COUNT_WORDS, key=len, reverse=True))})\b", re.IGNORECASE)


def pieces(turn: Turn) -> int | None:
    """How many are wanted: the quantity that was recognised, else a number that is nothing else ("60 employees")."""
    text = turn.words
    if said := PIECES.search(text):
        return int(re.sub(r"[.,]", "", said[1]))
    if (quantity := wanted_quantity(turn)) is not None:
        return quantity
    taken = [(one.start, one.end) for one in turn.entities if one.start >= 0]
    for found in NUMBER.finditer(text):
        inside = any(start < found.end() and found.start() < end for start, end in taken)
        number = int(re.sub(r"[.,]", "", found[1]))
        if not inside and number > 1:
            return number
    told = SAID.search(text)
    return COUNT_WORDS[told[1].lower()] if told else None


def percent_text(percent: Decimal) -> str:
    return f"{percent.normalize():f} %"


def tiers_text(tiers: Sequence[QuantityTier]) -> str:
    """ "3 % off from 5 pieces of one product, 5 % from 11; from 100 on a colleague makes you an offer", or ""."""
    steps = [(tier.least, tier.percent) for tier in tiers if tier.percent is not None]
    told = [
        f"{percent_text(percent)} {'off ' if not place else ''}from {least}"
        f"{' pieces of one product' if not place else ''}"
        for place, (least, percent) in enumerate(steps)
        if percent is not None
    ]
    asked = next((tier.least for tier in tiers if tier.percent is None), None)
    parts = [listed(told)] if told else []
    if asked is not None:
        parts.append(f"from {asked} {'on' if told else 'pieces on'} a colleague makes you an offer")
    return "; ".join(parts)


def net(gross: Decimal, rate: Decimal) -> Decimal:
    """Without the VAT in it."""
    return gross - vat_included(gross, rate)


def line_text(line: QuoteLineView, rate: Decimal, currency: str) -> str:
    """ "25 × Fjell 13: €1,103.08 each (8 % off), €27,577.00 together". Amounts include VAT, the last one doesn't."""
    saved = line.list_price - line.unit_price
    off = f", instead of {money(line.list_price, currency)}" if saved else ""
    return (
        f"{line.quantity} × {line.name}: {money(line.unit_price, currency)} each{off}; "
        f"{money(line.line_total, currency)} together, {money(net(line.line_total, rate), currency)} without VAT"
    )


def stock_text(sums: Calculation) -> str:
    """What of it isn't there at the moment; empty when all is."""
    names = {line.sku: line.name for line in sums.lines}
    told = [f"{stock or 'none'} of the {names[sku]}" for sku, stock in sums.short]
    return f"Right now we have {listed(told)} in stock." if told else ""


def tier_table(product: Product, tiers: Sequence[QuantityTier], rate: Decimal) -> Json | None:
    """A product's price by quantity, each with and without VAT; None without quantity rules."""
    steps = [(1, Decimal(0)), *((tier.least, tier.percent) for tier in tiers if tier.percent is not None)]
    if len(steps) < 2:
        return None
    rows = []
    for least, percent in steps:
        price = reduced(product.price, percent) if percent else product.price
        cells = [money(price, product.currency), money(net(price, rate), product.currency)]
        rows.append({"label": f"from {least}" if least > 1 else "one", "cells": cells})
    return {
        "caption": f"{product.name} by quantity",
        "header": ["each", "each without VAT"],
        "rows": rows,
    }
