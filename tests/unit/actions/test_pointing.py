""" "The cheaper one", "the lightest", "the other one": which of those on the screen is meant."""

from __future__ import annotations

from typing import Any

import pytest

from actions.cart import AddToCart, ChangeQuantity
from actions.compare_products import CompareProducts
from actions.find import SearchProducts
from actions.product import ProductDetails, ProductPrice
from actions.recommend_for_me import RecommendForMe
from actions.similar_products import ShowSimilar
from actions.support.need import Need
from tests.unit.actions.conftest import Chat

# 1199 € and 1.04 kg, 1449 € and 1.29 kg, 999 € and 0.98 kg
SHOWN = ["LAP-0001", "LAP-0002", "LAP-0003"]


@pytest.mark.parametrize(
    ("text", "sku"),
    [
        ("how much is the cheaper one", "LAP-0003"),
        ("what does the more expensive one cost", "LAP-0002"),
        ("price of the lightest one", "LAP-0003"),
        ("and the heavier one?", "LAP-0002"),
        ("the one with the most memory, what is it", "LAP-0002"),
    ],
)
async def test_what_is_more_so_is_the_one_on_the_screen(chat: Chat, text: str, sku: str) -> None:
    chat.slots["shown"] = SHOWN
    said = await chat.do(ProductPrice(), text, intent="product_price", confidence=0.95)
    assert said.slots["focus"] == sku


async def test_the_other_one_is_not_the_one_just_talked_about(chat: Chat) -> None:
    chat.slots |= {"shown": SHOWN[:2], "focus": "LAP-0001"}
    said = await chat.do(ProductDetails(), "the other one", intent="product_details")
    assert said.slots["focus"] == "LAP-0002"


async def test_the_other_of_three_is_asked_for(chat: Chat) -> None:
    chat.slots |= {"shown": SHOWN, "focus": "LAP-0001"}
    said = await chat.do(ProductDetails(), "the other one", intent="product_details")
    assert said.titles == ["Norrvik Fjell Studio", "Okaru Hana 13"]


async def test_the_lighter_one_is_shown_and_no_other_searched_for(chat: Chat) -> None:
    chat.slots["shown"] = SHOWN[:2]
    said = await chat.do(SearchProducts(), "the lighter one", intent="refine_search")
    assert said.slots["focus"] == "LAP-0001"
    assert len(said.cards) == 1


async def test_the_lightest_there_is_comes_first(chat: Chat) -> None:
    chat.slots |= {"shown": SHOWN[:2], "need": Need(category="laptops", asked=True).as_slot()}
    said = await chat.do(SearchProducts(), "the lightest you have", intent="refine_search")
    assert said.cards[0]["sku"] == "LAP-0003"
    assert "from low to high" in said.text


async def test_a_keyboard_that_a_laptop_shall_have_is_no_search_for_keyboards(chat: Chat) -> None:
    chat.slots |= {"shown": SHOWN[:2], "need": Need(category="laptops", asked=True).as_slot()}
    text = "with a backlit keyboard"
    keyboard = {"entity": "category", "value": "keyboards-mice", "start": 15, "end": 23}
    said = await chat.do(SearchProducts(), text, intent="refine_search", entities=[keyboard])
    assert said.slots["need"]["category"] == "laptops"


async def test_of_these_one_is_recommended_with_its_reason(chat: Chat) -> None:
    chat.slots |= {
        "shown": SHOWN,
        "need": Need(category="laptops", words=("a laptop for video editing",)).as_slot(),
    }
    said = await chat.do(RecommendForMe(), "which one would you take", intent="recommend_for_me")
    assert said.slots["focus"] == "LAP-0002"
    assert "I'd take the Norrvik Fjell Studio" in said.text


