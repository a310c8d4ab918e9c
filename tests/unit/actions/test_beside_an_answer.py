"""A form's question is answered, and what is asked beside the answer is answered or kept as well."""

from __future__ import annotations

from typing import Any

from actions.cart import AddToCart
from actions.checkout import StartCheckout, ValidateCheckoutForm
from crm.services import carts
from tests.unit.actions.conftest import Chat
from tests.unit.actions.test_several_wishes import entity, part


async def at_the_name(chat: Chat) -> None:
    async with chat.context.database.write() as uow:
        await carts.add(uow, chat.id, "LAP-0001", 1)
        await uow.commit()
    await chat.do(StartCheckout(), "check out", intent="checkout")
    chat.slots["requested_slot"] = "contact_name"


async def answered(
    chat: Chat, text: str, aside: str, intent: str, entities: list[dict[str, Any]] | None = None
) -> Any:
    parsed = {"aside": part(text, aside, intent)}
    return await chat.do(ValidateCheckoutForm(), text, intent=intent, entities=entities, parsed=parsed)


async def test_a_question_beside_the_answer_is_answered_and_the_answer_taken(chat: Chat) -> None:
    await at_the_name(chat)
    said = await answered(chat, "Tom Frey. How long is the warranty?", "How long is the warranty?", "faq")
    assert said.slots["contact_name"] == "Tom Frey"
    assert "ears" in said.text  # two years
    assert not said.rejected


async def test_what_needs_questions_of_its_own_is_kept_for_later(chat: Chat) -> None:
    await at_the_name(chat)
    text = "Tom Frey, and where is my other order?"
    said = await answered(chat, text, "where is my other order?", "order_status")
    assert said.slots["contact_name"] == "Tom Frey"
    assert said.slots["later"]["intent"] == "order_status"
    assert said.loop == "unchanged"


async def test_without_an_answer_beside_it_a_question_only_interrupts(chat: Chat) -> None:
    await at_the_name(chat)
    said = await answered(chat, "12?! how long is the warranty?", "how long is the warranty?", "faq")
    assert said.rejected
    assert chat.slots.get("contact_name") is None


async def test_a_yes_with_another_product_orders_nothing_before_the_new_sum_was_shown(chat: Chat) -> None:
    await at_the_name(chat)
    chat.slots |= {"requested_slot": "checkout_confirm", "contact_name": "Tom Frey"}
    text = "yes please, and add the Hana too"
    said = await chat.do(
        ValidateCheckoutForm(),
        text,
        intent="affirm",
        entities=[entity(text, "Hana", "product", "LAP-0003")],
        parsed={
            "wishes": [part(text, "yes please", "affirm"), part(text, "add the Hana too", "add_to_cart")]
        },
    )
    assert said.slots["checkout_confirm"] is None
    assert "Okaru Hana 13 is in your cart" in said.text


async def test_details_said_with_the_name_are_taken_from_what_was_recognised(chat: Chat) -> None:
    await at_the_name(chat)
    text = "Tom Frey, 3 Elm Road, Leeds LS1 4AB, tom@frey.example.com"
    said = await chat.do(
        ValidateCheckoutForm(),
        text,
        entities=[
            entity(text, "3 Elm Road, Leeds LS1 4AB", "address", "3 Elm Road, Leeds LS1 4AB"),
            entity(text, "tom@frey.example.com", "email", "tom@frey.example.com"),
        ],
    )
    assert said.slots["contact_name"] == "Tom Frey"
    assert said.slots["delivery_address"] == "3 Elm Road, Leeds LS1 4AB"
    assert said.slots["contact_email"] == "tom@frey.example.com"


async def test_asking_about_the_third_or_the_battery_puts_nothing_into_the_cart(chat: Chat) -> None:
    chat.slots["shown"] = ["LAP-0001", "LAP-0002", "LAP-0003"]
    third = [{"entity": "ordinal", "value": 3}]
    said = await chat.do(AddToCart(), "and the third?", intent="add_to_cart", entities=third)
    assert said.slots["focus"] == "LAP-0003"
    assert "cart" not in said.text
    said = await chat.do(
        AddToCart(), "and the memry", intent="add_to_cart", parsed={"respelt": "and the memory"}
    )
    assert "16 GB" in said.text
    async with chat.context.database.read() as uow:
        assert not (await carts.view(uow, chat.id)).lines
