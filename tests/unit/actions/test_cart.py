"""The cart: what goes in, what comes out, and what is refused kindly."""

from __future__ import annotations

from typing import Any

import pytest

from actions.cart import AddToCart, ChangeQuantity, RemoveFromCart, ShowCart
from crm.services import carts
from parley.bootstrap import ActionsContext
from tests.unit.actions.conftest import Chat, change_product


def quantity(value: int | str) -> dict[str, Any]:
    return {"entity": "quantity", "value": value}


def product(sku: str) -> dict[str, Any]:
    return {"entity": "product", "value": sku}


async def lines(chat: Chat) -> dict[str, int]:
    async with chat.context.database.read() as uow:
        return {line.sku: line.quantity for line in (await carts.view(uow, chat.id)).lines}


async def test_a_pressed_button_adds_one(chat: Chat) -> None:
    said = await chat.do(
        AddToCart(),
        '/add_to_cart{"product": "LAP-0001"}',
        intent="add_to_cart",
        entities=[product("LAP-0001")],
    )
    assert await lines(chat) == {"LAP-0001": 1}
    assert "€1,199.00" in said.text
    assert said.slots["offer"] == {"kind": "checkout"}


async def test_the_same_message_adds_once_and_answers_the_same(chat: Chat) -> None:
    first = await chat.do(AddToCart(), "add it", intent="add_to_cart", entities=[product("LAP-0001")])
    again = await chat.do(
        AddToCart(), "add it", intent="add_to_cart", entities=[product("LAP-0001")], repeat=True
    )
    assert await lines(chat) == {"LAP-0001": 1}
    assert again.messages == first.messages


async def test_a_message_without_an_id_is_refused_and_writes_nothing(chat: Chat) -> None:
    with pytest.raises(ValueError, match="no id"):
        await chat.do(AddToCart(), "add it", entities=[product("LAP-0001")], repeat=True)
    assert await lines(chat) == {}


async def test_two_of_the_second_one(chat: Chat) -> None:
    chat.slots["shown"] = ["LAP-0001", "LAP-0003"]
    await chat.do(
        AddToCart(), "two of the second one", entities=[{"entity": "ordinal", "value": 2}, quantity(2)]
    )
    assert await lines(chat) == {"LAP-0003": 2}


async def test_make_it_two(chat: Chat) -> None:
    await chat.do(AddToCart(), "add it", entities=[product("LAP-0001")])
    said = await chat.do(ChangeQuantity(), "make it two", intent="change_quantity", entities=[quantity(2)])
    assert await lines(chat) == {"LAP-0001": 2}
    assert "€2,398.00" in said.text


@pytest.mark.parametrize(("text", "count"), [("one more please", 2), ("add another one", 2)])
async def test_one_more(chat: Chat, text: str, count: int) -> None:
    await chat.do(AddToCart(), "add it", entities=[product("LAP-0001")])
    await chat.do(ChangeQuantity(), text, intent="change_quantity")
    assert await lines(chat) == {"LAP-0001": count}


async def test_more_than_the_shop_sells_of_one_product_is_refused(chat: Chat) -> None:
    await chat.do(AddToCart(), "add it", entities=[product("LAP-0005")])
    said = await chat.do(ChangeQuantity(), "make it 50", entities=[quantity(50)])
    assert "at most 10" in said.text
    assert await lines(chat) == {"LAP-0005": 1}


async def test_more_than_is_left_is_refused_with_what_is_left(chat: Chat) -> None:
    said = await chat.do(AddToCart(), "three of them", entities=[product("LAP-0006"), quantity(3)])
    assert "only 2" in said.text
    assert "Take 2" in said.titles
    assert await lines(chat) == {}


async def test_what_is_left_can_be_taken_by_the_button(chat: Chat) -> None:
    await chat.do(
        ChangeQuantity(),
        '/change_quantity{"product": "LAP-0006", "quantity": "2"}',
        entities=[product("LAP-0006"), quantity("2")],
    )
    assert await lines(chat) == {"LAP-0006": 2}


