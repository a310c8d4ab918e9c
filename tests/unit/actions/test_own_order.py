"""What orders' use cases share: reading numbers, lines, reasons and confirmations the way people type them."""

from __future__ import annotations

from typing import Any

import pytest

from actions.cancel_order import (
    AskCancelConfirm,
    CancelOrder,
    OpenCancelOrder,
    StartCancelOrder,
    ValidateCancelConfirm,
    ValidateCancelOrderForm,
)
from actions.order_status import AskOrderNumber, ValidateOrderStatusForm
from actions.support.change_reading import change_said, first_plan, plan_for
from actions.support.order_lines import ALL, Line, counted, picked
from actions.support.own_order import known_order, nearly_a_number, order_number
from actions.support.return_texts import reason_in
from actions.support.turn import Entity, Turn
from crm.services import carts, orders
from crm.services.orders import CheckoutDetails
from tests.unit.actions.conftest import Chat

LINES = (
    Line(1, "HEA-0017", "Vexmoor Riot H1", 2),
    Line(2, "CHA-0001", "Treskel Cube 30", 1),
    Line(3, "CHA-0004", "Treskel Braid C 1", 3),
)


def turn(text: str, *entities: tuple[str, Any], **slots: Any) -> Turn:
    return Turn("c", "m", text, entities=tuple(Entity(n, v) for n, v in entities), slots=slots)


# --- the order --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("PL-1234-5674", "PL-1234-5674"),
        ("pl12345674 please", "PL-1234-5674"),
        ("my return RT-1234-5674", None),
        ("return RT-1234-5674 of order PL-9999-0000", "PL-9999-0000"),
        ("+49 30 1234 5678", None),
    ],
)
def test_an_orders_number_is_no_returns_number(text: str, number: str | None) -> None:
    assert order_number(turn(text)) == number


def test_a_phone_number_is_no_orders_number() -> None:
    text = "my telephone is 030 23125111"
    phone = Entity("phone", "+493023125111", start=16, end=28)
    assert order_number(Turn("c", "m", text, entities=(phone,))) is None


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("PL-204418", "204418"),
        ("order 88213", "88213"),
        ("I think the number ends in 771", "771"),
        ("order number is 1234 56", "1234 56"),
        ("204418", "204418"),
        ("PL-1234-5674", None),
        ("I ordered 2 of them on the 3rd", None),
        ("actually I want to order 20 monitors", None),
        ("the tablet", None),
    ],
)
def test_a_number_of_the_wrong_length_is_seen(text: str, digits: str | None) -> None:
    assert nearly_a_number(turn(text)) == digits


async def test_what_is_wrong_with_an_orders_number_is_said(chat: Chat) -> None:
    chat.loop = "order_status_form"
    chat.slots["requested_slot"] = "order_number"
    said = await chat.do(ValidateOrderStatusForm(), "order 88213", intent="order_status")
    assert said.text == "Our order numbers have eight digits; 88213 has 5."
    noted = await chat.do(ValidateOrderStatusForm(), "my email is jo@example.org", intent="inform")
    assert noted.slots["order_email"] == "jo@example.org"
    assert "I need the number, too" in noted.text


async def test_who_says_at_once_that_they_have_no_number_is_told_what_else_helps(chat: Chat) -> None:
    text = "I ordered a printer and can't find the email with the order number"
    said = await chat.do(AskOrderNumber(), text, intent="order_status")
    assert said.titles == ["Talk to a person", "Stop"]
    plain = await chat.do(AskOrderNumber(), "where is my printer", intent="order_status")
    assert plain.titles == []


@pytest.mark.parametrize(
    ("text", "goes_on"), [("if not then yes cancel it", True), ("cancel my order", True), ("cancel", False)]
)
async def test_still_cancelling_the_order_leaves_no_question(chat: Chat, text: str, *, goes_on: bool) -> None:
    chat.loop = "cancel_order_form"
    chat.slots["requested_slot"] = "order_number"
    said = await chat.do(ValidateCancelOrderForm(), text, intent="stop")
    assert said.rejected is not goes_on