async def test_double_it_doubles(chat: Chat) -> None:
    chat.slots["shown"] = SHOWN
    two = [{"entity": "quantity", "value": 2}, {"entity": "ordinal", "value": 1}]
    await chat.do(AddToCart(), "two of the first one", intent="add_to_cart", entities=two)
    said = await chat.do(ChangeQuantity(), "double it", intent="change_quantity")
    assert "4 × Norrvik Fjell 13" in said.text


async def test_another_brand_than_the_one_talked_about_is_searched_for(chat: Chat) -> None:
    chat.slots |= {"shown": SHOWN[:2], "focus": "LAP-0001"}
    okaru = [{"entity": "brand", "value": "Okaru"}]
    said = await chat.do(AddToCart(), "add an okaru", intent="add_to_cart", entities=okaru)
    assert all(card["title"].startswith("Okaru") for card in said.cards)
    assert said.cards


async def test_one_described_by_what_it_has_is_the_only_one_so_on_the_screen(chat: Chat) -> None:
    chat.slots["shown"] = SHOWN

    def memory(gb: int) -> dict[str, Any]:
        return {"entity": "attribute", "value": {"name": "memory_gb", "op": "is", "value": gb}}

    said = await chat.do(ProductPrice(), "the 32 gb one, how much is it", entities=[memory(32)])
    assert said.slots["focus"] == "LAP-0002"
    chat.slots["focus"] = None
    asked = await chat.do(ProductPrice(), "the 16 gb one, how much is it", entities=[memory(16)])
    assert asked.titles == ["Norrvik Fjell 13", "Norrvik Fjell Studio", "Okaru Hana 13"]


@pytest.mark.parametrize(
    "text",
    [
        "with usb-c that also charges the laptop",
        "one that works with my laptop",
        "it must connect to a laptop",
    ],
)
async def test_what_it_shall_be_used_with_is_not_what_is_looked_for(chat: Chat, text: str) -> None:
    chat.slots["need"] = Need(category="headphones", asked=True).as_slot()
    laptop = {"entity": "category", "value": "laptops", "start": text.index("laptop"), "end": len(text)}
    said = await chat.do(SearchProducts(), text, intent="refine_search", entities=[laptop])
    assert {card["sku"][:3] for card in said.cards} == {"HEA"}


async def test_another_kind_like_this_is_searched_for(chat: Chat) -> None:
    chat.slots |= {"shown": ["LAP-0005"], "focus": "LAP-0005"}
    text = "oh the headphones idea is nice, do you have something like that up to 100"
    named: list[dict[str, Any]] = [
        {"entity": "category", "value": "headphones", "start": 7, "end": 17},
        {"entity": "price", "value": "100", "role": "max"},
    ]
    said = await chat.do(ShowSimilar(), text, intent="similar_products", entities=named)
    assert {card["sku"][:3] for card in said.cards} == {"HEA"}


async def test_of_only_one_on_the_screen_what_was_asked_is_told(chat: Chat) -> None:
    chat.slots |= {"shown": ["HEA-0001"], "focus": "HEA-0001"}
    said = await chat.do(
        CompareProducts(), "which of these has the longest battery", intent="compare_products"
    )
    assert "38 h" in said.text


async def test_another_sort_of_the_same_kind_takes_the_place_of_the_first(chat: Chat) -> None:
    wishes = (
        {"name": "type", "op": "is", "value": "over-ear"},
        {"name": "weight_g", "op": "max", "value": 300},
    )
    before = {"category": "headphones", "asked": True, "attributes": wishes}
    named = [{"entity": "category", "value": "headphones", "start": 13, "end": 20}]
    chat.slots["need"] = before
    said = await chat.do(SearchProducts(), "actually no, earbuds", intent="refine_search", entities=named)
    assert [wish["name"] for wish in said.slots["need"]["attributes"]] == ["weight_g"]
    chat.slots["need"] = before
    kept = await chat.do(
        SearchProducts(), "the headphones are for running", intent="refine_search", entities=named
    )
    assert [wish["name"] for wish in kept.slots["need"]["attributes"]] == ["type", "weight_g"]
