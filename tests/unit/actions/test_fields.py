"""Contact details out of what people type."""

from __future__ import annotations

import pytest

from actions.support import fields


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Anna Lindqvist", "Anna Lindqvist"),
        ("my name is peter novak", "Peter Novak"),
        ("it's Jean-Luc O'Brien", "Jean-Luc O'Brien"),
        ("I'm Zoë", "Zoë"),
        ("Anna Maier, anna@example.org, +49 30 23125014", "Anna Maier"),
        ("call me Bo", "Bo"),
        ("DR. KARL GROß", "DR. KARL GROß"),
    ],
)
def test_names(text: str, name: str) -> None:
    assert fields.name(text) == name


@pytest.mark.parametrize(
    "text",
    [
        "what?",
        "why do you need that",
        "make it two",
        "stop",
        "12345",
        "anna@example.org",
        "show my cart",
        "",
        "🙂",
        "hello",
        "no",
    ],
)
def test_what_is_no_name(text: str) -> None:
    assert fields.name(text) is None


@pytest.mark.parametrize(
    ("text", "email"),
    [
        ("anna@example.org", "anna@example.org"),
        ("it's Anna.Maier@Example.org.", "Anna.Maier@example.org"),
        ("mail me at a+b@shop.example.com please", "a+b@shop.example.com"),
        ("anna at example dot org", "anna@example.org"),
    ],
)
def test_email_addresses(text: str, email: str) -> None:
    assert fields.email(text) == email


@pytest.mark.parametrize("text", ["anna@", "anna@example", "@example.org", "anna", "look at that"])
def test_what_is_no_email_address(text: str) -> None:
    assert fields.email(text) is None


def test_a_phone_number_with_a_country_code() -> None:
    assert fields.phone("+49 30 23125014") == "+493023125014"


def test_a_phone_number_without_one_counts_in_the_region() -> None:
    assert fields.phone("03 53 01 22 04", region="FR") == "+33353012204"
    assert fields.phone("03 53 01 22 04") is None


@pytest.mark.parametrize("text", ["12345", "none", "1500"])
def test_what_is_no_phone_number(text: str) -> None:
    assert fields.phone(text, region="FR") is None


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("12 Rue des Lilas, 67000 Strasbourg", "12 Rue des Lilas, 67000 Strasbourg"),
        ("deliver it to Gartenweg 3, 10115 Berlin", "Gartenweg 3, 10115 Berlin"),
        ("Gartenweg 3\n10115 Berlin", "Gartenweg 3, 10115 Berlin"),
        ("67000 strasbourg, les lilas 12", "67000 strasbourg, les lilas 12"),
        ("my address is 4 Mill Road, Cambridge CB1 2AD", "4 Mill Road, Cambridge CB1 2AD"),
    ],
)
def test_addresses(text: str, address: str) -> None:
    assert fields.address(text) == address
    assert fields.is_clearly_address(text)


@pytest.mark.parametrize(
    "text", ["Berlin", "make it two", "no", "12345", "where do you deliver to?", "x" * 400]
)
def test_what_is_no_address(text: str) -> None:
    assert not fields.is_clearly_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "change the quantity to 2",
        "how long is delivery to 1010 Vienna?",
        "dude not 2500 im 16",
        "under 1500 euros and 16 gb",
    ],
)
def test_numbers_alone_make_no_address(text: str) -> None:
    assert not fields.is_clearly_address(text)
