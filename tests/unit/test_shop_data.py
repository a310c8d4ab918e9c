"""The demo shop's files agree with each other and with what the rest of the house expects of them."""

import json
import re
import tomllib
from collections import Counter, defaultdict
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

from crm.seed_sales import read_sales

SHOP = Path(__file__).parents[2] / "data" / "shop"

Record = dict[str, Any]


def read_yaml(name: str) -> Any:
    return yaml.safe_load((SHOP / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def products() -> list[Record]:
    lines = (SHOP / "catalogue.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def vocabulary() -> dict[str, Record]:
    attributes: dict[str, Record] = read_yaml("attributes.yml")
    return attributes


@pytest.fixture(scope="module")
def categories() -> dict[str, Record]:
    return {entry["slug"]: entry for entry in read_yaml("categories.yml")}


@pytest.fixture(scope="module")
def faq() -> list[Record]:
    entries: list[Record] = read_yaml("faq.yml")
    return entries


@pytest.fixture(scope="module")
def people() -> Record:
    answer: Record = read_yaml("customers.yml")
    return answer


@pytest.fixture(scope="module")
def rules() -> Record:
    return tomllib.loads((SHOP / "shop.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def orders(people: Record) -> list[Record]:
    return [order for customer in people["customers"] for order in customer["orders"]]


def by_category(products: list[Record]) -> dict[str, list[Record]]:
    groups: dict[str, list[Record]] = defaultdict(list)
    for product in products:
        groups[product["category"]].append(product)
    return groups


def repeated(values: list[str]) -> list[str]:
    return [value for value, count in Counter(values).items() if count > 1]


def five_word_sequences(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"[\w’']+", text.casefold())
    return {tuple(words[start : start + 5]) for start in range(len(words) - 4)}


def containment(one: set[tuple[str, ...]], other: set[tuple[str, ...]]) -> float:
    """The share of the shorter text's sequences that the other one has too, 0 to 1."""
    return len(one & other) / max(1, min(len(one), len(other)))


def passes_luhn(digits: str) -> bool:
    """ISO/IEC 7812-1: counted from the right, every second digit doubled, the sum a multiple of ten."""
    doubled = [sum(divmod(int(digit) * 2, 10)) for digit in digits[-2::-2]]
    return (sum(doubled) + sum(int(digit) for digit in digits[-1::-2])) % 10 == 0


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


def test_faq_has_forty_questions_each_asked_in_several_ways(faq: list[Record]) -> None:
    assert len(faq) >= 40
    assert repeated([entry["id"] for entry in faq]) == []
    assert (
        repeated([way.casefold() for entry in faq for way in [entry["question"], *entry["alternatives"]]])
        == []
    )
    for entry in faq:
        assert set(entry) - {"leads_to"} == {"id", "question", "alternatives", "answer", "tags"}, entry["id"]
        assert 3 <= len(entry["alternatives"]) <= 6, entry["id"]
        assert all(isinstance(way, str) for way in entry["alternatives"]), entry["id"]
        assert len(entry["answer"].split()) <= 70, entry["id"]
        assert entry["tags"], entry["id"]


def test_faq_answers_state_the_shops_own_rules(faq: list[Record], rules: Record) -> None:
    answers = {entry["id"]: entry["answer"] for entry in faq}
    policy, contact = rules["policy"], rules["contact"]
    assert f"€{policy['delivery']}" in answers["delivery-cost"]
    assert f"€{policy['free_delivery_from']}" in answers["delivery-cost"]
    assert f"{Decimal(policy['vat_rate']) * 100:.0f} % VAT" in answers["vat"]
    assert f"{policy['payment_days']} days" in answers["payment-deadline"]
    assert f"{policy['unpaid_release_hours'] // 24} days" in answers["payment-deadline"]
    assert f"{policy['unpaid_release_hours'] // 24} days" in answers["cancel-order"]
    assert f"{policy['return_days']} days" in answers["returns"]
    assert f"up to {policy['max_quantity']} of each" in answers["bulk-orders"]
    assert f"{rules['quotes']['valid_days']} days" in answers["bulk-orders"]
    for tier in rules["quantity_discounts"]:
        assert str(tier["from"]) in answers["bulk-orders"]
        assert f"{tier.get('percent', '3')} %" in answers["bulk-orders"]
    assert rules["delivery"]["cut_off"] in answers["delivery-time"]
    assert rules["delivery"]["carrier"] in answers["tracking"]
    assert contact["email"] in answers["contact"]
    assert contact["phone"] == re.sub(r"[^+\d]", "", re.findall(r"\+[\d ]+", answers["contact"])[0])
    assert contact["street"] in answers["store-address"]


def test_stock_of_an_unpaid_order_is_not_freed_before_the_invoice_is_due(rules: Record) -> None:
    assert rules["policy"]["unpaid_release_hours"] >= rules["policy"]["payment_days"] * 24


def test_orders_stand_in_every_state(orders: list[Record]) -> None:
    states = {"placed", "paid", "shipped", "delivered", "cancelled", "returned"}
    assert {order["status"] for order in orders} == states


def test_order_numbers_are_unique_and_pass_the_luhn_check(orders: list[Record]) -> None:
    numbers = [order["number"] for order in orders]
    assert repeated(numbers) == []
    for number in numbers:
        assert re.fullmatch(r"PL-\d{4}-\d{4}", number)
        assert passes_luhn(re.sub(r"\D", "", number)), number


@pytest.mark.parametrize("digits", ["79927398710", "50138925"])
def test_a_wrong_check_digit_is_noticed(digits: str) -> None:
    assert not passes_luhn(digits)


def test_order_lines_name_products_of_the_catalogue(orders: list[Record], products: list[Record]) -> None:
    known = {product["sku"] for product in products}
    for order in orders:
        assert order["lines"], order["number"]
        assert order["days_ago"] >= 0
        assert repeated([line["sku"] for line in order["lines"]]) == []
        for line in order["lines"]:
            assert line["sku"] in known, order["number"]
            assert 1 <= line["quantity"] <= 10


def test_a_year_of_sales_shows_what_is_bought_together(products: list[Record]) -> None:
    category = {product["sku"]: product["category"] for product in products}
    sales = read_sales(SHOP / "sales.csv")
    baskets = [sorted(sale.products) for sale in sales]
    assert len(baskets) >= 1000
    assert {sku for basket in baskets for sku in basket} <= set(category)
    assert all(isinstance(sale.sold, int) and 1 <= sale.sold <= 365 for sale in sales)
    pairs = Counter(pair for basket in baskets for pair in combinations(basket, 2))
    often = [pair for pair, count in pairs.items() if count >= 3]
    wanted = {
        ("cameras", "storage"),
        ("chargers-cables", "laptops"),
        ("chargers-cables", "phones"),
        ("keyboards-mice", "laptops"),
        ("headphones", "tablets"),
        ("chargers-cables", "televisions"),
    }
    assert wanted <= {tuple(sorted((category[one], category[other]))) for one, other in often}


def test_only_orders_that_left_the_house_have_tracking(orders: list[Record]) -> None:
    for order in orders:
        assert ("tracking" in order) == (order["status"] in {"shipped", "delivered", "returned"}), order[
            "number"
        ]


def test_people_are_invented_and_complete(people: Record, rules: Record) -> None:
    everybody = [*people["customers"], *people["users"]]
    assert len(people["customers"]) >= 12
    assert repeated([person["email"].casefold() for person in everybody]) == []
    for person in everybody:
        assert re.search(r"[@.]example\.(com|org|net)$", person["email"]), person["name"]
    for customer in people["customers"]:
        assert set(customer["address"]) == {"street", "postal_code", "city", "country"}
        assert isinstance(customer["address"]["postal_code"], str)
        assert customer["address"]["country"] in rules["delivery"]["countries"]
    assert Counter(user["role"] for user in people["users"]) == {
        "agent": 2,
        "rep": 1,
        "manager": 1,
        "admin": 1,
    }