def test_the_order_looked_up_last_is_what_the_chat_is_about() -> None:
    placed, looked_up = {"number": "A", "email": "a"}, {"number": "B", "email": "b"}
    assert known_order(turn("", last_order=placed)) == ("A", "a")
    assert known_order(turn("", last_order=placed, known_order=looked_up)) == ("B", "b")
    assert known_order(turn("", known_order={"number": "B"})) is None


# --- its lines --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "position"),
    [
        (turn("the second one", ("ordinal", 2)), 2),
        (turn("the last", ("ordinal", -1)), 3),
        (turn("vexmoor"), 1),
        (turn("the cube"), 2),
        (turn("that", ("product", "CHA-0004")), 3),
        (turn('/inform{"choice": "line:2"}', ("choice", "line:2")), 2),
    ],
)
def test_a_line_is_found_by_place_name_or_button(said: Turn, position: int) -> None:
    found = picked(said, LINES)
    assert isinstance(found, Line)
    assert found.position == position


@pytest.mark.parametrize("text", ["everything", "all of it", "the whole order", "all"])
def test_everything_is_all_lines(text: str) -> None:
    assert picked(turn(text), LINES) == ALL


@pytest.mark.parametrize("text", ["treskel", "hm", "the blue one"])
def test_what_fits_several_lines_or_none_is_not_guessed(text: str) -> None:
    assert picked(turn(text), LINES) is None


@pytest.mark.parametrize(
    ("text", "count"), [("2", 2), ("just one", 1), ("two of them", 2), ("make it 3", 3), ("hello", None)]
)
def test_pieces_are_counted_in_words_and_figures(text: str, count: int | None) -> None:
    assert counted(turn(text)) == count


# --- reasons ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("the screen was cracked when I unpacked it", "damaged"),
        ("you sent me the wrong colour", "wrong_item"),
        ("it doesn't turn on", "defective"),
        ("the headphones don't work", "defective"),
        ("stopped working after a day", "defective"),
        ("too loud for my flat", "unsuitable"),
        ("it does not fit", "unsuitable"),
        ("i changed my mind", "unwanted"),
        ("bought it twice", "unwanted"),
        ("because", None),
    ],
)
def test_reasons_are_read_from_what_people_say(text: str, reason: str | None) -> None:
    assert reason_in(text) == reason


# --- changes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "what", "plan"),
    [
        (turn("change the address please"), "address", None),
        (
            turn("my order should be delivered to Gartenweg 3, 10115 Berlin"),
            "address",
            {"kind": "address", "address": "Gartenweg 3, 10115 Berlin"},
        ),
        (turn("can it come next week"), "day", None),
        (
            turn("take the cube out", ("product", "CHA-0001")),
            "line:2",
            {"kind": "removed", "position": 2, "quantity": 0},
        ),
        (
            turn("make it two", ("quantity", 2), ("product", "CHA-0001")),
            "line:2",
            {"kind": "quantity", "position": 2, "quantity": 2},
        ),
        (turn("add the Okaru", ("product", "LAP-0003")), "add", {"kind": "added", "sku": "LAP-0003", "quantity": 1}),
        (
            turn("add one more cube", ("product", "CHA-0001"), ("quantity", 1)),
            "line:2",
            {"kind": "quantity", "position": 2, "quantity": 2},
        ),
        (turn("I forgot something"), "add", None),
        (turn("change my order"), None, None),
    ],
)  # fmt: skip
def test_a_first_sentence_says_as_much_as_it_says(said: Turn, what: str | None, plan: Any) -> None:
    assert first_plan(change_said(said), LINES) == (what, plan)


