"""Returns, refunds, changes, invoices and questions about one's own order, action by action."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import update

from actions.ask_delivery import AnswerDelivery
from actions.ask_payment import AnswerPayment
from actions.ask_warranty import AnswerWarranty
from actions.change_order import AskChangeConfirm, ChangeOrder, OpenChangeOrder, StartChangeOrder
from actions.invoice import GiveInvoice, StartInvoice, ValidateInvoiceCompany
from actions.order_status import TrackOrder
from actions.refund_status import StartRefundStatus, TellRefundStatus
from actions.return_order import (
    AskReturnConfirm,
    OpenReturnOrder,
    ReturnOrder,
    StartReturnOrder,
    ValidateReturnDetails,
)
from crm.links import RETURN, Links
from crm.model import Order
from crm.services import carts, orders
from crm.services.orders import CheckoutDetails
from parley.bootstrap import ActionsContext
from tests import deliveries
from tests.unit.actions.conftest import Chat, change_product

EMAIL = "anna@example.org"


@pytest.fixture(autouse=True)
def links(context: ActionsContext) -> Links:
    """Signed links of the test's own."""
    context.links = Links("a secret of the tests alone", site="http://shop.example")
    return context.links


@pytest.fixture
async def number(chat: Chat) -> str:
    """An order of two laptops, whose number and e-mail have been asked for."""
    async with chat.context.database.write() as uow:
        await carts.add(uow, chat.id, "LAP-0003", 2)
        details = CheckoutDetails("Anna Lind", EMAIL, None, "Gartenweg 3, 10115 Berlin")
        order = await orders.place(uow, chat.id, details, cause="11111111-1111-4111-8111-111111111111")
        await uow.commit()
    chat.slots.update(order_number=order.number, order_email=EMAIL)
    return order.number


async def deliver(chat: Chat, number: str, *, days_ago: int = 1) -> None:
    await deliveries.deliver(chat.context.database, number, days_ago=days_ago)


def pair(chat: Chat, number: str) -> None:
    chat.slots.update(order_number=number, order_email=EMAIL)


# --- returns ----------------------------------------------------------------------------------------


async def test_a_return_goes_from_the_first_sentence_to_its_slip(
    chat: Chat, number: str, links: Links
) -> None:
    await deliver(chat, number)
    await chat.do(StartReturnOrder(), f"I want to exchange it, it doesn't work. {number}, {EMAIL}")
    opened = await chat.do(OpenReturnOrder())
    assert opened.loop == "return_order_details_form"
    assert (opened.slots["return_line"], opened.slots["return_quantity"]) == (1, None)
    assert opened.slots["return_reason"] == "defective"
    chat.slots["requested_slot"] = "return_quantity"
    assert (await chat.do(ValidateReturnDetails(), "3")).slots["return_quantity"] is None
    assert (await chat.do(ValidateReturnDetails(), "one of them")).slots["return_quantity"] == 1
    asked = await chat.do(AskReturnConfirm())
    assert "1 × Okaru Hana 13" in asked.text
    chat.slots["return_confirm"] = True
    done = await chat.do(ReturnOrder(), "yes", intent="affirm")
    link = re.search(r"http\S+/documents/return/(\S+)", done.text)
    assert link
    assert str(links.read(RETURN, link[1])["sub"]) in done.text
    assert "Find the other one" in done.titles
    pair(chat, number)
    assert (await chat.do(ReturnOrder(), "yes", intent="affirm", repeat=True)).text == done.text


async def test_out_of_time_says_until_when_it_was_and_offers_a_person(chat: Chat, number: str) -> None:
    await deliver(chat, number, days_ago=15)
    said = await chat.do(OpenReturnOrder())
    assert "14 days after it arrived" in said.text
    assert "warranty still covers it" in said.text
    assert "Talk to a person" in said.titles
    assert said.slots["order_number"] is None


# --- refunds ----------------------------------------------------------------------------------------


async def test_a_refund_is_told_by_the_returns_number_only_with_the_mail(chat: Chat, number: str) -> None:
    await deliver(chat, number)
    chat.slots.update(return_lines=[[1, "LAP-0003", "x", 2]], return_line=1, return_quantity=2)
    chat.slots.update(return_confirm=True, return_reason="unsaid")
    told = await chat.do(ReturnOrder(), "yes", intent="affirm")
    found = re.search(r"RT-\d{4}-\d{4}", told.text)
    assert found
    chat.slots.update(known_order=None, last_order=None)
    asked = await chat.do(StartRefundStatus(), f"where is the money for {found[0]}")
    assert (asked.slots["order_number"], asked.slots["order_email"]) == (number, None)
    pair(chat, number)
    assert f"waiting for your return {found[0]}" in (await chat.do(TellRefundStatus())).text


