"""The right products first: in customers' words, with typos, units and synonyms."""

from __future__ import annotations

import time
from dataclasses import replace
from decimal import Decimal

import pytest

from crm.views import Product
from models.search import ProductIndex, Query
from models.search.analysis import words
from models.vocabulary import Vocabulary
from parley_encoder import Encoder
from parley_encoder.encoder import Vectors


def _categories(index: ProductIndex, products: list[Product], text: str, limit: int = 3) -> list[str]:
    category = {product.sku: product.category for product in products}
    return [category[hit.sku] for hit in index.search(Query(text=text), limit=limit)]


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("I need a light laptop for video editing", "laptops"),
        ("noice cancelling hedphones for flights", "headphones"),
        ("somthing to print labels", "printers"),
        ("27 inch monitor", "monitors"),
        ('27" screen for photo editing', "monitors"),
        ("a notebook for university", "laptops"),
        ("the wifi doesn't reach upstairs", "networking"),
        ("watch that counts my laps in the pool", "smartwatches"),
        ("powerbank", "chargers-cables"),
        ("a telly for the bedroom", "televisions"),
        ("smartfone with a good camera", "phones"),
        ("clicky mechanical keybord", "keyboards-mice"),
    ],
)
def test_a_need_in_a_customers_words_finds_its_kind(
    index: ProductIndex, products: list[Product], text: str, category: str
) -> None:
    assert _categories(index, products, text) == [category] * 3


def test_a_product_named_with_a_typo_comes_first(index: ProductIndex, products: list[Product]) -> None:
    for product in products[::23]:
        longest = max(product.name.split(), key=len)
        if len(longest) < 6 or not longest.isalpha():
            continue
        typo = product.name.replace(longest, longest[:2] + longest[3] + longest[2] + longest[4:])
        assert index.search(Query(text=typo, in_stock=False), limit=1)[0].sku == product.sku


@pytest.mark.parametrize("spelling", ["16 gb", "16GB", "16-gb", "16 gigabytes", "16 Gigs"])
def test_a_measure_is_one_term_however_it_is_written(spelling: str) -> None:
    assert words(spelling) == ["16gb"]


@pytest.mark.parametrize("spelling", ["6 ft", "6ft.", "6'", "6-foot", "6 feet"])
def test_feet_are_feet(spelling: str) -> None:
    assert words(spelling) == ["6ft"]


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("touch screen laptop for the kitchen", "laptops"),
        ("a single cable monitor", "monitors"),
        ("memory card for my camera", "storage"),
        ("phone, tablet or laptop", "phones"),
    ],
)
def test_of_kinds_side_by_side_the_last_is_meant(
    index: ProductIndex, products: list[Product], text: str, category: str
) -> None:
    assert _categories(index, products, text) == [category] * 3


def test_a_mouse_is_no_keyboard(index: ProductIndex, products: list[Product]) -> None:
    kinds = {product.sku: product.attributes.get("type") for product in products}
    hits = index.search(Query(text="mouse for my aching wrist", category="keyboards-mice"), limit=3)
    assert {kinds[hit.sku] for hit in hits} == {"mouse"}


def test_a_light_laptop_is_lighter_than_a_laptop(index: ProductIndex, products: list[Product]) -> None:
    weight = {p.sku: p.attributes.get("weight_kg") for p in products}

    def mean(query: Query) -> float:
        found = [
            float(value)
            for hit in index.search(query, limit=5)
            if isinstance(value := weight[hit.sku], float | int)
        ]
        return sum(found) / len(found)

    plain = Query(text="laptop for the office", category="laptops")
    light = mean(replace(plain, text="light laptop for the office"))
    assert light < mean(plain)
    assert light < mean(replace(plain, prefer=[("weight_kg", "higher")]))


def test_the_cheapest_of_a_kind_comes_first_when_sorted_by_price(
    index: ProductIndex, products: list[Product]
) -> None:
    cheapest = min((p.price, p.sku) for p in products if p.category == "tablets" and p.stock > 0)
    hits = index.search(Query(text="tablet", category="tablets", sort="price"), limit=1)
    assert hits[0].sku == cheapest[1]


