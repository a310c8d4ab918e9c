"""Quotes in words, as a table, and what a message says about which products and how many."""

from __future__ import annotations

import re
from dataclasses import replace

from actions.support.quantities import pieces
from actions.support.reference import resolve
from actions.support.reply import Json, money
from actions.support.turn import Entity, Turn
from crm.database import UnitOfWork
from crm.sales_views import QuoteView
from crm.views import CartView

CART = re.compile(r"\b(cart|basket|everything|all of (it|them|this)|the lot)\b", re.IGNORECASE)
SHORT = 3
Lines = list[tuple[str, int | None]]


async def wanted_lines(turn: Turn, cart: CartView, uow: UnitOfWork) -> Lines:
    """SKUs with how many were said: of the products named, each with the number before it; else of the cart, or of
    what was pointed at. A number that wasn't said is None.
    """
    named = [one for one in turn.each("product") if isinstance(one.value, str) and _is_name(one, turn)]
    if len(named) > 1:
        return [(str(one.value), _before(one, named, turn)) for one in named]
    quantity = pieces(turn) or _asked_before(turn)
    if not named and not turn.any_of("ordinal") and cart.lines:
        focus = turn.slot("focus")
        if CART.search(turn.words) or not isinstance(focus, str) or pieces(turn) is None:
            return [(line.sku, line.quantity) for line in cart.lines]
    rest = tuple(one for one in turn.entities if one.name != "product" or one in named)
    product = (await resolve(replace(turn, entities=rest), uow)).product
    kind = turn.value("category")
    if product is None or (isinstance(kind, str) and not named and product.category != kind):
        return []
    return [(product.sku, quantity)]


def _is_name(product: Entity, turn: Turn) -> bool:
    """False for a short word that only happens to be part of a product's name ("made out to")."""
    said = turn.text[product.start : product.end] if product.start >= 0 else ""
    return product.start < 0 or len(said) > SHORT or any(character.isdigit() for character in said)


def _before(product: Entity, named: list[Entity], turn: Turn) -> int | None:
    """The number between the last product and this one: "five Fjells and 2 Hanas"."""
    begin = max((one.end for one in named if one.end <= product.start), default=0)
    for one in turn.each("quantity"):
        if begin <= one.start < product.start and str(one.value).isdigit():
            return int(one.value)
    return None


def _asked_before(turn: Turn) -> int | None:
    value = turn.slot("bulk_quantity")
    return value if isinstance(value, int) else None


def quote_table(quote: QuoteView) -> Json:
    """The lines as a reply's table."""
    rows = [
        {
            "label": f"{line.quantity} × {line.name}",
            "cells": [money(line.unit_price, quote.currency), money(line.line_total, quote.currency)],
        }
        for line in quote.lines
    ]
    delivery = "free" if quote.delivery == 0 else money(quote.delivery, quote.currency)
    rows.append({"label": "delivery", "cells": ["", delivery]})
    rows.append({"label": "total", "cells": ["", money(quote.total, quote.currency)]})
    rows.append({"label": "of it VAT", "cells": ["", money(quote.vat_included, quote.currency)]})
    return {"caption": f"Quote {quote.number}", "header": ["each", "together"], "rows": rows}


def quote_head(quote: QuoteView) -> str:
    """Who it is for, what it comes to and until when it holds."""
    whom = f"{quote.name}, {quote.company}" if quote.company else quote.name
    return (
        f"Quote {quote.number} for {whom}: {money(quote.total, quote.currency)} including VAT, "
        f"{money(quote.net, quote.currency)} without. It holds until {quote.valid_until:%-d %B %Y}."
    )


def saved_text(quote: QuoteView) -> str:
    """What the quantities save; empty when nothing."""
    saved = sum((line.list_price - line.unit_price) * line.quantity for line in quote.lines)
    return f"That is {money(saved, quote.currency)} less than our prices for single pieces." if saved else ""
