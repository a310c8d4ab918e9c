"""What a customer is looking for: merging, and wishes measured against what is on the screen."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from actions.support.need import Need, Wish
from actions.support.needs_text import constraints
from actions.support.refine import is_only_relative, refined
from actions.support.turn import Entity, Turn
from crm.views import Product
from models.vocabulary import Vocabulary


def turn(text: str, *entities: Entity, intent: str = "find_product", message: str = "m1") -> Turn:
    return Turn("c1", message, text=text, intent=intent, entities=entities)


def price(value: str, role: str | None = None) -> Entity:
    return Entity("price", value, role)


def laptop(sku: str, amount: str, brand: str = "Norrvik", **attributes: Any) -> Product:
    return Product(sku, f"{brand} {sku}", brand, "laptops", Decimal(amount), "EUR", 3, "", attributes)


SHOWN = (
    laptop("LAP-1", "900", memory_gb=16, weight_kg=1.5),
    laptop("LAP-2", "700", "Okaru", memory_gb=8, weight_kg=2.0),
)


def test_a_need_survives_the_slot() -> None:
    need = Need(
        category="laptops",
        words=("a light one",),
        brands=("Okaru",),
        not_brands=("Norrvik",),
        price_max=Decimal("999.99"),
        attributes=(Wish("memory_gb", "min", 16),),
        prefer=(("weight_kg", "lower"),),
        exclude=("LAP-1",),
        sort="price",
        asked=True,
        turn="m1",
    )
    assert Need.from_slot(need.as_slot()) == need


@pytest.mark.parametrize("kept", [None, "laptops", 3, [], {"price_max": "NaN"}, {"price_max": "a lot"}])
def test_a_slot_that_is_no_need_is_an_empty_need(kept: object) -> None:
    assert Need.from_slot(kept).is_empty


def test_a_message_merged_twice_counts_once() -> None:
    said = turn("a laptop", Entity("category", "laptops"))
    assert Need().merged(said).merged(said) == Need().merged(said)


def test_another_kind_of_product_starts_a_fresh_search() -> None:
    before = Need(
        category="laptops", brands=("Okaru",), attributes=(Wish("memory_gb", "min", 16),), turn="m0"
    )
    need = before.merged(turn("no, a phone", Entity("category", "phones")))
    assert (need.category, need.brands, need.attributes) == ("phones", (), ())


def test_more_of_something_is_a_property_of_what_is_looked_for() -> None:
    before = Need(category="laptops", turn="m0")
    need = before.merged(turn("more storage", Entity("category", "storage", start=5, end=12)))
    assert need.category == "laptops"


def test_what_was_never_searched_can_be_a_kind_of_its_own() -> None:
    need = Need().merged(turn("more storage", Entity("category", "storage", start=5, end=12)))
    assert need.category == "storage"


def test_what_the_customer_owns_is_not_what_they_want() -> None:
    said = "a mouse for my laptop"
    need = Need().merged(
        turn(
            said,
            Entity("category", "laptops", start=15, end=21),
            Entity("category", "keyboards-mice", start=2, end=7),
        )
    )
    assert need.category == "keyboards-mice"


@pytest.mark.parametrize(
    ("entities", "low", "high"),
    [
        ((price("1500", "max"),), None, "1500"),
        ((price("1500"),), None, "1500"),
        ((price("300", "min"), price("500", "max")), "300", "500"),
        ((price("400", "about"),), "300", "460"),
        ((price("300", "min"),), "300", None),
    ],
)
def test_prices_are_read_by_their_role(
    entities: tuple[Entity, ...], low: str | None, high: str | None
) -> None:
    need = Need().merged(turn("money", *entities))
    assert need.price_min == (None if low is None else Decimal(low))
    assert need.price_max == (None if high is None else Decimal(high))


def test_a_brand_out_and_another_in() -> None:
    need = Need(brands=("Sony",), turn="m0").merged(
        turn("not Sony, Bose", Entity("brand", "Sony", "exclude"), Entity("brand", "Bose"))
    )
    assert (need.brands, need.not_brands) == (("Bose",), ("Sony",))


def test_no_limit_takes_the_budget_back() -> None:
    need = Need(price_max=Decimal(500), turn="m0").merged(
        turn('/inform{"choice": "no_limit"}', Entity("choice", "no_limit"))
    )
    assert need.price_max is None
    assert need.asked


def test_cheaper_is_below_the_cheapest_on_the_screen(vocabulary: Vocabulary) -> None:
    need = refined(
        Need(category="laptops"), turn("cheaper please", intent="refine_search"), SHOWN, vocabulary
    )
    assert need.price_max == Decimal("699.99")


def test_cheaper_with_nothing_on_the_screen_sets_no_limit(vocabulary: Vocabulary) -> None:
    need = refined(Need(category="laptops"), turn("cheaper please", intent="refine_search"), (), vocabulary)
    assert need.price_max is None


def test_another_brand_leaves_out_those_on_the_screen(vocabulary: Vocabulary) -> None:
    need = refined(
        Need(brands=("Norrvik",)), turn("from another brand", intent="refine_search"), SHOWN, vocabulary
    )
    assert need.brands == ()
    assert set(need.not_brands) == {"Norrvik", "Okaru"}


def test_more_memory_is_more_than_any_on_the_screen(vocabulary: Vocabulary) -> None:
    need = refined(
        Need(category="laptops"), turn("with more memory", intent="refine_search"), SHOWN, vocabulary
    )
    assert need.attributes == (Wish("memory_gb", "above", 16.0),)


def test_lighter_is_below_the_lightest_on_the_screen(vocabulary: Vocabulary) -> None:
    need = refined(
        Need(category="laptops"), turn("something lighter", intent="refine_search"), SHOWN, vocabulary
    )
    assert need.attributes == (Wish("weight_kg", "below", 1.5),)


def test_too_heavy_asks_for_less(vocabulary: Vocabulary) -> None:
    need = refined(
        Need(category="laptops"), turn("these are too heavy", intent="refine_search"), SHOWN, vocabulary
    )
    assert all(wish.op == "below" for wish in need.attributes)


def test_light_in_a_first_search_is_liked_but_no_bound(vocabulary: Vocabulary) -> None:
    need = refined(Need(category="laptops"), turn("a light laptop"), (), vocabulary)
    assert need.attributes == ()
    assert ("weight_kg", "lower") in need.prefer


def test_something_else_leaves_out_what_was_shown(vocabulary: Vocabulary) -> None:
    need = refined(Need(), turn("something else", intent="refine_search"), SHOWN, vocabulary)
    assert need.exclude == ("LAP-1", "LAP-2")


@pytest.mark.parametrize(
    "text", ["cheaper", "show me others", "another brand please", "with more memory", "bigger screen"]
)
def test_relative_wishes_are_no_words_to_search_for(text: str, vocabulary: Vocabulary) -> None:
    assert is_only_relative(turn(text, intent="refine_search"), vocabulary)


@pytest.mark.parametrize("text", ["for my daughter who draws a lot", "something for the garden party"])
def test_a_use_is_a_word_to_search_for(text: str, vocabulary: Vocabulary) -> None:
    assert not is_only_relative(turn(text, intent="refine_search"), vocabulary)


@pytest.mark.parametrize(
    ("need", "told"),
    [
        (Need(price_max=Decimal("1098.99"), relative_price=True), "under €1,099"),
        (Need(price_max=Decimal("49.98"), relative_price=True), "under €49.99"),
        (Need(price_min=Decimal("1299.01"), relative_price=True), "above €1,299"),
        (Need(price_max=Decimal(1500)), "up to €1,500"),
        (Need(attributes=(Wish("memory_gb", "above", 16),)), "with more than 16 GB memory"),
        (Need(attributes=(Wish("weight_kg", "below", 1.5),)), "with less than 1.5 kg"),
    ],
)
def test_bounds_are_told_as_the_customer_put_them(need: Need, told: str, vocabulary: Vocabulary) -> None:
    assert constraints(need, vocabulary) == [told]


def test_around_a_sum_is_told_as_that_sum(vocabulary: Vocabulary) -> None:
    need = Need().merged(turn("around 1k", Entity("price", "1000", "about")))
    assert (need.price_min, need.price_max) == (Decimal(750), Decimal(1150))
    assert constraints(need, vocabulary) == ["around €1,000"]
    assert Need.from_slot(need.as_slot()) == need
