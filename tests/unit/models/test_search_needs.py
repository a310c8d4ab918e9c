"""Needs in customers' words against the demo shop: the first three products hold one that answers the need.

Sixty were written beside the catalogue, forty more before anybody looked at its wording, and forty as people type.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from crm.views import Product
from models.search import AttributeConstraint, ProductIndex, Query

FIXTURES = Path(__file__).parents[2] / "fixtures"
SIXTY, BLIND, TYPED = (
    yaml.safe_load((FIXTURES / name).read_text(encoding="utf-8"))
    for name in ("needs.yml", "needs_blind.yml", "needs_typed.yml")
)
NEEDS: list[dict[str, Any]] = [*SIXTY, *BLIND, *TYPED]
CARDS = 3
SHARE = 0.9
SHARE_TYPED = 0.85
"""Of the forty that came last: what was mended for them is general, and the rest was left alone (docs/adr/0134)."""


def _query(need: Mapping[str, Any]) -> Query:
    where = need["where"]
    limit = where.get("price_max")
    return Query(
        text=need["need"],
        category=where.get("category"),
        not_brands=where.get("not_brands", ()),
        price_max=None if limit is None else Decimal(limit),
        attributes=[AttributeConstraint(*wish) for wish in where.get("attributes", ())],
    )


@pytest.fixture(scope="module")
def shown(index: ProductIndex) -> list[list[str]]:
    """The SKUs of the first cards for each need."""
    return [[hit.sku for hit in index.search(_query(need), limit=CARDS)] for need in NEEDS]


@pytest.mark.parametrize(
    ("needs", "share"),
    [(SIXTY, SHARE), (BLIND, SHARE), (TYPED, SHARE_TYPED)],
    ids=["sixty", "blind", "typed"],
)
def test_the_first_three_hold_a_good_answer_nine_times_in_ten(
    needs: list[dict[str, Any]], share: float, shown: list[list[str]]
) -> None:
    missed = [
        f"{need['need']}: {', '.join(cards)}"
        for need, cards in zip(NEEDS, shown, strict=True)
        if need in needs and not set(cards) & set(need["any_of"])
    ]
    assert len(missed) <= (1 - share) * len(needs) + 1e-9, "\n".join(missed)


def test_no_card_breaks_what_was_stated(shown: list[list[str]], products: list[Product]) -> None:
    by_sku = {product.sku: product for product in products}
    for need, cards in zip(NEEDS, shown, strict=True):
        where = need["where"]
        for product in (by_sku[sku] for sku in cards):
            assert product.stock > 0, need
            assert product.price <= where.get("price_max", product.price), need
            assert product.category == where.get("category", product.category), need
            assert product.brand not in where.get("not_brands", ()), need
            for name, op, value in where.get("attributes", ()):
                assert op == "min", "only lower bounds are checked here"
                assert product.attributes[name] >= value, need


def test_there_are_enough_needs_and_each_can_be_met(products: list[Product]) -> None:
    in_stock = {product.sku for product in products if product.stock > 0}
    assert (len(SIXTY), len(BLIND), len(TYPED)) == (60, 40, 40)
    assert len({need["need"] for need in NEEDS}) == 140
    assert all(set(need["any_of"]) & in_stock for need in NEEDS)