@pytest.mark.parametrize(
    ("text", "quantity"),
    [("1", 1), ("one less", 1), ("2 more", 4), ("none, take it out", 0), ("another one", 3), ("dunno", None)],
)
def test_a_new_quantity_may_be_told_as_a_difference(text: str, quantity: int | None) -> None:
    plan = plan_for("line:1", turn(text), LINES)
    assert (plan["quantity"] if plan else None) == quantity


# --- confirming -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "intent", "answer"),
    [
        ("yes", "affirm", True),
        ("yes, cancel it", "cancel_order", True),
        ("cancel the order", "cancel_order", True),
        ("please do", "affirm", True),
        ("no", "deny", False),
        ("nope, keep it", "deny", False),
        ("don't cancel it", "cancel_order", False),
        ("I don't want you to cancel it", "cancel_order", None),
        ("cancel", "stop", None),
        ("hmm", "nlu_fallback", None),
    ],
)  # fmt: skip
async def test_only_a_clear_yes_confirms(chat: Chat, text: str, intent: str, answer: bool | None) -> None:
    chat.loop = "cancel_order_confirm_form"
    chat.slots["requested_slot"] = "cancel_confirm"
    said = await chat.do(ValidateCancelConfirm(), text, intent=intent)
    assert said.slots["cancel_confirm"] is answer
    assert not said.rejected


@pytest.mark.parametrize(
    ("text", "intent"),
    [("how long is the warranty?", "ask_warranty"), ("stop", "stop"), ("a human please", "human")],
)
async def test_anything_else_interrupts_the_confirmation(chat: Chat, text: str, intent: str) -> None:
    chat.loop = "cancel_order_confirm_form"
    chat.slots["requested_slot"] = "cancel_confirm"
    assert (await chat.do(ValidateCancelConfirm(), text, intent=intent)).rejected


# --- a whole cancellation without Rasa --------------------------------------------------------------


async def placed(chat: Chat) -> str:
    async with chat.context.database.write() as uow:
        await carts.add(uow, chat.id, "LAP-0003", 1)
        details = CheckoutDetails("Anna Lind", "anna@example.org", None, "Gartenweg 3, 10115 Berlin")
        order = await orders.place(uow, chat.id, details, cause="11111111-1111-4111-8111-111111111111")
        await uow.commit()
    return order.number


async def test_cancelling_asks_first_and_a_repeated_yes_says_the_same(chat: Chat) -> None:
    number = await placed(chat)
    await chat.do(StartCancelOrder(), f"cancel {number}, anna@example.org", intent="cancel_order")
    opened = await chat.do(OpenCancelOrder(), intent="cancel_order")
    assert opened.loop == "cancel_order_confirm_form"
    assert "Shall I cancel" in (await chat.do(AskCancelConfirm(), intent="cancel_order")).text
    chat.slots["cancel_confirm"] = True
    first = await chat.do(CancelOrder(), "yes", intent="affirm")
    chat.slots.update(order_number=number, order_email="anna@example.org", cancel_confirm=True)
    assert (await chat.do(CancelOrder(), "yes", intent="affirm", repeat=True)).text == first.text
    async with chat.context.database.read() as uow:
        assert (await orders.get(uow, number)).status == "cancelled"


async def test_without_a_confirmation_nothing_is_cancelled(chat: Chat) -> None:
    number = await placed(chat)
    for confirmed in (None, False, "yes"):
        chat.slots.update(order_number=number, order_email="anna@example.org", cancel_confirm=confirmed)
        await chat.do(CancelOrder(), "yes", intent="affirm")
    async with chat.context.database.read() as uow:
        assert (await orders.get(uow, number)).status == "placed"


async def test_a_wrong_pair_is_told_nothing_and_forgets_the_known_order(chat: Chat) -> None:
    number = await placed(chat)
    chat.slots.update(
        order_number=number, order_email="eve@example.org", known_order={"number": "x", "email": "y"}
    )
    said = await chat.do(OpenCancelOrder(), intent="cancel_order")
    assert "can't find" in said.text
    assert said.slots["known_order"] is None
    assert "Okaru" not in said.text
