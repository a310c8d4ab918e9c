"""Quantity tiers, promotions, and quote numbers."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm import order_number, quote_number
from crm.selling import Promotion, QuantityTier, reduced, tier_for

TIERS = (QuantityTier(5, Decimal(3)), QuantityTier(11, Decimal(5)), QuantityTier(100, None))


@pytest.mark.parametrize(
    ("many", "least"), [(1, None), (4, None), (5, 5), (10, 5), (11, 11), (99, 11), (100, 100)]
)
def test_the_highest_tier_that_is_reached_counts(many: int, least: int | None) -> None:
    found = tier_for(TIERS, many)
    assert (found.least if found else None) == least


@given(
    st.decimals(min_value=0, max_value=99999, places=2),
    st.decimals(min_value="0.01", max_value="99.99", places=2),
)
def test_a_reduced_price_is_whole_cents_and_never_more_than_half_a_cent_off(
    price: Decimal, percent: Decimal
) -> None:
    less = reduced(price, percent)
    assert less == less.quantize(Decimal("0.01"))
    assert 0 <= less <= price
    assert abs(less - price * (100 - percent) / 100) <= Decimal("0.005")


def test_a_promotion_runs_from_its_first_day_through_its_last() -> None:
    one = Promotion("x", date(2026, 11, 23), date(2026, 11, 29))
    assert [one.runs_on(date(2026, 11, day)) for day in (22, 23, 29, 30)] == [False, True, True, False]
    assert Promotion("always").runs_on(date(2026, 1, 1))


@given(st.integers(min_value=0, max_value=10**7 - 1))
def test_a_quote_number_is_found_as_people_type_it_and_never_taken_for_an_orders(drawn: int) -> None:
    number = quote_number.generate(lambda _: drawn)
    assert quote_number.find(f"i accept {number.lower()}!") == number
    assert quote_number.find(number.replace("-", " ")) == number
    assert order_number.parse(number) is None
    assert order_number.parse(order_number.generate(lambda _: drawn)) != number


def test_a_mistyped_quote_number_is_no_quote_number() -> None:
    number = quote_number.generate(lambda _: 1234567)
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert quote_number.find(f"{wrong} please") is None
