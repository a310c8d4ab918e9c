"""A product as the gateway's card. Everything on it comes from the product's own fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from actions.support.reply import Json, button, money
from crm.views import Product
from models.catalogue_files import Vocabulary
from models.reasons import facts, reason
from models.search import Query


def cards(products: Sequence[Product], query: Query, vocabulary: Vocabulary) -> Json:
    """The custom part of a message: one card for each product."""
    return {"cards": [card(product, query, vocabulary) for product in products]}


def card(product: Product, query: Query, vocabulary: Vocabulary) -> dict[str, Any]:
    choices = [button("Details", "product_details", product=product.sku)]
    if product.stock > 0:
        choices.insert(0, button("Add to cart", "add_to_cart", product=product.sku))
    return {
        "sku": product.sku,
        "title": product.name,
        "price": str(product.price),
        "currency": product.currency,
        "price_text": money(product.price, product.currency),
        "image": product.image or f"/shop/images/{product.sku}.svg",
        "reason": reason(product, query, vocabulary),
        "facts": list(facts(product, vocabulary)),
        "in_stock": product.stock > 0,
        "choices": choices,
    }
