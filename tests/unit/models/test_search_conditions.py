"""What the search returns fulfils every condition, whatever is asked."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.views import Product
from models.search import AttributeConstraint, ProductIndex, Query, fulfils, satisfies
from tests.unit.models.strategies import queries

RELAXED_SETTINGS = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))


@given(data=st.data())
@RELAXED_SETTINGS
def test_no_hit_ever_breaks_a_condition(
    data: st.DataObject, index: ProductIndex, products: list[Product]
) -> None:
    query = data.draw(queries(products))
    by_sku = {product.sku: product for product in products}
    hits = index.search(query, limit=10)
    assert all(fulfils(by_sku[hit.sku], query) for hit in hits)
    assert len({hit.sku for hit in hits}) == len(hits)


@given(data=st.data())
@RELAXED_SETTINGS
def test_the_arrays_select_exactly_what_the_definition_selects(
    data: st.DataObject, index: ProductIndex, products: list[Product]
) -> None:
    query = data.draw(queries(products))
    assert index.count(query) == sum(fulfils(product, query) for product in products)


@given(data=st.data())
@RELAXED_SETTINGS
def test_a_sort_by_price_is_in_order(
    data: st.DataObject, index: ProductIndex, products: list[Product]
) -> None:
    query = replace(data.draw(queries(products)), sort="price")
    price = {product.sku: product.price for product in products}
    found = [price[hit.sku] for hit in index.search(query, limit=8)]
    assert found == sorted(found)


@pytest.mark.parametrize(
    ("value", "wish", "holds"),
    [
        (16, AttributeConstraint("memory_gb", "min", 16), True),
        (8, AttributeConstraint("memory_gb", "min", 16), False),
        (1.2, AttributeConstraint("weight_kg", "max", 1.2), True),
        (16, AttributeConstraint("memory_gb", "above", 16), False),
        (32, AttributeConstraint("memory_gb", "above", 16), True),
        (1.2, AttributeConstraint("weight_kg", "below", 1.2), False),
        (1.1, AttributeConstraint("weight_kg", "below", 1.2), True),
        (15.6, AttributeConstraint("screen_inch", "is", 15), True),
        (15.6, AttributeConstraint("screen_inch", "is", 14), False),
        (26.9, AttributeConstraint("screen_inch", "is", 27), True),
        ("sky blue", AttributeConstraint("color", "is", "Blue"), True),
        ("black", AttributeConstraint("color", "is", "ink black"), False),
        (["USB-C", "HDMI"], AttributeConstraint("ports", "is", "hdmi"), True),
        (True, AttributeConstraint("waterproof", "is", True), True),
        (None, AttributeConstraint("waterproof", "is", True), False),
        (None, AttributeConstraint("waterproof", "is", False), True),
        (None, AttributeConstraint("memory_gb", "min", 1), False),
        ("sixteen", AttributeConstraint("memory_gb", "min", 1), False),
        (True, AttributeConstraint("memory_gb", "is", 1), False),
    ],
)
def test_an_attribute_fulfils_a_wish(value: object, wish: AttributeConstraint, *, holds: bool) -> None:
    assert satisfies(value, wish) is holds  # type: ignore[arg-type]  # any value a catalogue may hold


def test_a_price_limit_includes_the_limit_and_nothing_above(
    index: ProductIndex, products: list[Product]
) -> None:
    price = products[0].price
    at_limit = Query(category=products[0].category, price_max=price, price_min=price)
    below = replace(at_limit, price_min=None, price_max=price - Decimal("0.01"))
    assert products[0].sku in {hit.sku for hit in index.search(at_limit, limit=50)}
    assert products[0].sku not in {hit.sku for hit in index.search(below, limit=500)}


def test_an_unknown_category_or_brand_finds_nothing(index: ProductIndex) -> None:
    assert index.search(Query(category="submarines")) == []
    assert index.search(Query(text="laptop", brands=["Nobody"])) == []


def test_an_unknown_sort_or_operator_is_refused() -> None:
    with pytest.raises(ValueError, match="sort"):
        Query(sort="popularity")
    with pytest.raises(ValueError, match="memory_gb"):
        Query(attributes=[AttributeConstraint("memory_gb", "about", 16)])  # type: ignore[arg-type]  # the point
