"""Finding: what is asked, what is shown, and what is said when nothing fits."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from actions.fallback import Fallback
from actions.find import (
    AskSearchBudget,
    AskSearchCategory,
    SearchProducts,
    ValidateSearchForm,
    budget_buttons,
)
from crm.services import catalogue
from crm.views import Product
from parley.bootstrap import ActionsContext
from tests.unit.actions.conftest import Chat, change_product

LAPTOPS: dict[str, Any] = {"entity": "category", "value": "laptops"}


def price(value: str, role: str | None = None) -> dict[str, Any]:
    return {"entity": "price", "value": value, "role": role}


async def active(context: ActionsContext) -> list[Product]:
    async with context.database.read() as uow:
        return await catalogue.all_active(uow)


async def laptops(chat: Chat, limit: str = "1500") -> list[dict[str, Any]]:
    said = await chat.do(
        SearchProducts(),
        f"a laptop for video editing up to {limit}",
        intent="find_product",
        entities=[LAPTOPS, price(limit, "max")],
    )
    return said.cards


async def test_everything_said_at_once_shows_three_cards(chat: Chat) -> None:
    cards = await laptops(chat)
    assert len(cards) == 3
    assert all(Decimal(card["price"]) <= 1500 and card["in_stock"] for card in cards)
    assert chat.slots["shown"] == [card["sku"] for card in cards]


async def test_a_card_has_what_the_gateway_needs(chat: Chat) -> None:
    card = (await laptops(chat))[0]
    assert set(card) == {
        "sku", "title", "price", "currency", "price_text", "image", "reason", "facts", "in_stock", "choices"
    }  # fmt: skip
    assert [choice["title"] for choice in card["choices"]] == ["Add to cart", "Details"]
    assert card["price_text"] == f"€{Decimal(card['price']):,.2f}"


async def test_a_bare_category_starts_the_form_with_one_question(chat: Chat) -> None:
    said = await chat.do(SearchProducts(), "laptop", intent="find_product", entities=[LAPTOPS])
    assert said.loop == "search_form"
    assert said.cards == []
    asked = await chat.do(AskSearchBudget(), "laptop", intent="find_product", entities=[LAPTOPS])
    assert {"No limit", "Just show me"} < set(asked.titles)


async def test_without_a_category_the_shops_own_are_offered(chat: Chat) -> None:
    said = await chat.do(SearchProducts(), "I want to buy something", intent="find_product")
    assert said.loop == "search_form"
    assert "Laptops" in (await chat.do(AskSearchCategory(), "")).titles


async def test_kinds_that_are_not_for_sale_are_not_offered(chat: Chat, context: ActionsContext) -> None:
    offered = (await chat.do(AskSearchCategory(), "")).titles
    sold = {context.vocabulary.categories[product.category].name for product in await active(context)}
    assert set(offered) <= sold


async def test_a_brand_in_what_seems_a_search_is_searched_for(chat: Chat) -> None:
    said = await chat.do(
        Fallback(),
        "anything from norrvik?",
        intent="nlu_fallback",
        entities=[{"entity": "brand", "value": "Norrvik"}],
        ranking=[("find_product", 0.3), ("refine_search", 0.1)],
    )
    assert said.cards


async def test_words_that_fit_one_kind_alone_need_no_question(chat: Chat) -> None:
    said = await chat.do(SearchProducts(), "something for video editing on the road", intent="find_product")
    assert len(said.cards) == 3
    assert chat.slots["need"]["category"] == "laptops"


async def test_the_question_is_not_asked_a_second_time(chat: Chat) -> None:
    await chat.do(SearchProducts(), "laptop", intent="find_product", entities=[LAPTOPS])
    chat.slots["requested_slot"] = "search_budget"
    answered = await chat.do(ValidateSearchForm(), "dunno really", intent="nlu_fallback")
    assert answered.slots["search_budget"] is True
    said = await chat.do(SearchProducts(), "dunno really", intent="nlu_fallback", repeat=True)
    assert len(said.cards) == 3
    assert said.loop is None


async def test_a_question_about_the_shop_interrupts_the_search(chat: Chat) -> None:
    await chat.do(SearchProducts(), "laptop", intent="find_product", entities=[LAPTOPS])
    chat.slots["requested_slot"] = "search_budget"
    assert (await chat.do(ValidateSearchForm(), "how much is delivery?", intent="faq")).rejected


async def test_cheaper_shows_only_what_is_cheaper(chat: Chat) -> None:
    cheapest = min(Decimal(card["price"]) for card in await laptops(chat))
    said = await chat.do(SearchProducts(), "cheaper", intent="refine_search")
    assert said.cards
    assert all(Decimal(card["price"]) < cheapest for card in said.cards)


async def test_another_brand_by_a_button(chat: Chat) -> None:
    shown = {card["title"].split()[0] for card in await laptops(chat, "1200")}
    said = await chat.do(
        SearchProducts(),
        '/refine_search{"choice": "other_brand"}',
        intent="refine_search",
        entities=[{"entity": "choice", "value": "other_brand"}],
    )
    assert said.cards
    assert not shown & {card["title"].split()[0] for card in said.cards} or "came closest" in said.text


async def test_the_same_message_refines_once(chat: Chat) -> None:
    await laptops(chat)
    first = await chat.do(SearchProducts(), "cheaper", intent="refine_search")
    again = await chat.do(SearchProducts(), "cheaper", intent="refine_search", repeat=True)
    assert [card["sku"] for card in first.cards] == [card["sku"] for card in again.cards]


async def test_a_no_without_a_wish_shows_others(chat: Chat) -> None:
    shown = {card["sku"] for card in await laptops(chat, "3000")}
    said = await chat.do(SearchProducts(), "these are ugly", intent="refine_search")
    assert not shown & {card["sku"] for card in said.cards}


async def test_nothing_cheaper_is_said_and_not_kept_as_a_limit(chat: Chat) -> None:
    await laptops(chat, "250")
    said = await chat.do(SearchProducts(), "cheaper", intent="refine_search")
    assert "nothing cheaper than €249" in said.text
    assert chat.slots["need"]["price_max"] is None


async def test_cheaper_is_told_by_the_price_that_was_on_the_screen(chat: Chat) -> None:
    await laptops(chat)
    least = min(Decimal(card["price"]) for card in (await laptops(chat)))
    said = await chat.do(SearchProducts(), "cheaper", intent="refine_search")
    told = f"{said.text} {' '.join(card['reason'] for card in said.cards)}"
    assert f"under €{least:,.0f}" in said.text
    assert ".99" not in told
    assert "budget" not in told


async def test_gibberish_for_a_category_is_asked_once_more_and_then_a_person_is_offered(chat: Chat) -> None:
    await chat.do(SearchProducts(), "I want to buy something", intent="find_product")
    chat.slots["requested_slot"] = "search_category"
    first = await chat.do(ValidateSearchForm(), "qwxz", intent="nlu_fallback")
    assert first.slots["search_category"] is None
    await chat.do(ValidateSearchForm(), "qwxz", intent="nlu_fallback")
    said = await chat.do(SearchProducts(), "qwxz", intent="nlu_fallback", repeat=True)
    assert "Talk to a person" in said.titles
    assert said.loop is None


async def test_a_figure_that_may_be_bettered_is_the_least_that_is_wanted(chat: Chat) -> None:
    wish = {"entity": "attribute", "value": {"name": "memory_gb", "op": "is", "value": 20}}
    said = await chat.do(
        SearchProducts(), "laptop with 20 gb memory", intent="find_product", entities=[LAPTOPS, wish]
    )
    assert len(said.cards) == 3
    assert "at least 20 GB" in said.text


async def test_what_cannot_be_had_is_named_and_the_nearest_shown(chat: Chat) -> None:
    said = await chat.do(
        SearchProducts(), "a laptop under 200", intent="find_product", entities=[LAPTOPS, price("200", "max")]
    )
    assert "€200" in said.text
    assert "€249" in said.text
    assert said.cards[0]["sku"] == "LAP-0005"


async def test_a_price_that_has_risen_since_the_index_was_built_is_not_shown(
    chat: Chat, context: ActionsContext
) -> None:
    await change_product(context, "LAP-0002", price="1800")
    assert "LAP-0002" not in {card["sku"] for card in await laptops(chat)}


async def test_sold_out_products_are_not_shown(chat: Chat) -> None:
    assert "LAP-0007" not in {card["sku"] for card in await laptops(chat, "2000")}


async def test_a_budget_for_laptops_is_not_a_budget_for_headphones(chat: Chat) -> None:
    await laptops(chat)
    await chat.do(
        SearchProducts(),
        "and some headphones for the train and the office",
        intent="find_product",
        entities=[{"entity": "category", "value": "headphones"}],
    )
    assert chat.slots["need"]["price_max"] is None


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_prices_make_no_limits_to_press(count: int) -> None:
    assert [button["title"] for button in budget_buttons([Decimal(5)] * count)] == [
        "No limit",
        "Just show me",
    ]


def test_limits_are_round() -> None:
    titles = [
        button["title"] for button in budget_buttons([Decimal(n) for n in (249, 479, 649, 999, 1199, 1399)])
    ]
    assert titles[:2] == ["Up to €700", "Up to €1,200"]
