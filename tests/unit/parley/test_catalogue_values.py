"""Prices, counts and attributes as people write them."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

import pytest

from crm.catalogue_import import values
from crm.catalogue_import.categories import Categories
from models.vocabulary import Category


@dataclass(frozen=True)
class Kind:
    kind: str
    many: bool = False
    unit: str | None = None
    units: dict[str, float] = field(default_factory=dict)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1299", "1299"),
        ("1299.5", "1299.5"),
        ("1,299.00", "1299.00"),
        ("1.299,00", "1299.00"),
        ("1299,00", "1299.00"),
        ("1 299,00 EUR", "1299.00"),
        ("€1,299.00", "1299.00"),
        ("EUR 4.90", "4.90"),
        ("1'299.00", "1299.00"),
        (12.5, "12.5"),
        (7, "7"),
    ],
)
def test_a_price_is_read_in_the_usual_forms(written: object, meant: str) -> None:
    assert values.amount(written, decimal=None, currency="EUR") == Decimal(meant)


@pytest.mark.parametrize("written", ["1,299", "1.299", "€ 12.999"])
def test_a_price_that_can_be_read_in_two_ways_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="it could be"):
        values.amount(written, decimal=None, currency="EUR")


def test_a_mapping_s_decimal_sign_settles_it() -> None:
    assert values.amount("1.299", decimal=",", currency="EUR") == 1299
    assert values.amount("1,299", decimal=".", currency="EUR") == 1299


@pytest.mark.parametrize(
    "written", ["", "cheap", "12,99,9", None, True, "$12.00", "12.00 USD", "NaN", "1e5x"]
)
def test_what_is_no_price_in_the_shop_s_currency_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match=r"write an amount|prices are in EUR"):
        values.amount(written, decimal=None, currency="EUR")


def test_a_count_is_whole() -> None:
    assert [values.count(text) for text in (3, "3", " 3 ", "3.0")] == [3, 3, 3, 3]


@pytest.mark.parametrize("written", ["", "many", "2.5", True, "inf"])
def test_what_is_no_count_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match="whole number"):
        values.count(written)


@pytest.mark.parametrize(
    ("written", "kind", "meant"),
    [
        ("16 GB", Kind("number", unit="GB", units={"tb": 1000}), 16),
        ("2tb", Kind("number", unit="GB", units={"tb": 1000}), 2000),
        ("1,04", Kind("number", unit="kg"), 1.04),
        ("yes", Kind("flag"), True),
        ("No", Kind("flag"), False),
        ("USB-C| HDMI ", Kind("word", many=True), ["USB-C", "HDMI"]),
        (" red ", Kind("word"), "red"),
    ],
)
def test_an_attribute_is_read_by_its_kind(written: object, kind: Kind, meant: object) -> None:
    read = values.attribute(written, kind, separator="|", decimal=None)
    assert read == meant
    assert type(read) is type(meant)


@pytest.mark.parametrize(
    ("written", "kind", "fix"),
    [
        ("plenty", Kind("number", unit="GB"), "16 GB"),
        ("16 kg", Kind("number", unit="GB", units={"tb": 1000}), "gb, tb"),
        ("maybe", Kind("flag"), "yes or no"),
    ],
)
def test_an_attribute_of_another_kind_is_refused(written: object, kind: Kind, fix: str) -> None:
    with pytest.raises(ValueError, match=fix):
        values.attribute(written, kind, separator="|", decimal=None)


def test_a_category_is_found_by_any_of_its_names_and_an_unknown_one_counted() -> None:
    laptops = Category("laptops", "Laptops", "laptop", synonyms=("notebook",))
    categories = Categories([laptops], {"Rechner": "laptops"})
    named = ("laptops", "LAPTOPS", "laptop", "Notebook", "rechner", "Electronics > Notebook > Business")
    assert {categories.slug(text) for text in named[:5]} == {"laptops"}
    assert categories.slug("Electronics > Notebook > Business") == "laptops"
    assert categories.slug("Garden > Hoses & Réels") == "hoses-reels"
    assert dict(categories.unknown) == {"hoses-reels": 1}


def test_a_category_without_latin_letters_asks_for_a_slug() -> None:
    with pytest.raises(ValueError, match="mapping file"):
        Categories([], {}).slug("園芸")
