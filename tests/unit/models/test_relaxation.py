"""When nothing fits, the condition that costs least is given up and named."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.views import Product
from models.search import AttributeConstraint, ProductIndex, Query, fulfils, relaxed, satisfies
from tests.unit.models.strategies import queries

LAPTOPS = Query(text="laptop", category="laptops")


def test_a_price_just_too_low_is_raised_and_named(index: ProductIndex, products: list[Product]) -> None:
    with_32 = [
        product
        for product in products
        if product.category == "laptops"
        and product.stock
        and satisfies(product.attributes.get("memory_gb"), AttributeConstraint("memory_gb", "min", 32))
    ]
    cheapest = min(p.price for p in with_32)
    asked = replace(
        LAPTOPS, price_max=cheapest - 10, attributes=[AttributeConstraint("memory_gb", "min", 32)]
    )
    found = relaxed(index, asked)
    assert found is not None
    assert found.gave_up == "price_max"
    assert found.sentence.startswith("Nothing under €")
    assert "32 GB memory or more" in found.sentence
    assert f"these are €{cheapest:,.0f} and up" in found.sentence


def test_a_weight_just_too_low_is_raised_to_the_lightest(
    index: ProductIndex, products: list[Product]
) -> None:
    lightest = min(float(p.attributes["weight_kg"]) for p in products if p.category == "laptops" and p.stock)  # type: ignore[arg-type]  # a number
    asked = replace(
        LAPTOPS,
        price_max=Decimal(9000),
        attributes=[AttributeConstraint("weight_kg", "max", lightest - 0.01)],
    )
    found = relaxed(index, asked)
    assert found is not None
    assert found.gave_up == "weight_kg"
    assert f"the nearest is {lightest:g} kg" in found.sentence


def test_nothing_is_given_up_when_something_fits(index: ProductIndex) -> None:
    assert relaxed(index, LAPTOPS) is None


def test_what_was_ruled_out_stays_ruled_out(index: ProductIndex, products: list[Product]) -> None:
    brands = sorted({product.brand for product in products if product.category == "laptops"})
    assert relaxed(
        index, replace(LAPTOPS, not_brands=brands, category=None, categories=["laptops"])
    ) is None or all(
        brand not in relaxed(index, replace(LAPTOPS, not_brands=brands)).query.brands  # type: ignore[union-attr]  # not None here
        for brand in brands
    )


@given(data=st.data())
@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_relaxed_query_finds_something_and_keeps_every_other_condition(
    data: st.DataObject, index: ProductIndex, products: list[Product]
) -> None:
    query = data.draw(queries(products))
    found = relaxed(index, query)
    if found is None:
        return
    by_sku = {product.sku: product for product in products}
    hits = index.search(found.query, limit=5)
    assert index.count(query) == 0
    assert hits
    for hit in hits:
        product = by_sku[hit.sku]
        assert fulfils(product, found.query)
        assert product.brand.upper() not in query.not_brands
        assert product.sku not in query.exclude
        kept = [wish for wish in query.attributes if wish.name != found.gave_up]
        assert fulfils(product, replace(Query(in_stock=False), attributes=kept))


def test_a_strict_bound_is_told_by_its_own_figure(index: ProductIndex, products: list[Product]) -> None:
    most = max(float(p.attributes["memory_gb"]) for p in products if p.category == "laptops" and p.stock)  # type: ignore[arg-type]  # a number
    found = relaxed(index, replace(LAPTOPS, attributes=[AttributeConstraint("memory_gb", "above", most)]))
    assert found is not None
    assert found.sentence == f"Nothing with more than {most:g} GB memory; the nearest is {most:g} GB memory."


def test_a_price_in_the_customers_words_is_told_so_and_forgotten_once_given_up(index: ProductIndex) -> None:
    found = relaxed(index, replace(LAPTOPS, price_max=Decimal("199.99"), price_words="under €200"))
    assert found is not None
    assert found.sentence.startswith("Nothing under €200; these are €")
    assert found.query.price_words is None
