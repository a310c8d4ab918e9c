"""The demo shop's products agree with each other and with what the rest of the house expects of them."""

import re
from collections import defaultdict
from decimal import Decimal
from itertools import combinations

import pytest

from tests.unit.shop.files import Record, repeated


def by_category(products: list[Record]) -> dict[str, list[Record]]:
    groups: dict[str, list[Record]] = defaultdict(list)
    for product in products:
        groups[product["category"]].append(product)
    return groups


def five_word_sequences(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"[\w’']+", text.casefold())
    return {tuple(words[start : start + 5]) for start in range(len(words) - 4)}


def containment(one: set[tuple[str, ...]], other: set[tuple[str, ...]]) -> float:
    """The share of the shorter text's sequences that the other one has too, 0 to 1."""
    return len(one & other) / max(1, min(len(one), len(other)))


def fits(value: object, attribute: Record) -> bool:
    """Whether a value is of its attribute's kind."""
    match attribute["kind"]:
        case "flag":
            return isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool) and value > 0
        case _ if attribute.get("many"):
            return isinstance(value, list) and bool(value) and all(_is_word(word) for word in value)
        case _:
            return _is_word(value)


def _is_word(value: object) -> bool:
    return isinstance(value, str) and value == value.strip() != ""


def test_shop_is_large_enough_to_choose_from(products: list[Record]) -> None:
    sizes = {slug: len(group) for slug, group in by_category(products).items()}
    assert len(products) >= 260
    assert len(sizes) >= 13
    assert sizes["laptops"] >= 30
    assert sizes["phones"] >= 25
    assert sizes["headphones"] >= 25
    assert min(sizes.values()) >= 10


def test_every_product_has_its_own_sku_and_name(products: list[Record]) -> None:
    assert repeated([product["sku"] for product in products]) == []
    assert repeated([product["name"].casefold() for product in products]) == []


def test_products_have_exactly_the_documented_fields(products: list[Record]) -> None:
    fields = {
        "sku", "name", "brand", "category", "price", "currency", "stock", "description", "attributes", "image",
    }  # fmt: skip
    assert [product["sku"] for product in products if set(product) != fields] == []


def test_skus_begin_with_the_letters_of_their_category(
    products: list[Record], categories: dict[str, Record]
) -> None:
    for product in products:
        assert re.fullmatch(r"[A-Z]{3}-\d{4}", product["sku"])
        assert product["sku"].startswith(categories[product["category"]]["prefix"] + "-")


def test_names_begin_with_the_brand(products: list[Record]) -> None:
    assert [p["sku"] for p in products if not p["name"].startswith(p["brand"] + " ")] == []


def test_prices_are_exact_amounts_in_the_shops_currency(products: list[Record], rules: Record) -> None:
    for product in products:
        assert re.fullmatch(r"[1-9]\d*\.\d{2}", product["price"]), product["sku"]
        assert product["currency"] == rules["currency"] == "EUR"


def test_some_shelves_are_empty_and_some_nearly_so(products: list[Record]) -> None:
    stocks = [product["stock"] for product in products]
    assert all(isinstance(stock, int) and stock >= 0 for stock in stocks)
    assert 8 <= stocks.count(0) <= len(products) // 10
    assert sum(1 <= stock <= 3 for stock in stocks) >= 8


def test_each_category_offers_four_brands_and_a_wide_span_of_prices(products: list[Record]) -> None:
    for slug, group in by_category(products).items():
        prices = [Decimal(product["price"]) for product in group]
        assert len({product["brand"] for product in group}) >= 4, slug
        assert max(prices) >= 4 * min(prices), slug


def test_products_have_five_attributes_of_the_vocabularys_kind(
    products: list[Record], vocabulary: dict[str, Record]
) -> None:
    for product in products:
        assert len(product["attributes"]) >= 5, product["sku"]
        assert product["attributes"]["uses"], product["sku"]
        for name, value in product["attributes"].items():
            assert name in vocabulary, (product["sku"], name)
            assert fits(value, vocabulary[name]), (product["sku"], name, value)


@pytest.mark.parametrize(
    ("value", "attribute"),
    [
        ("16", {"kind": "number"}),
        (True, {"kind": "number"}),
        (0, {"kind": "number"}),
        ("yes", {"kind": "flag"}),
        (" red", {"kind": "word"}),
        ("travel", {"kind": "word", "many": True}),
        ([], {"kind": "word", "many": True}),
    ],
)
def test_values_of_another_kind_are_noticed(value: object, attribute: Record) -> None:
    assert not fits(value, attribute)


