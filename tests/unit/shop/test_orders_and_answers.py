"""The demo shop's answers, orders and people agree with its rules and its catalogue."""

import re
from collections import Counter
from decimal import Decimal
from itertools import combinations

import pytest

from crm.seed_sales import read_sales
from tests.unit.shop.files import SHOP, Record, repeated


def passes_luhn(digits: str) -> bool:
    """ISO/IEC 7812-1: counted from the right, every second digit doubled, the sum a multiple of ten."""
    doubled = [sum(divmod(int(digit) * 2, 10)) for digit in digits[-2::-2]]
    return (sum(doubled) + sum(int(digit) for digit in digits[-1::-2])) % 10 == 0


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
