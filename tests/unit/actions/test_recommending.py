"""Similar, better, compared, belonging, for you: true of the shop, and never what the customer has or refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from actions.accessories import ShowAccessories
from actions.cart import AddToCart
from actions.compare_products import CompareProducts
from actions.find import SearchProducts
from actions.product import ProductDetails
from actions.recommend_for_me import RecommendForMe
from actions.shared import Deny
from actions.similar_products import ShowSimilar
from actions.support import exposed
from actions.support.need import Need
from crm.model import Exposure
from crm.services import carts, conversations, orders
from crm.services.orders import CheckoutDetails
from parley.bootstrap import ActionsContext
from tests.unit.actions.conftest import Chat, Said, change_product, recommending


@pytest.fixture
async def context(context: ActionsContext) -> ActionsContext:
    await recommending(context)
    return context


def named(*skus: str) -> list[dict[str, Any]]:
    return [{"entity": "product", "value": sku} for sku in skus]


def skus(said: Said) -> list[str]:
    return [card["sku"] for card in said.cards]


async def exposures_of(context: ActionsContext, chat: Chat) -> dict[str, tuple[str, bool, bool]]:
    await exposed.noted(chat.id)
    async with context.database.read() as uow:
        rows = await uow.session.scalars(select(Exposure).where(Exposure.conversation_id == chat.id))
        return {row.sku: (row.strategy, bool(row.opened_at), bool(row.carted_at)) for row in rows}


async def order(context: ActionsContext, chat: Chat, sku: str) -> None:
    async with context.database.write() as uow:
        await carts.add(uow, chat.id, sku, 1)
        details = CheckoutDetails("Dana", "dana@example.com", None, "1 rue X, 67000 Strasbourg")
        await orders.place(uow, chat.id, details, cause="order-1")
        await uow.commit()


async def test_similar_products_are_of_its_kind_with_reasons_from_their_own_fields(chat: Chat) -> None:
    said = await chat.do(ShowSimilar(), "something like the Norrvik Fjell 13", entities=named("LAP-0001"))
    assert len(said.cards) == 3
    assert all(sku.startswith("LAP") and sku != "LAP-0001" for sku in skus(said))
    assert all(card["reason"] and card["in_stock"] for card in said.cards)
    assert said.slots["shown"] == skus(said)
    assert "like the Norrvik Fjell 13" in said.text


async def test_this_is_what_was_talked_about_last(chat: Chat) -> None:
    chat.slots |= {"shown": ["LAP-0001", "LAP-0003"], "focus": "LAP-0003"}
    said = await chat.do(ShowSimilar(), "something like this but cheaper", intent="similar_products")
    assert "like the Okaru Hana 13, under €999" in said.text
    assert skus(said) == ["LAP-0005"]
    assert "€750 cheaper" in said.cards[0]["reason"]


async def test_among_several_it_is_asked_and_the_wish_is_kept(chat: Chat) -> None:
    chat.slots["shown"] = ["LAP-0001", "LAP-0003"]
    asked = await chat.do(ShowSimilar(), "anything similar but cheaper?", intent="similar_products")
    assert asked.titles == ["Norrvik Fjell 13", "Okaru Hana 13"]
    pressed = [*named("LAP-0003"), {"entity": "said", "value": "anything similar but cheaper?"}]
    said = await chat.do(ShowSimilar(), "/similar_products", intent="similar_products", entities=pressed)
    assert skus(said) == ["LAP-0005"]


async def test_the_searchs_budget_holds_for_alternatives_but_not_for_an_upgrade(chat: Chat) -> None:
    chat.slots["need"] = {"category": "laptops", "price_max": "1300", "asked": True}
    alike = await chat.do(ShowSimilar(), "more like that one", entities=named("LAP-0003"))
    assert set(skus(alike)) <= {"LAP-0001", "LAP-0005"}
    better = await chat.do(ShowSimilar(), "something better than that", entities=named("LAP-0003"))
    assert "step up from the Okaru Hana 13" in better.text
    assert skus(better)
    assert max(Decimal(card["price"]) for card in better.cards) > 1300
    assert all("instead of" in card["reason"] for card in better.cards)


async def test_a_price_named_with_the_upgrade_is_kept(chat: Chat) -> None:
    entities = [*named("LAP-0003"), {"entity": "price", "role": "max", "value": 1420}]
    said = await chat.do(ShowSimilar(), "a better one up to 1420", entities=entities)
    assert "LAP-0002" not in skus(said)
    assert "LAP-0004" in skus(said)


async def test_nothing_cheaper_is_said_and_the_closest_are_shown(chat: Chat) -> None:
    said = await chat.do(ShowSimilar(), "like the Pip but cheaper", entities=named("LAP-0005"))
    assert "nothing like the Tamarill Pip 11 under €249" in said.text
    assert said.cards


async def test_a_price_that_changed_since_is_never_told(chat: Chat, context: ActionsContext) -> None:
    await change_product(context, "LAP-0005", price="1249.00")
    said = await chat.do(ShowSimilar(), "cheaper ones like it", entities=named("LAP-0003"))
    assert "LAP-0005" not in skus(said)


async def test_what_is_sold_out_since_is_not_shown(chat: Chat, context: ActionsContext) -> None:
    await change_product(context, "LAP-0005", stock=0)
    said = await chat.do(ShowSimilar(), "cheaper ones like it", entities=named("LAP-0003"))
    assert "LAP-0005" not in skus(said)


async def test_bought_refused_and_in_the_cart_are_never_recommended(
    chat: Chat, context: ActionsContext
) -> None:
    await order(context, chat, "LAP-0001")
    chat.slots["shown"] = ["LAP-0002"]
    await chat.do(Deny(), "no", intent="deny")
    assert chat.slots["refused"] == ["LAP-0002"]
    async with context.database.write() as uow:
        await carts.add(uow, chat.id, "LAP-0004", 1)
        await uow.commit()
    for action in (ShowSimilar(), RecommendForMe(), ShowAccessories()):
        said = await chat.do(action, "and now?", entities=named("LAP-0003"))
        assert not {"LAP-0001", "LAP-0002", "LAP-0004"} & set(skus(said)), action.action


async def test_another_conversation_with_the_same_email_knows_no_orders(
    chat: Chat, context: ActionsContext
) -> None:
    await order(context, chat, "LAP-0001")
    async with context.database.write() as uow:
        stranger = Chat(await conversations.start(uow, channel="web"), context)
        await uow.commit()
    stranger.slots["contact_email"] = "dana@example.com"
    said = await stranger.do(RecommendForMe(), "what would you recommend for me?")
    assert "ordered" not in said.text


async def test_two_are_compared_with_what_matters_first(chat: Chat) -> None:
    said = await chat.do(
        CompareProducts(), "compare the Fjell with the Hana", entities=named("LAP-0001", "LAP-0003")
    )
    table = said.messages[0]["custom"]["table"]
    assert table["header"] == ["Norrvik Fjell 13", "Okaru Hana 13"]
    assert table["rows"][0] == {"label": "price", "cells": ["€1,199", "€999"], "best": [1]}
    assert [row["label"] for row in table["rows"]][1] == "weight"
    assert "The Okaru Hana 13 is ahead with €999" in said.text
    assert "Both have: 16 GB memory" in said.text
    assert said.slots["shown"] == ["LAP-0001", "LAP-0003"]
    assert said.titles == ["Add the Norrvik Fjell 13", "Add the Okaru Hana 13"]


async def test_what_was_asked_for_is_answered_first(chat: Chat) -> None:
    chat.slots["shown"] = ["LAP-0001", "LAP-0002", "LAP-0003"]
    said = await chat.do(CompareProducts(), "which one has more memory?", intent="compare_products")
    assert said.text.startswith("The Norrvik Fjell Studio: 32 GB memory.")
    assert [row["label"] for row in said.messages[0]["custom"]["table"]["rows"]][:2] == ["price", "memory"]


async def test_what_breaks_the_customers_wishes_is_said(chat: Chat) -> None:
    need = Need(category="laptops", asked=True).as_slot() | {"price_max": "1200"}
    chat.slots |= {"shown": ["LAP-0001", "LAP-0002"], "need": need}
    said = await chat.do(CompareProducts(), "compare them", intent="compare_products")
    assert "Above your €1,200: the Norrvik Fjell Studio." in said.text


FIRST, THIRD = {"entity": "ordinal", "value": 1}, {"entity": "ordinal", "value": 3}
OKARU = {"entity": "brand", "value": "Okaru"}


@pytest.mark.parametrize(
    ("text", "entities", "compared"),
    [
        ("compare them", [], ["LAP-0001", "LAP-0002", "LAP-0003"]),
        ("compare the first two", [FIRST], ["LAP-0001", "LAP-0002"]),
        ("first or third?", [FIRST, THIRD], ["LAP-0001", "LAP-0003"]),
        ("the okaru against the first", [FIRST, OKARU], ["LAP-0001", "LAP-0003"]),
    ],
)
async def test_what_is_meant_is_compared(
    chat: Chat, text: str, entities: list[dict[str, Any]], compared: list[str]
) -> None:
    chat.slots["shown"] = ["LAP-0001", "LAP-0002", "LAP-0003"]
    said = await chat.do(CompareProducts(), text, entities=entities)
    assert said.slots["compared"] == compared
    assert said.slots["shown"][: len(compared)] == compared


async def test_what_is_compared_stands_first_and_the_rest_can_still_be_pointed_at(chat: Chat) -> None:
    chat.slots["shown"] = ["LAP-0001", "LAP-0002", "LAP-0003"]
    await chat.do(CompareProducts(), "first or third?", entities=[FIRST, THIRD])
    again = await chat.do(CompareProducts(), "which one is better?", intent="compare_products")
    assert again.slots["compared"] == ["LAP-0001", "LAP-0003"]
    third = await chat.do(ProductDetails(), "and the third?", entities=[THIRD])
    assert third.slots["focus"] == "LAP-0002"


async def test_one_product_alone_is_asked_about_and_then_compared(chat: Chat) -> None:
    chat.slots["shown"] = ["LAP-0001", "LAP-0002"]
    asked = await chat.do(CompareProducts(), "compare the Hana", entities=named("LAP-0003"))
    assert asked.titles == ["Norrvik Fjell 13", "Norrvik Fjell Studio"]
    said = await chat.do(CompareProducts(), "/compare_products", entities=named("LAP-0002"))
    assert said.slots["compared"] == ["LAP-0003", "LAP-0002"]


async def test_with_nothing_to_compare_it_says_so(chat: Chat) -> None:
    said = await chat.do(CompareProducts(), "which is better?", intent="compare_products")
    assert "Which products" in said.text
    assert said.titles == ["Find a product"]


async def test_a_comparison_is_recorded_as_one_and_a_look_as_opened(
    chat: Chat, context: ActionsContext
) -> None:
    await chat.do(CompareProducts(), "compare", entities=named("LAP-0001", "LAP-0003"))
    await chat.do(ProductDetails(), "tell me about the Hana", entities=named("LAP-0003"))
    await chat.do(AddToCart(), "add the Fjell", entities=named("LAP-0001"), intent="add_to_cart")
    seen = await exposures_of(context, chat)
    assert seen == {"LAP-0001": ("compare", True, True), "LAP-0003": ("compare", True, False)}


async def test_a_search_is_recorded_once_for_a_repeated_message(chat: Chat, context: ActionsContext) -> None:
    text = "a light laptop for travel"
    entities = [{"entity": "category", "value": "laptops", "start": 8, "end": 14}]
    said = await chat.do(SearchProducts(), text, intent="find_product", entities=entities)
    await chat.do(SearchProducts(), text, intent="find_product", entities=entities, repeat=True)
    seen = await exposures_of(context, chat)
    assert set(seen) == set(skus(said))
    assert {strategy for strategy, *_ in seen.values()} == {"search"}
    assert all("exposed" not in (message["custom"] or {}) for message in said.messages)


async def test_the_answer_does_not_wait_for_what_is_noted_but_the_next_action_does(
    chat: Chat, context: ActionsContext
) -> None:
    entities = [{"entity": "category", "value": "laptops", "start": 8, "end": 14}]
    async with context.database.write():  # nobody else can write
        said = await chat.do(
            SearchProducts(), "a light laptop for travel", intent="find_product", entities=entities
        )
    sku = skus(said)[0]
    await chat.do(AddToCart(), "add the first", entities=named(sku), intent="add_to_cart")
    assert (await exposures_of(context, chat))[sku] == ("search", True, True)


async def test_for_you_without_anything_known_says_so(chat: Chat) -> None:
    said = await chat.do(RecommendForMe(), "surprise me", intent="recommend_for_me")
    assert "don't know your taste" in said.text or "nothing to recommend" in said.text


async def test_for_you_goes_by_what_was_said_and_looked_at(chat: Chat, context: ActionsContext) -> None:
    chat.slots["need"] = Need(category="laptops", words=("for video editing",), asked=True).as_slot()
    said = await chat.do(RecommendForMe(), "what would you recommend for me?", intent="recommend_for_me")
    assert "what you told me" in said.text
    assert {"LAP-0002", "LAP-0004"} & set(skus(said))
    await chat.do(ProductDetails(), "the second", entities=named("LAP-0004"))
    again = await chat.do(RecommendForMe(), "anything else you'd recommend?", intent="recommend_for_me")
    assert again.cards


async def test_something_else_never_shows_the_same_again(chat: Chat) -> None:
    chat.slots["need"] = Need(category="laptops", words=("a laptop",), asked=True).as_slot()
    first = await chat.do(RecommendForMe(), "recommend me something")
    more = [{"entity": "choice", "value": "more"}]
    second = await chat.do(RecommendForMe(), "/recommend_for_me", entities=more)
    assert second.cards
    assert not set(skus(first)) & set(skus(second))


async def test_accessories_of_nothing_are_asked_about(chat: Chat) -> None:
    said = await chat.do(ShowAccessories(), "what goes with it?", intent="accessories")
    assert "What shall it go with" in said.text


async def test_without_evidence_no_accessory_is_guessed(chat: Chat) -> None:
    said = await chat.do(ShowAccessories(), "what goes with it?", entities=named("HEA-0002"))
    assert said.cards == []
    assert "won't guess" in said.text