def test_attributes_can_be_said_and_shown(
    products: list[Record], vocabulary: dict[str, Record], categories: dict[str, Record]
) -> None:
    used = {name for product in products for name in product["attributes"]}
    assert set(vocabulary) == used, "each attribute is used, and each used one is described"
    for name, attribute in vocabulary.items():
        assert attribute["kind"] in {"number", "word", "flag"}, name
        assert attribute["better"] in {"higher", "lower", None}, name
        assert attribute["words"], name
        assert attribute["kind"] == "flag" or "{value}" in attribute["label"], name
        if attribute["kind"] == "flag":
            assert attribute["label_not"], name
        if attribute["kind"] == "number":
            assert attribute["unit"], name
            assert 1 in attribute["units"].values(), name
    for category in categories.values():
        assert set(category["highlights"]) <= set(vocabulary), category["slug"]


def test_highlights_are_known_of_most_products(products: list[Record], categories: dict[str, Record]) -> None:
    for slug, group in by_category(products).items():
        first = categories[slug]["highlights"][0]
        share = sum(first in product["attributes"] for product in group) / len(group)
        assert share >= 0.6, (slug, first)


def test_descriptions_are_two_to_four_sentences(products: list[Record]) -> None:
    for product in products:
        sentences = re.findall(r"[.!?…](?:\s|$)", product["description"])
        assert 2 <= len(sentences) <= 5, product["sku"]
        assert 12 <= len(product["description"].split()) <= 90, product["sku"]


def test_descriptions_name_no_price_that_could_go_stale(products: list[Record]) -> None:
    assert [p["sku"] for p in products if re.search(r"€|\beuros?\b", p["description"], re.IGNORECASE)] == []


def test_no_two_descriptions_share_half_of_their_five_word_sequences(products: list[Record]) -> None:
    sequences = [(product["sku"], five_word_sequences(product["description"])) for product in products]
    alike = [
        (one, other)
        for (one, left), (other, right) in combinations(sequences, 2)
        if not left.isdisjoint(right) and containment(left, right) >= 0.5
    ]
    assert alike == []


def test_descriptions_that_differ_in_one_word_are_noticed() -> None:
    text = "The phone half our staff carries, for it fits a normal pocket and takes lovely pictures."
    twin = text.replace("lovely", "good")
    assert containment(five_word_sequences(text), five_word_sequences(twin)) >= 0.5


def test_figures_with_units_in_descriptions_agree_with_the_attributes(products: list[Record]) -> None:
    stated = {
        "weight_kg": r"(\d+(?:\.\d+)?) kg\b",
        "refresh_hz": r"(\d+) Hz\b",
        "capacity_mah": r"([\d,]+) mAh\b",
        "screen_inch": r"(\d+(?:\.\d+)?)-inch",
        "power_w": r"(\d+) watts\b",
    }
    for product in products:
        for name, pattern in stated.items():
            for figure in re.findall(pattern, product["description"]):
                if name in product["attributes"]:
                    claimed, real = float(figure.replace(",", "")), product["attributes"][name]
                    assert abs(claimed - real) < 1, (product["sku"], name, figure)


def test_a_light_laptop_for_video_editing_up_to_1500_can_be_refined(products: list[Record]) -> None:
    """Three are shown; "cheaper", "from another brand" and "with more memory" must then find others."""
    fitting = [
        product
        for product in by_category(products)["laptops"]
        if "video editing" in product["attributes"]["uses"]
        and product["attributes"]["weight_kg"] <= 1.5
        and Decimal(product["price"]) <= 1500
        and product["stock"] > 0
    ]
    prices = sorted(Decimal(product["price"]) for product in fitting)
    memory = sorted(product["attributes"]["memory_gb"] for product in fitting)
    assert len(fitting) >= 8
    assert len({product["brand"] for product in fitting}) >= 6
    assert prices[0] <= 800
    assert memory[0] < memory[len(memory) // 2] < memory[-1]


def test_categories_of_catalogue_and_vocabulary_are_the_same(
    products: list[Record], categories: dict[str, Record]
) -> None:
    assert {product["category"] for product in products} == set(categories)
    assert repeated([category["prefix"] for category in categories.values()]) == []
    assert repeated([word.casefold() for c in categories.values() for word in c["synonyms"]]) == []
    for category in categories.values():
        assert len(category["synonyms"]) >= 5
        assert category["name"]
        assert category["singular"]
        assert category["used_for"]
