"""Every reason and every fact is true of the product."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.views import Product
from models.reasons import Claim, claims, facts, reason
from models.search import AttributeConstraint, ProductIndex, Query, satisfies
from models.vocabulary import Vocabulary
from tests.unit.models.strategies import queries


def _true(claim: Claim, product: Product, query: Query, vocabulary: Vocabulary) -> bool:
    if claim.kind == "budget":
        return (
            query.price_max is not None and product.price <= query.price_max and claim.value == product.price
        )
    if claim.kind == "use":
        return claim.value in product.attributes["uses"] and claim.text == f"good for {claim.value}"  # type: ignore[operator]  # uses is a list
    value = product.attributes[claim.field]
    if claim.kind == "wish" and not any(
        wish.name == claim.field and satisfies(value, wish) for wish in query.attributes
    ):
        return False
    return claim.value == value and claim.text == vocabulary[claim.field].describe(value)


@given(data=st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_claim_is_true_and_the_sentence_is_made_of_claims(
    data: st.DataObject, products: list[Product], vocabulary: Vocabulary
) -> None:
    query, product = data.draw(queries(products)), data.draw(st.sampled_from(products))
    found = claims(product, query, vocabulary)
    assert all(_true(claim, product, query, vocabulary) for claim in found)
    sentence = reason(product, query, vocabulary)
    left = sentence.lower()
    texts = [claim.text for claim in found] + facts(product, vocabulary, limit=2)
    for text in sorted(texts, key=len, reverse=True):
        left = left.replace(text.lower(), "")
    assert left.replace(" and ", "").strip(" ,:") == ""


@given(data=st.data())
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_comparison_claims_only_what_is_better(
    data: st.DataObject, products: list[Product], vocabulary: Vocabulary
) -> None:
    product, other = data.draw(st.sampled_from(products)), data.draw(st.sampled_from(products))
    for claim in claims(product, Query(), vocabulary, looked_at=other):
        if claim.kind == "cheaper":
            assert product.price < other.price
            assert other.name in claim.text
        if claim.kind == "compared":
            mine, theirs = product.attributes[claim.field], other.attributes[claim.field]
            assert (mine > theirs) == (vocabulary[claim.field].better == "higher")  # type: ignore[operator]  # numbers
            assert mine != theirs


def test_facts_are_descriptions_of_what_the_product_has(
    products: list[Product], vocabulary: Vocabulary
) -> None:
    for product in products:
        true = {
            vocabulary[name].describe(value)
            for name, value in product.attributes.items()
            if name in vocabulary
        }
        shown = facts(product, vocabulary)
        assert shown, product.sku
        assert len(shown) <= 3
        assert set(shown) <= true


def test_a_reason_names_use_wish_and_budget(
    index: ProductIndex, products: list[Product], vocabulary: Vocabulary
) -> None:
    query = Query(
        text="laptop for video editing",
        category="laptops",
        price_max=Decimal(2500),
        attributes=[AttributeConstraint("memory_gb", "min", 32)],
    )
    by_sku = {product.sku: product for product in products}
    hit = index.search(query, limit=1)[0]
    sentence = reason(by_sku[hit.sku], query, vocabulary)
    assert "ideo editing" in sentence
    assert "GB memory" in sentence
    assert "within your €2,500 budget" in sentence


def test_a_product_over_the_budget_is_not_called_within_it(
    products: list[Product], vocabulary: Vocabulary
) -> None:
    dear = max(products, key=lambda product: product.price)
    assert "budget" not in reason(dear, Query(price_max=dear.price - 1), vocabulary)
    assert "budget" in reason(dear, Query(price_max=dear.price), vocabulary)


@pytest.mark.parametrize("name", ["noise_cancelling", "waterproof"])
def test_what_a_product_lacks_is_no_reason(
    products: list[Product], vocabulary: Vocabulary, name: str
) -> None:
    lacking = next(product for product in products if product.attributes.get(name) is False)
    query = Query(text=f"with {vocabulary[name].words[0]}")
    assert vocabulary[name].label not in reason(lacking, query, vocabulary).lower()


def test_a_bound_that_is_no_budget_is_told_in_the_customers_words(
    products: list[Product], vocabulary: Vocabulary
) -> None:
    cheap = min(products, key=lambda product: product.price)
    told = reason(cheap, Query(price_max=Decimal("1098.99"), price_words="under €1,099"), vocabulary)
    assert "under €1,099" in told
    assert "budget" not in told
