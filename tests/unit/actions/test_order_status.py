"""Where is my order? Only for number and e-mail address together."""

from __future__ import annotations

import pytest

from actions.order_status import StartOrderStatus, TrackOrder, ValidateOrderStatusForm
from crm.services import carts, orders
from crm.services.orders import CheckoutDetails
from tests.unit.actions.conftest import Chat


async def placed(chat: Chat) -> str:
    async with chat.context.database.write() as uow:
        await carts.add(uow, chat.id, "LAP-0003", 1)
        details = CheckoutDetails(
            name="Anna Lind", email="anna@example.org", phone=None, address="Gartenweg 3, 10115 Berlin"
        )
        order = await orders.place(uow, chat.id, details, cause="11111111-1111-4111-8111-111111111111")
        await uow.commit()
    return order.number


async def track(chat: Chat, number: str, email: str) -> str:
    chat.slots.update(order_number=number, order_email=email)
    return (await chat.do(TrackOrder(), email)).text


async def test_number_and_address_together_show_the_order(chat: Chat) -> None:
    text = await track(chat, await placed(chat), "Anna@Example.org")
    assert "waiting for payment" in text
    assert "1 × Okaru Hana 13" in text


@pytest.mark.parametrize("status", ["paid", "shipped", "delivered", "cancelled"])
async def test_every_state_has_its_sentence(chat: Chat, status: str) -> None:
    number = await placed(chat)
    async with chat.context.database.write() as uow:
        if status == "cancelled":
            await orders.cancel(uow, number)
        else:
            await orders.mark_paid(uow, number)
        if status in ("shipped", "delivered"):
            await orders.ship(uow, number, tracking="PP-1")
        if status == "delivered":
            await orders.deliver(uow, number)
        await uow.commit()
    said = {"paid": "is paid", "shipped": "PP-1", "delivered": "been delivered", "cancelled": "was cancelled"}
    assert said[status] in await track(chat, number, "anna@example.org")


async def test_a_wrong_address_and_a_wrong_number_sound_alike(chat: Chat) -> None:
    number = await placed(chat)
    wrong_address = await track(chat, number, "eve@example.org")
    wrong_number = await track(chat, "PL-0000-0000", "anna@example.org")
    assert wrong_address == wrong_number
    assert "Anna" not in wrong_address


async def test_guessing_is_paused_and_the_right_pair_too(chat: Chat) -> None:
    number = await placed(chat)
    for guess in range(5):
        await track(chat, number, f"guess{guess}@example.org")
    text = await track(chat, number, "anna@example.org")
    assert "minute" in text
    assert "Okaru" not in text


async def test_a_repeated_message_counts_as_one_guess(chat: Chat) -> None:
    number = await placed(chat)
    chat.slots.update(order_number=number, order_email="eve@example.org")
    await chat.do(TrackOrder(), "eve@example.org")
    for _ in range(9):
        chat.slots.update(order_number=number, order_email="eve@example.org")
        await chat.do(TrackOrder(), "eve@example.org", repeat=True)
    assert "waiting for payment" in await track(chat, number, "anna@example.org")


@pytest.mark.parametrize("text", ["PL-1234-5674", "pl12345674", "it is pl 1234 5674 i think", "1234-5674"])
async def test_numbers_are_read_as_people_type_them(chat: Chat, text: str) -> None:
    said = await chat.do(StartOrderStatus(), text, intent="order_status")
    assert said.slots["order_number"] == "PL-1234-5674"
    assert said.loop == "order_status_form"


async def test_the_order_just_placed_needs_no_question(chat: Chat) -> None:
    chat.slots["last_order"] = {"number": "PL-1234-5674", "email": "anna@example.org"}
    said = await chat.do(StartOrderStatus(), "where is my order?", intent="order_status")
    assert said.slots["order_email"] == "anna@example.org"


async def test_another_number_than_the_last_is_not_given_its_address(chat: Chat) -> None:
    chat.slots["last_order"] = {"number": "PL-1234-5674", "email": "anna@example.org"}
    said = await chat.do(StartOrderStatus(), "where is PL-9999-0000?", intent="order_status")
    assert said.slots["order_email"] is None


async def test_without_a_number_a_colleague_is_offered(chat: Chat) -> None:
    chat.loop = "order_status_form"
    chat.slots["requested_slot"] = "order_number"
    said = await chat.do(ValidateOrderStatusForm(), "I don't have it", intent="deny")
    assert "Talk to a person" in said.titles


async def test_a_question_interrupts(chat: Chat) -> None:
    chat.loop = "order_status_form"
    chat.slots["requested_slot"] = "order_number"
    assert (await chat.do(ValidateOrderStatusForm(), "where do I find it?", intent="faq")).rejected


@pytest.mark.parametrize(("other", "rejected"), [("refine_search", True), ("human", False)])
async def test_readings_that_lead_to_the_same_interrupt_together(
    chat: Chat, other: str, rejected: bool
) -> None:
    chat.loop = "order_status_form"
    chat.slots["requested_slot"] = "order_number"
    ranking = [("find_product", 0.5), (other, 0.4), ("order_status", 0.1)]
    said = await chat.do(
        ValidateOrderStatusForm(), "phones up to 500", intent="find_product", confidence=0.5, ranking=ranking
    )
    assert said.rejected is rejected
