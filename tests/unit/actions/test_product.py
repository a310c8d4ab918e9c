"""Details, price and availability of a product named or pointed at."""

from __future__ import annotations

from actions.product import ProductAvailability, ProductDetails, ProductPrice
from parley.bootstrap import ActionsContext
from tests.unit.actions.conftest import Chat, change_product


async def test_details_of_the_second_one(chat: Chat) -> None:
    chat.slots["shown"] = ["LAP-0001", "LAP-0003"]
    said = await chat.do(
        ProductDetails(), "tell me about the second one", entities=[{"entity": "ordinal", "value": 2}]
    )
    assert "Okaru Hana 13" in said.text
    assert [card["sku"] for card in said.cards] == ["LAP-0003"]
    assert said.slots["focus"] == "LAP-0003"


async def test_the_last_one(chat: Chat) -> None:
    chat.slots["shown"] = ["LAP-0001", "LAP-0003"]
    said = await chat.do(ProductPrice(), "and the last one?", entities=[{"entity": "ordinal", "value": -1}])
    assert "€999.00" in said.text


async def test_it_is_what_was_talked_about_last(chat: Chat) -> None:
    chat.slots["focus"] = "HEA-0002"
    said = await chat.do(ProductPrice(), "how much is it?")
    assert "€59.00" in said.text
    assert "€4.90" in said.text


async def test_it_among_several_is_asked_about(chat: Chat) -> None:
    chat.slots["shown"] = ["LAP-0001", "LAP-0003"]
    said = await chat.do(ProductPrice(), "how much is it?")
    assert said.titles == ["Norrvik Fjell 13", "Okaru Hana 13"]


async def test_an_ordinal_beyond_the_list_is_asked_about(chat: Chat) -> None:
    chat.slots["shown"] = ["LAP-0001", "LAP-0003"]
    said = await chat.do(ProductPrice(), "the fifth one", entities=[{"entity": "ordinal", "value": 5}])
    assert "Which" in said.text


async def test_an_ambiguous_name_is_asked_about(chat: Chat) -> None:
    entity = {"entity": "product", "value": "LAP-0001", "candidates": ["LAP-0001", "LAP-0002"]}
    said = await chat.do(ProductDetails(), "the Norrvik Fjell", entities=[entity])
    assert said.titles == ["Norrvik Fjell 13", "Norrvik Fjell Studio"]


async def test_an_ambiguous_name_means_the_one_on_the_screen(chat: Chat) -> None:
    chat.slots["shown"] = ["LAP-0002", "LAP-0003"]
    entity = {"entity": "product", "value": "LAP-0001", "candidates": ["LAP-0001", "LAP-0002"]}
    said = await chat.do(ProductDetails(), "the Norrvik Fjell", entities=[entity])
    assert [card["sku"] for card in said.cards] == ["LAP-0002"]


async def test_the_brand_tells_products_on_the_screen_apart(chat: Chat) -> None:
    chat.slots["shown"] = ["LAP-0001", "LAP-0003"]
    said = await chat.do(
        ProductPrice(), "what about the Okaru", entities=[{"entity": "brand", "value": "Okaru"}]
    )
    assert "€999.00" in said.text


async def test_the_cheapest_of_those_on_the_screen(chat: Chat) -> None:
    chat.slots["shown"] = ["LAP-0001", "LAP-0003", "LAP-0004"]
    said = await chat.do(ProductDetails(), "tell me about the cheapest")
    assert [card["sku"] for card in said.cards] == ["LAP-0003"]


async def test_nothing_to_point_at_says_how_to_go_on(chat: Chat) -> None:
    said = await chat.do(ProductDetails(), "tell me about it")
    assert said.titles == ["Find a product"]


async def test_availability_comes_from_the_stock(chat: Chat, context: ActionsContext) -> None:
    chat.slots["focus"] = "LAP-0003"
    await change_product(context, "LAP-0003", stock=1)
    assert "only one left" in (await chat.do(ProductAvailability(), "do you have it?")).text
    await change_product(context, "LAP-0003", stock=0)
    said = await chat.do(ProductAvailability(), "do you have it?")
    assert "sold out" in said.text
    assert "Add to cart" not in said.titles


async def test_a_question_about_one_attribute_is_answered_with_just_that(chat: Chat) -> None:
    chat.slots["shown"] = ["LAP-0001", "LAP-0003"]
    said = await chat.do(
        ProductDetails(),
        "how heavy is the second one?",
        entities=[{"entity": "ordinal", "value": 2, "start": 13, "end": 27}],
    )
    assert said.text == "Okaru Hana 13: 0.98 kg."
    assert not said.cards
    assert said.titles == ["Add to cart", "All details"]
    assert said.slots["focus"] == "LAP-0003"


async def test_what_the_data_does_not_say_is_not_guessed(chat: Chat) -> None:
    chat.slots["focus"] = "LAP-0001"
    said = await chat.do(ProductDetails(), "how long does the battery last?")
    assert "doesn't say anything about battery" in said.text
    assert "Talk to a person" in said.titles


async def test_a_wish_in_a_question_is_answered_yes_or_no(chat: Chat) -> None:
    chat.slots["focus"] = "LAP-0001"
    wish = {"name": "memory_gb", "op": "is", "value": 32}
    said = await chat.do(
        ProductDetails(), "does it have 32 gigs?", entities=[{"entity": "attribute", "value": wish}]
    )
    assert said.text == "Norrvik Fjell 13: no, 16 GB memory."


async def test_an_attribute_of_none_in_particular_is_told_for_all_on_the_screen(chat: Chat) -> None:
    chat.slots["shown"] = ["LAP-0001", "LAP-0002"]
    said = await chat.do(ProductDetails(), "how much memory do they have?")
    assert said.text.splitlines() == [
        "• Norrvik Fjell 13: 16 GB memory",
        "• Norrvik Fjell Studio: 32 GB memory",
    ]


async def test_a_product_pointed_at_by_an_attribute_is_not_asked_about_it(chat: Chat) -> None:
    chat.slots["focus"] = "LAP-0001"
    said = await chat.do(ProductDetails(), "tell me more about the one with the big memory")
    assert [card["sku"] for card in said.cards] == ["LAP-0001"]
