"""A product as the gateway's card. Everything on it comes from the product's own fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from actions.support.exposed import opened, shown
from actions.support.reply import Json, button, money
from crm.views import Product
from models.catalogue_files import Vocabulary
from models.reasons import facts, reason
from models.search import Query


def cards(products: Sequence[Product], query: Query, vocabulary: Vocabulary) -> Json:
    """The custom part of a message: one card for each product, shown because the search found it."""
    found = [card(product, query, vocabulary) for product in products]
    return {"cards": found, **shown("search", [product.sku for product in products])}


def details_card(product: Product, query: Query, vocabulary: Vocabulary) -> Json:
    """The card of a product that the customer asked about: opened rather than shown."""
    return {"cards": [card(product, query, vocabulary)], **opened(product.sku)}


def card(product: Product, query: Query, vocabulary: Vocabulary, *, why: str = "") -> dict[str, Any]:
    """One card; its reason is `why`, from a recommendation's evidence, or what of the query the product answers."""
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
        "reason": why or reason(product, query, vocabulary),
        "facts": list(facts(product, vocabulary)),
        "in_stock": product.stock > 0,
        "choices": choices,
    }