def test_what_was_found_is_said_as_evidence(index: ProductIndex) -> None:
    hit = index.search(Query(text="waterproof camera for diving"), limit=1)[0]
    assert {"waterproof", "camera"} <= set(hit.evidence.matched)
    assert hit.evidence.dense > 0


def test_words_that_no_product_has_still_give_an_order(index: ProductIndex) -> None:
    assert len(index.search(Query(text="qwxz vvvv", category="phones"), limit=3)) == 3
    assert len(index.search(Query(text="", category="phones"), limit=3)) == 3


def test_the_same_query_is_answered_the_same(index: ProductIndex) -> None:
    query = Query(text="laptop", price_max=Decimal(900))
    assert index.search(query, limit=7) == index.search(query, limit=7)


def test_words_that_were_begun_are_encoded_once(
    products: list[Product], encoder: Encoder, vocabulary: Vocabulary, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = ProductIndex.build(products[:40], encoder, vocabulary)
    expected = index.search(Query(text="a light laptop"))
    fresh = ProductIndex.build(products[:40], encoder, vocabulary)
    asked: list[str] = []
    encode = encoder.encode

    def counted(texts: list[str]) -> Vectors:
        asked.extend(texts)
        return encode(texts)

    monkeypatch.setattr(encoder, "encode", counted)
    fresh.begin("a light laptop")
    assert fresh.search(Query(text="a light laptop")) == expected
    fresh.search(Query(text="a light laptop", price_max=Decimal(2000)))
    assert len(asked) == 1


def test_an_operators_synonym_finds_what_the_catalogue_calls_otherwise(
    products: list[Product], encoder: Encoder, vocabulary: Vocabulary
) -> None:
    some = products[:40]
    word = "flibbert"
    taught = replace(vocabulary, synonyms=((word, "graphics tablet stylus"), (word, some[5].name)))
    index = ProductIndex.build(some, encoder, taught)
    hit = index.search(Query(text=word, in_stock=False), limit=1)[0]
    assert hit.sku == some[5].sku
    assert word in hit.evidence.matched


def test_an_empty_catalogue_finds_nothing(encoder: Encoder, vocabulary: Vocabulary) -> None:
    index = ProductIndex.build([], encoder, vocabulary)
    assert index.search(Query(text="laptop")) == []
    assert index.count(Query()) == 0


def test_a_limit_below_one_is_refused(index: ProductIndex) -> None:
    with pytest.raises(ValueError, match="limit"):
        index.search(Query(text="laptop"), limit=0)


def test_a_changed_stock_is_indexed_without_encoding(
    index: ProductIndex, products: list[Product], encoder: Encoder, vocabulary: Vocabulary
) -> None:
    sold_out = [replace(products[0], stock=0), *products[1:]]
    started = time.process_time()
    rebuilt = ProductIndex.build(sold_out, encoder, vocabulary, version=4, previous=index)
    assert time.process_time() - started < 1.5
    assert rebuilt.version == 4
    name = Query(text=products[0].name)
    assert index.search(name, limit=1)[0].sku == products[0].sku
    assert rebuilt.search(name, limit=1)[0].sku != products[0].sku


@pytest.mark.parametrize(
    ("text", "kind"), [("cheapest mechanical keyboard", "keyboard"), ("the cheapest mouse", "mouse")]
)
def test_the_cheapest_of_a_category_of_several_kinds_is_of_the_kind_that_was_named(
    index: ProductIndex, products: list[Product], text: str, kind: str
) -> None:
    of_kind = [p for p in products if p.attributes.get("type") == kind and p.stock > 0]
    hits = index.search(Query(text=text, category="keyboards-mice", sort="price"), limit=3)
    assert [hit.sku for hit in hits] == [p.sku for p in sorted(of_kind, key=lambda p: p.price)[:3]]
