"""What is recommended keeps every condition, and each word of why is true of the product and the orders."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.views import Product
from models.recommend import Recommendation, Recommender
from models.search import Hit, Query, fulfils
from models.search.query import Evidence as HitEvidence
from models.vocabulary import Vocabulary
from tests.unit.models.recommend.claims import Truth
from tests.unit.models.recommend.conftest import WordVectors
from tests.unit.models.strategies import queries

SLOWLY = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="session")
def truth(by_sku: dict[str, Product], vocabulary: Vocabulary, orders: list[tuple[str, ...]]) -> Truth:
    return Truth(by_sku, vocabulary, orders)


def skus(made: list[Recommendation]) -> list[str]:
    return [one.sku for one in made]


@SLOWLY
@given(data=st.data())
def test_similar_keeps_the_conditions_and_says_only_what_is_so(
    data: st.DataObject, recommender: Recommender, products: list[Product], truth: Truth
) -> None:
    looked_at = data.draw(st.sampled_from(products))
    query = replace(data.draw(queries(products)), category=None, brands=())
    cheaper = data.draw(st.booleans())
    for made in recommender.similar(looked_at.sku, query, cheaper=cheaper, limit=4):
        product = truth.products[made.sku]
        assert fulfils(product, query)
        assert product.category == looked_at.category
        assert product.sku != looked_at.sku
        assert not cheaper or product.price < looked_at.price
        truth.check(made, query)


@SLOWLY
@given(data=st.data())
def test_what_goes_with_a_cart_is_neither_in_it_nor_refused_and_its_reason_is_true(
    data: st.DataObject, recommender: Recommender, products: list[Product], truth: Truth
) -> None:
    names = [product.sku for product in products]
    cart = data.draw(st.lists(st.sampled_from(names), max_size=4, unique=True))
    refused = data.draw(st.lists(st.sampled_from(names), max_size=4, unique=True))
    query = Query(price_max=data.draw(st.none() | st.sampled_from([Decimal(30), Decimal(300)])))
    made = recommender.goes_with(cart, query, avoid=refused, limit=5)
    assert bool(cart) or not made
    assert not set(skus(made)) & {*cart, *refused}
    for one in made:
        assert fulfils(truth.products[one.sku], query)
        truth.check(one, query)


@SLOWLY
@given(data=st.data())
def test_for_you_never_sells_the_same_thing_twice(
    data: st.DataObject, recommender: Recommender, products: list[Product], truth: Truth
) -> None:
    names = st.lists(st.sampled_from([product.sku for product in products]), max_size=3, unique=True)
    bought, viewed, refused = data.draw(names), data.draw(names), data.draw(names)
    made = recommender.for_you(orders=bought, views=viewed, avoid=refused, limit=5)
    assert made
    assert not set(skus(made)) & {*bought, *refused}
    for one in made:
        truth.check(one)


@SLOWLY
@given(data=st.data())
def test_an_upgrade_is_better_in_something_and_not_out_of_reach(
    data: st.DataObject, recommender: Recommender, products: list[Product], truth: Truth
) -> None:
    owned = data.draw(st.sampled_from(products))
    for made in recommender.upgrade(owned.sku, Query(price_max=owned.price)):
        assert truth.products[made.sku].price <= owned.price * 2
        assert any(found.kind == "compared" for found in made.evidence)
        truth.check(made)


def test_a_lie_is_caught_by_the_check(recommender: Recommender, truth: Truth) -> None:
    made = recommender.similar("LAP-0001", cheaper=True)[0]
    lies = tuple(
        replace(found, text="the lightest of all") if found.text else found for found in made.evidence
    )
    with pytest.raises(AssertionError):
        truth.check(replace(made, evidence=lies))


def test_an_upgrade_may_cost_more_than_the_budget_and_says_so(
    recommender: Recommender, by_sku: dict[str, Product]
) -> None:
    budget = by_sku["LAP-0001"].price
    made = recommender.upgrade("LAP-0001", Query(price_max=budget), limit=5)
    dearer = [one for one in made if by_sku[one.sku].price > budget]
    assert dearer
    assert all(" more" in one.why for one in dearer)
    assert all("budget" not in one.why for one in made)


def test_cheaper_than_the_cheapest_finds_nothing(recommender: Recommender, products: list[Product]) -> None:
    cheapest = min((p for p in products if p.category == "laptops"), key=lambda p: p.price)
    assert recommender.similar(cheapest.sku, cheaper=True) == []


def test_what_is_often_ordered_with_the_cart_is_offered_with_its_count(
    recommender: Recommender, orders: list[tuple[str, ...]]
) -> None:
    laptop = max(
        (o[0] for o in orders if "CHA-0001" in o),
        key=lambda s: sum({s, "CHA-0001"} <= set(o) for o in orders),
    )
    made = recommender.goes_with([laptop], limit=3)
    charger = next(one for one in made if one.sku == "CHA-0001")
    assert charger.why.startswith("Often bought with the")


def test_a_product_without_any_order_gets_accessories_that_fit_it(
    products: list[Product], vocabulary: Vocabulary, words: WordVectors, by_sku: dict[str, Product]
) -> None:
    vectors = words.encode([product.name for product in products])
    made = Recommender.build(products, vectors, vocabulary).goes_with(["LAP-0001"])
    assert made
    assert all(by_sku[one.sku].category != "laptops" for one in made)
    assert all({e.kind for e in one.evidence} & {"made_for", "connects", "same_use"} for one in made)


def test_what_is_in_stock_comes_before_what_is_not(
    recommender: Recommender, by_sku: dict[str, Product]
) -> None:
    made = recommender.similar("LAP-0001", Query(in_stock=False), limit=37)
    there = [by_sku[one.sku].stock > 0 for one in made]
    assert False in there
    assert there == sorted(there, reverse=True)


def test_what_the_search_found_for_a_need_comes_first(
    recommender: Recommender, by_sku: dict[str, Product]
) -> None:
    needs = Query(text="headphones", category="headphones", price_max=Decimal(200))
    hits = [Hit(sku, 1.0, HitEvidence()) for sku in by_sku if fulfils(by_sku[sku], needs)][:3]
    made = recommender.for_you(needs=needs, hits=hits)
    assert set(skus(made)) == {hit.sku for hit in hits}
    assert all("within your €200 budget" in one.why.lower() for one in made)


def test_a_contact_about_whom_nothing_is_known_sees_what_most_order(
    recommender: Recommender, orders: list[tuple[str, ...]]
) -> None:
    made = recommender.for_you()
    assert made[0].why.startswith("Bought in ")


def test_a_shop_without_orders_knows_nothing_about_strangers(
    products: list[Product], vocabulary: Vocabulary, words: WordVectors
) -> None:
    vectors = words.encode([product.name for product in products])
    assert Recommender.build(products, vectors, vocabulary).for_you() == []


def test_the_recommended_are_not_all_of_one_make(
    recommender: Recommender, by_sku: dict[str, Product]
) -> None:
    made = recommender.similar("PHO-0001", limit=4)
    assert len({by_sku[one.sku].name.split()[0] for one in made}) > 1


def test_a_product_that_is_not_for_sale_is_refused(recommender: Recommender) -> None:
    with pytest.raises(KeyError):
        recommender.similar("LAP-9999")


def test_a_limit_below_one_is_refused(recommender: Recommender) -> None:
    with pytest.raises(ValueError, match="limit"):
        recommender.similar("LAP-0001", limit=0)


def test_vectors_of_another_catalogue_are_refused(
    products: list[Product], vocabulary: Vocabulary, words: WordVectors
) -> None:
    with pytest.raises(ValueError, match="vectors"):
        Recommender.build(products, words.encode(["one"]), vocabulary)


@pytest.mark.parametrize("kind", ["laptops", "phones", "cameras", "televisions"])
def test_what_goes_with_a_kind_of_thing_is_another_kind_cheaper_and_its_reason_is_true(
    kind: str, recommender: Recommender, products: list[Product], truth: Truth
) -> None:
    truth.kind = kind
    prices = sorted(product.price for product in products if product.category == kind)
    made = recommender.goes_with_kind(kind, limit=6)
    for one in made:
        product = truth.products[one.sku]
        assert product.category != kind
        assert product.price <= prices[len(prices) // 2] / 2
        truth.check(one)
    avoided = recommender.goes_with_kind(kind, avoid=skus(made), limit=6)
    assert not set(skus(made)) & set(skus(avoided))


def test_nothing_goes_with_a_kind_that_isnt_sold(recommender: Recommender) -> None:
    assert recommender.goes_with_kind("bicycles") == []


def test_a_product_is_as_it_was_when_the_recommender_was_built(
    recommender: Recommender, products: list[Product]
) -> None:
    assert recommender.product(products[0].sku) == products[0]
    assert recommender.product("NOP-0001") is None