async def test_a_sold_out_product_is_refused(chat: Chat) -> None:
    said = await chat.do(AddToCart(), "add it", entities=[product("LAP-0007")])
    assert "sold out" in said.text
    assert await lines(chat) == {}


async def test_without_knowing_which_the_cart_stays_empty(chat: Chat) -> None:
    chat.slots["shown"] = ["LAP-0001", "LAP-0003"]
    said = await chat.do(AddToCart(), "add it to my cart")
    assert said.titles == ["Norrvik Fjell 13", "Okaru Hana 13"]
    assert await lines(chat) == {}


async def test_the_second_line_is_removed(chat: Chat) -> None:
    for sku in ("LAP-0001", "HEA-0002"):
        await chat.do(AddToCart(), "add it", entities=[product(sku)])
    before = list(await lines(chat))
    await chat.do(RemoveFromCart(), "remove the second one", entities=[{"entity": "ordinal", "value": 2}])
    assert list(await lines(chat)) == before[:1]


async def test_a_line_is_found_by_its_kind(chat: Chat) -> None:
    for sku in ("LAP-0001", "HEA-0002"):
        await chat.do(AddToCart(), "add it", entities=[product(sku)])
    await chat.do(
        RemoveFromCart(), "remove the headphones", entities=[{"entity": "category", "value": "headphones"}]
    )
    assert await lines(chat) == {"LAP-0001": 1}


async def test_which_line_is_asked_when_it_is_unclear(chat: Chat) -> None:
    for sku in ("LAP-0001", "HEA-0002"):
        await chat.do(AddToCart(), "add it", entities=[product(sku)])
    chat.slots["focus"] = None
    said = await chat.do(RemoveFromCart(), "remove one of them")
    assert "Everything" in said.titles
    assert len(await lines(chat)) == 2


async def test_one_of_two_is_taken_out(chat: Chat) -> None:
    await chat.do(AddToCart(), "add it", entities=[product("LAP-0001"), quantity(3)])
    await chat.do(RemoveFromCart(), "remove 1", entities=[quantity(1)])
    assert await lines(chat) == {"LAP-0001": 2}


async def test_one_product_is_swapped_for_another(chat: Chat) -> None:
    await chat.do(AddToCart(), "add it", entities=[product("LAP-0001")])
    entities = [{"entity": "category", "value": "laptops"}, product("HEA-0002")]
    said = await chat.do(
        RemoveFromCart(), "remove the laptop, add the Fennimore Solo instead", entities=entities
    )
    assert await lines(chat) == {"HEA-0002": 1}
    assert "took the Norrvik Fjell 13 out" in said.text


async def test_the_whole_cart_is_emptied(chat: Chat) -> None:
    await chat.do(AddToCart(), "add it", entities=[product("LAP-0001")])
    said = await chat.do(RemoveFromCart(), "empty my cart")
    assert "empty" in said.text
    assert await lines(chat) == {}


async def test_emptying_the_cart_ends_a_checkout(chat: Chat) -> None:
    await chat.do(AddToCart(), "add it", entities=[product("LAP-0001")])
    chat.loop = "checkout_form"
    assert (await chat.do(RemoveFromCart(), "remove it")).loop is None


async def test_the_cart_is_shown_with_its_sums(chat: Chat) -> None:
    await chat.do(AddToCart(), "add it", entities=[product("HEA-0002")])
    said = await chat.do(ShowCart(), "show my cart")
    for amount in ("€59.00", "€4.90", "€63.90", "VAT (20%)"):
        assert amount in said.text


async def test_a_changed_price_is_noted_in_the_cart(chat: Chat, context: ActionsContext) -> None:
    await chat.do(AddToCart(), "add it", entities=[product("HEA-0002")])
    await change_product(context, "HEA-0002", price="64.00")
    assert "€64.00 (it was €59.00)" in (await chat.do(ShowCart(), "show my cart")).text


@pytest.mark.parametrize("action", [ShowCart(), RemoveFromCart(), ChangeQuantity()])
async def test_an_empty_cart_says_so(chat: Chat, action: Any) -> None:
    assert "empty" in (await chat.do(action, "my cart")).text