async def test_an_overdue_refund_is_admitted(chat: Chat, number: str) -> None:
    async with chat.context.database.write() as uow:
        await orders.mark_paid(uow, number)
        await orders.cancel(uow, number)
        await uow.session.execute(
            update(Order.metadata.tables["refund"]).values(due=uow.now().date() - timedelta(days=1))
        )
        await uow.commit()
    said = await chat.do(TellRefundStatus())
    assert "overdue" in said.text
    assert "Talk to a person" in said.titles


# --- changes ----------------------------------------------------------------------------------------


async def test_a_price_that_changed_after_the_summary_is_shown_again(chat: Chat, number: str) -> None:
    await chat.do(StartChangeOrder(), "make it three", entities=[{"entity": "quantity", "value": 3}])
    pair(chat, number)
    await chat.do(OpenChangeOrder())
    first = await chat.do(AskChangeConfirm())
    assert "3 × Okaru Hana 13" in first.text
    await change_product(chat.context, "LAP-0003", price="1999.00")
    chat.slots["change_confirm"] = True
    refused = await chat.do(ChangeOrder(), "yes", intent="affirm")
    assert refused.loop == "change_order_details_form"
    assert refused.slots["change_confirm"] is None
    assert "€1,999.00" in (await chat.do(AskChangeConfirm())).text
    chat.slots["change_confirm"] = True
    assert "is changed" in (await chat.do(ChangeOrder(), "yes", intent="affirm")).text


async def test_more_than_is_left_is_refused_with_what_is_possible(chat: Chat, number: str) -> None:
    await change_product(chat.context, "LAP-0003", stock=1)
    chat.slots["change_plan"] = {"kind": "quantity", "position": 1, "quantity": 9}
    said = await chat.do(AskChangeConfirm())
    assert "only 1 more in stock" in said.text
    assert "Change something else" in said.titles


# --- invoices ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "company", "vat_id"),
    [
        ("it's Forsthaus Lindner GmbH", "Forsthaus Lindner GmbH", None),
        ("Lindner & Sons, DE123456789", "Lindner & Sons", "DE123456789"),
        ("our company is called Łęcka", "Łęcka", None),
    ],
)
async def test_a_company_is_read_with_its_vat_id(
    chat: Chat, text: str, company: str, vat_id: str | None
) -> None:
    chat.loop = "invoice_company_form"
    chat.slots["requested_slot"] = "invoice_company"
    said = await chat.do(ValidateInvoiceCompany(), text)
    assert (said.slots["invoice_company"], said.slots.get("invoice_vat_id")) == (company, vat_id)


async def test_an_order_number_is_no_vat_id(chat: Chat, number: str) -> None:
    said = await chat.do(StartInvoice(), f"invoice of {number.replace('-', ' ')} for my company")
    assert said.slots["invoice_vat_id"] is None
    assert said.slots["order_number"] == number


async def test_an_invoice_for_a_company_asks_for_its_name_first(chat: Chat, number: str) -> None:
    chat.slots["invoice_for_company"] = True
    assert (await chat.do(GiveInvoice())).loop == "invoice_company_form"
    pair(chat, number)
    chat.slots.update(invoice_company="Lindner Ltd", invoice_vat_id=False)
    said = await chat.do(GiveInvoice())
    assert "to Lindner Ltd" in said.text
    assert "/documents/" in said.text


# --- questions --------------------------------------------------------------------------------------


async def test_a_question_is_answered_for_the_order_that_was_looked_up(chat: Chat, number: str) -> None:
    await deliver(chat, number)
    await chat.do(TrackOrder())
    assert "has been delivered" in (await chat.do(AnswerDelivery(), "how long does delivery take?")).text
    assert "covered until" in (await chat.do(AnswerWarranty(), "how long is the warranty?")).text
    assert "nothing is open" in (await chat.do(AnswerPayment(), "how can I pay?")).text


async def test_another_order_or_a_wrong_mail_gets_the_general_answer(chat: Chat, number: str) -> None:
    await deliver(chat, number)
    await chat.do(TrackOrder())
    other = await chat.do(AnswerWarranty(), "how long is the warranty of PL-9999-0000?")
    assert "covered until" not in other.text
    chat.slots.update(known_order=None, last_order=None)
    wrong = await chat.do(AnswerWarranty(), f"how long is the warranty of {number}? eve@example.org")
    assert "covered until" not in wrong.text
    assert "Two years" in wrong.text


async def test_guessing_by_questions_is_counted_too(chat: Chat, number: str) -> None:
    for guess in range(5):
        await chat.do(AnswerPayment(), f"when is {number} due? guess{guess}@example.org")
    said = await chat.do(AnswerPayment(), f"when is {number} due? {EMAIL}")
    assert "to be paid" not in said.text


async def test_what_only_comes_near_is_told_as_such_with_a_person(chat: Chat) -> None:
    said = await chat.do(AnswerWarranty(), "my charger got very hot and is dead now, claim?")
    assert "may not have exactly that" in said.text
    assert "Talk to a person" in said.titles


async def test_a_bare_wish_shows_the_shops_own_questions(chat: Chat) -> None:
    said = await chat.do(AnswerDelivery(), "")
    assert "How much is delivery?" in said.titles
