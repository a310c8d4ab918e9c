"""Pure rules: prices, order numbers, people's details, payment, the types of columns."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_mock_engine
from sqlalchemy.engine import Dialect

from crm import order_number, payment, people
from crm.errors import InvalidInput
from crm.model.base import Money, UtcDateTime
from crm.policy import ShopPolicy
from crm.pricing import delivery_cost, vat_included

POLICY = ShopPolicy()
DIALECTS: list[Dialect] = [create_mock_engine(url, print).dialect for url in ("sqlite://", "postgresql://")]
amounts = st.decimals(min_value=0, max_value=Decimal("9999999999.99"), places=2)


@pytest.mark.parametrize(
    ("total", "rate", "vat"),
    [
        ("120.00", "0.20", "20.00"),
        ("0.03", "0.20", "0.01"),  # 0.005 exactly: half goes up
        ("0.01", "0.20", "0.00"),
        ("34.97", "0.20", "5.83"),
        ("100.00", "0.055", "5.21"),
        ("100.00", "0", "0.00"),
    ],
)
def test_vat_is_rounded_half_up_once_per_order(total: str, rate: str, vat: str) -> None:
    assert vat_included(Decimal(total), Decimal(rate)) == Decimal(vat)


@given(amounts)
def test_vat_never_differs_from_the_exact_share_by_more_than_half_a_cent(total: Decimal) -> None:
    vat = vat_included(total, Decimal("0.20"))
    assert abs(vat * 6 - total) <= Decimal("0.03")


@pytest.mark.parametrize(
    ("subtotal", "cost"), [("0", "0"), ("0.01", "4.90"), ("74.99", "4.90"), ("75.00", "0"), ("900", "0")]
)
def test_delivery_is_free_for_nothing_and_from_the_threshold(subtotal: str, cost: str) -> None:
    assert delivery_cost(Decimal(subtotal), POLICY) == Decimal(cost)


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
@given(amount=amounts)
def test_money_comes_back_as_it_went(dialect: Dialect, amount: Decimal) -> None:
    money = Money()
    back = money.process_result_value(money.process_bind_param(amount, dialect), dialect)
    assert back == amount
    assert str(back) == f"{amount:.2f}"


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
@pytest.mark.parametrize(
    "amount", [Decimal("0.001"), Decimal("10000000000"), Decimal("NaN"), Decimal("Infinity")]
)
def test_money_that_would_have_to_be_rounded_is_refused(dialect: Dialect, amount: Decimal) -> None:
    with pytest.raises(ValueError, match=str(amount)):
        Money().process_bind_param(amount, dialect)


@pytest.mark.parametrize("amount", [1.5, "1.50", True])
def test_money_that_is_no_decimal_is_refused(amount: object) -> None:
    with pytest.raises(TypeError, match="Decimal"):
        Money().process_bind_param(amount, DIALECTS[0])  # type: ignore[arg-type]  # that is the point


def test_times_are_stored_in_utc_and_naive_ones_are_refused() -> None:
    noon = datetime(2024, 5, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    stored = UtcDateTime().process_bind_param(noon, DIALECTS[0])
    assert stored == datetime(2024, 5, 1, 10)  # noqa: DTZ001 - SQLite keeps no zone
    assert UtcDateTime().process_result_value(stored, DIALECTS[0]) == noon
    with pytest.raises(ValueError, match="time zone"):
        UtcDateTime().process_bind_param(datetime(2024, 5, 1, 12), DIALECTS[0])  # noqa: DTZ001


@given(st.integers(min_value=0, max_value=10**7 - 1))
def test_an_order_number_is_read_however_it_is_written(number: int) -> None:
    made = order_number.generate(lambda _: number)
    digits = made[3:7] + made[8:]
    for written in (
        made,
        made.lower(),
        digits,
        f" pl {digits} ",
        f"PL{digits}",
        f"#{digits}",
        f"PL–{digits}",
    ):
        assert order_number.parse(written) == made


@given(st.integers(min_value=0, max_value=10**7 - 1), st.integers(0, 7), st.integers(1, 9))
def test_one_wrong_digit_is_no_order_number(number: int, place: int, off: int) -> None:
    made = order_number.generate(lambda _: number)
    digits = made[3:7] + made[8:]
    wrong = digits[:place] + str((int(digits[place]) + off) % 10) + digits[place + 1 :]
    assert order_number.parse(wrong) is None


@pytest.mark.parametrize(
    "text", ["", "PL", "PL-1234-567", "PL-1234-56741", "order 7", "PL-١٢٣٤-٥٦٧٤", "\x00"]
)
def test_what_is_no_order_number_is_none(text: str) -> None:
    assert order_number.parse(text) is None


def test_order_numbers_are_random() -> None:
    assert len({order_number.generate() for _ in range(50)}) > 45


def test_details_are_brought_to_one_form() -> None:
    assert people.checked_name("  Dana \n Fischer ") == "Dana Fischer"
    assert people.checked_email(" Dana@Example.COM ") == "Dana@example.com"
    assert people.email_key(" Dana@Example.COM ") == people.email_key("dana@example.com")
    assert people.checked_phone("03 53 01 20 14", "FR") == "+33353012014"
    assert people.checked_phone("+49 30 23125 214", "FR") == "+493023125214"
    assert people.checked_address(" 14  rue du Pluvier \n\n 67000 Strasbourg\x00") == (
        "14 rue du Pluvier\n67000 Strasbourg"
    )


@pytest.mark.parametrize("name", ["", " ", "12", "?!", "x" * 201])
def test_a_name_needs_letters_and_an_end(name: str) -> None:
    with pytest.raises(InvalidInput, match="name"):
        people.checked_name(name)


@pytest.mark.parametrize("email", ["", "dana", "dana@", "@example.com", "a b@example.com", "dana@localhost"])
def test_what_is_no_email_address_is_refused(email: str) -> None:
    with pytest.raises(InvalidInput, match="email"):
        people.checked_email(email)


@pytest.mark.parametrize("phone", ["", "call me", "12", "+1"])
def test_what_is_no_phone_number_is_refused(phone: str) -> None:
    with pytest.raises(InvalidInput, match="phone"):
        people.checked_phone(phone, "FR")


@pytest.mark.parametrize("address", ["", "...", "x" * 501])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(InvalidInput, match="address"):
        people.checked_address(address)


def test_an_invoice_is_due_after_the_shops_payment_days() -> None:
    charge = payment.Charge("PL-1", Decimal(1), "EUR", datetime(2024, 5, 1, 23, tzinfo=UTC))
    terms = payment.provider("invoice").terms(charge, POLICY)
    assert terms == payment.PaymentTerms(due=date(2024, 5, 15), reference="PL-1")


def test_a_way_to_pay_can_be_added_and_an_unknown_one_is_refused() -> None:
    class Vouchers:
        name = "voucher"

        def terms(self, charge: payment.Charge, policy: ShopPolicy) -> payment.PaymentTerms:
            return payment.PaymentTerms(due=charge.placed_at.date(), reference="paid")

    vouchers = Vouchers()
    payment.register(vouchers)
    assert payment.provider("voucher") is vouchers
    with pytest.raises(InvalidInput, match="invoice"):
        payment.provider("shells")
