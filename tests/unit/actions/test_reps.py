"""Reps' questions: answered for whoever may ask, refused to everybody else, changes asked back, made once, audited."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from actions.fallback import Fallback
from actions.rep_contact import RepContact
from actions.rep_leads import RepLeads, RepMarkLead, RepTakeLead
from actions.rep_note import RepNote, parts
from actions.rep_orders import RepOrders
from actions.rep_pipeline import RepPipeline
from actions.rep_recommend import RepRecommend
from actions.rep_recommend import _wanted as wanted_by
from actions.rep_shared import RepAffirm, RepDeny, RepHelp
from actions.rep_waiting import RepWaiting
from actions.support.base import ShopAction
from actions.support.lead_words import status_in
from actions.support.needs_text import NOTHING_SAID
from actions.support.turn import Turn
from actions.support.whom import guesses
from crm.model import AuditEvent
from crm.services import carts, conversations, inbox, leads, orders, staff_chats, users
from crm.services.orders import CheckoutDetails
from crm.services.reps import leads as rep_leads
from crm.services.reps import people
from crm.services.users import Role
from models.vocabulary import Vocabulary
from parley.bootstrap import ActionsContext
from tests.unit.actions.conftest import Chat, Said
from tests.unit.actions.products import PRODUCTS

ALL = (
    RepContact,
    RepOrders,
    RepLeads,
    RepMarkLead,
    RepTakeLead,
    RepRecommend,
    RepNote,
    RepPipeline,
    RepWaiting,
    RepAffirm,
    RepDeny,
    RepHelp,
)
CONFIRMABLE = {"kind": "rep_mark_lead", "lead": 1, "status": "closed"}
EMAIL = [{"entity": "email", "value": "dana@example.com", "start": 7, "end": 23}]


class Rep(Chat):
    """A conversation of role rep; the metadata says so as the gateway does."""

    def tracker(self, *args: Any) -> Any:
        tracker = super().tracker(*args)
        tracker.latest_message["metadata"]["role"] = "rep"
        return tracker

    async def ask(self, action: ShopAction, text: str, **more: Any) -> Said:
        return await self.do(action, text, **more)


async def rep(context: ActionsContext, name: str = "Ada Roth", role: Role = "rep") -> Rep:
    async with context.database.write() as uow:
        user = await users.ensure(uow, email=f"{name.split()[0]}@plover.example.com", name=name, role=role)
        talk = await staff_chats.conversation_of(uow, channel="slack", external_id=name, user_id=user.id)
        await uow.commit()
    return Rep(talk, context)


async def lead_of(context: ActionsContext, name: str, cause: str, nth: int = 0) -> str:
    """A lead of a customer who ordered the nth product that is there; gives the order's number."""
    sku = [one.sku for one in PRODUCTS if one.stock > 1][nth]
    email = f"{name.split()[0].lower()}@example.com"
    async with context.database.write() as uow:
        talk = await conversations.start(uow, channel="web")
        await leads.capture(
            uow,
            conversation_id=talk,
            name=name,
            email=email,
            phone="+33353012204",
            needs="A light laptop",
            consent="May we?",
            cause=cause,
        )
        await carts.add(uow, talk, sku)
        details = CheckoutDetails(name, email, None, "14 rue du Pluvier\n67000 Strasbourg")
        placed = await orders.place(uow, talk, details, cause=f"order-{cause}")
        await uow.commit()
    return placed.number


@pytest.fixture
async def ada(context: ActionsContext) -> Rep:
    await lead_of(context, "Dana Fischer", "m-1")
    return await rep(context)


@pytest.mark.parametrize("action", ALL)
async def test_a_customer_is_refused_whatever_their_messages_claim(
    chat: Chat, context: ActionsContext, action: Callable[[], ShopAction]
) -> None:
    await lead_of(context, "Dana Fischer", "m-1")
    chat.slots["offer"] = dict(CONFIRMABLE)
    as_customer = await chat.do(action(), "who is dana@example.com, mark lead 1 closed", entities=EMAIL)
    chat.slots["offer"] = dict(CONFIRMABLE)
    forged = await Rep(chat.id, context).do(action(), "mark lead 1 closed", entities=EMAIL)
    for said in (as_customer, forged):
        assert "Fischer" not in said.text
        assert "sales team only" in said.text or said.text == "There is nothing to confirm at the moment."
        assert not said.cards
    async with context.database.read() as uow:
        audited = set(await uow.session.scalars(select(AuditEvent.action)))
    assert "lead.status" not in audited


async def test_a_customers_yes_confirms_no_change_of_a_rep(chat: Chat, context: ActionsContext) -> None:
    await lead_of(context, "Dana Fischer", "m-1")
    forged = Rep(chat.id, context)
    forged.slots["offer"] = dict(CONFIRMABLE)
    said = await forged.do(RepAffirm(), "yes")
    assert "sales team only" in said.text


async def test_an_agent_who_does_not_sell_is_told_why(context: ActionsContext) -> None:
    agent = await rep(context, "Margot Ebersold", "agent")
    assert "Your role is to answer chats" in (await agent.ask(RepLeads(), "any new leads")).text


async def test_a_person_is_found_by_address_name_and_order(ada: Rep, context: ActionsContext) -> None:
    number = await lead_of(context, "Jonas Albrecht", "m-2")
    said = await ada.ask(RepContact(), "who is dana@example.com", entities=EMAIL)
    assert "Dana Fischer" in said.text
    assert "not verified" in said.text
    assert "Lead 1: new" in said.text
    assert "Jonas Albrecht" in (await ada.ask(RepContact(), "tell me about jonas")).text
    assert "Jonas Albrecht" in (await ada.ask(RepContact(), f"who placed {number}")).text
    assert "Jonas Albrecht" in (await ada.ask(RepContact(), "what's his phone number")).text
    assert "don't know a customer called “zork”" in (await ada.ask(RepContact(), "who is zork")).text


async def test_of_two_with_the_name_the_rep_chooses(ada: Rep, context: ActionsContext) -> None:
    await lead_of(context, "Dana Oster", "m-2")
    said = await ada.ask(RepOrders(), "what did dana order", intent="rep_orders")
    assert "Which one" in said.text
    assert len(said.titles) == 2
    async with context.database.read() as uow:
        oster = (await people.named(uow, ["oster"]))[0]
    chosen = [{"entity": "choice", "value": oster.id}, {"entity": "said", "value": "what did dana order"}]
    assert "Dana Oster, newest first" in (await ada.ask(RepOrders(), "/rep_orders", entities=chosen)).text


async def test_she_is_whoever_was_talked_about_last(ada: Rep) -> None:
    await ada.ask(RepContact(), "who is dana@example.com", entities=EMAIL)
    said = await ada.ask(RepOrders(), "what did she order")
    assert said.text.startswith("Dana Fischer, newest first:")


async def test_an_order_is_told_by_its_number_without_its_address(ada: Rep, context: ActionsContext) -> None:
    number = await lead_of(context, "Jonas Albrecht", "m-2")
    assert f"Order {number}" in (await ada.ask(RepOrders(), f"where is {number}")).text
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert "typing error" in (await ada.ask(RepOrders(), f"where is {wrong}")).text


async def test_new_leads_are_listed_and_one_is_shown_in_full(ada: Rep) -> None:
    said = await ada.ask(RepLeads(), "any new leads today")
    assert "New leads today: 1" in said.text
    assert said.titles == ["Lead 1"]
    shown = await ada.ask(RepLeads(), "show lead 1")
    assert "Wants: A light laptop" in shown.text
    assert "Take it" in shown.titles
    assert "don't find lead 99" in (await ada.ask(RepLeads(), "lead 99")).text


async def test_marking_a_lead_is_asked_back_made_once_and_audited(ada: Rep, context: ActionsContext) -> None:
    asked = await ada.ask(RepMarkLead(), "mark lead 1 contacted")
    assert "Mark lead 1 (Dana Fischer) as contacted?" in asked.text
    async with context.database.read() as uow:
        assert (await people.with_email(uow, "dana@example.com"))[0].name
        assert not list(
            await uow.session.scalars(select(AuditEvent).where(AuditEvent.action == "lead.status"))
        )
    done = await ada.ask(RepAffirm(), "yes", intent="rep_affirm")
    ada.slots["offer"] = {"kind": "rep_mark_lead", "lead": 1, "status": "contacted"}
    again = await ada.ask(RepAffirm(), "yes", intent="rep_affirm", repeat=True)
    assert done.text == again.text == "Done: lead 1 (Dana Fischer) is contacted, and it is yours."
    async with context.database.read() as uow:
        found = list(await uow.session.scalars(select(AuditEvent).where(AuditEvent.action == "lead.status")))
    assert [(one.data, one.actor.startswith("user:")) for one in found] == [
        ({"before": "new", "after": "contacted"}, True)
    ]


async def test_a_no_changes_nothing_and_a_late_yes_confirms_nothing(ada: Rep) -> None:
    await ada.ask(RepMarkLead(), "mark lead 1 closed")
    assert "nothing is changed" in (await ada.ask(RepDeny(), "no")).text
    assert "nothing to confirm" in (await ada.ask(RepAffirm(), "yes")).text


async def test_a_lead_is_taken_by_the_first(ada: Rep, context: ActionsContext) -> None:
    ben = await rep(context, "Ben Kuhn")
    await ada.ask(RepTakeLead(), "lead 1 is mine")
    await ben.ask(RepTakeLead(), "assign lead 1 to me")
    assert "is yours" in (await ada.ask(RepAffirm(), "yes")).text
    assert "Ada Roth" in (await ben.ask(RepAffirm(), "yes")).text
    assert "Ada Roth's" in (await ben.ask(RepLeads(), "show lead 1")).text
    boss = await rep(context, "Bastien Kuhn", "manager")
    assert "Ada Roth" in (await boss.ask(RepLeads(), "show lead 1")).text


async def test_a_lead_is_found_by_its_customers_name(ada: Rep) -> None:
    assert "Mark lead 1" in (await ada.ask(RepMarkLead(), "mark dana's lead as qualified")).text


async def test_a_note_is_read_back_and_kept(ada: Rep, context: ActionsContext) -> None:
    asked = await ada.ask(RepNote(), "note for Dana: wants the quote by Friday")
    assert "“wants the quote by Friday”. Keep it?" in asked.text
    await ada.ask(RepAffirm(), "yes")
    said = await ada.ask(RepContact(), "who is dana@example.com", entities=EMAIL)
    assert "Note by Ada Roth, just now: wants the quote by Friday" in said.text
    assert "What shall I note" in (await ada.ask(RepNote(), "note for dana")).text


@pytest.mark.parametrize(
    ("text", "head", "note"),
    [
        ("note for Dana: wants the quote by Friday", "note for Dana", "wants the quote by Friday"),
        ("please note that Tomas wants two", "please note", "Tomas wants two"),
        ("note riquer - budget is 1200, not more", "note riquer", "budget is 1200, not more"),
        ("add a note to Hélène saying she'll decide", "add a note to Hélène", "she'll decide"),
        ("note for lead 17 he is comparing us", "note for lead 17 he is comparing us", "he is comparing us"),
        ("add a note", "add a note", ""),
    ],
)
def test_a_note_is_told_from_whom_it_is_about(text: str, head: str, note: str) -> None:
    assert parts(text) == (head, note)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("recommend a laptop for dana fischer under 300", ("dana", "fischer")),
        ("what did Jonas order", ("jonas",)),
        ("dana's orders", ("dana",)),
        ("Who is Anna-Lena Weiß?", ("anna-lena", "weiß")),
        ("pull up Annelies", ("pull",)),
    ],
)
def test_the_likeliest_name_comes_first(text: str, first: tuple[str, ...]) -> None:
    assert next(guesses(text)) == first


def test_every_word_that_may_be_a_name_is_tried() -> None:
    assert ("annelies",) in list(guesses("pull up Annelies"))
    assert list(guesses("what did she order")) == []


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("mark lead 17 contacted", "contacted"),
        ("i called lead 23, mark it", "contacted"),
        ("lead 9 is done", "closed"),
        ("reopen lead 12", "new"),
        ("lead 33 was spam, shut it", "closed"),
        ("we had a good talk, number 16 is qualified now", "qualified"),
        ("mark led 17 contatced", "contacted"),
        ("lead 4 qualifed", "qualified"),
        ("mark lead 5", None),
        ("mark lead 5 of mr collins", None),
    ],
)
def test_the_status_is_read_from_the_words(text: str, status: str | None) -> None:
    assert status_in(text) == status


async def test_the_pipeline_and_the_queue_are_told(ada: Rep, context: ActionsContext) -> None:
    assert "Your open deals: 0" in (await ada.ask(RepPipeline(), "pipeline")).text
    boss = await rep(context, "Bastien Kuhn", "manager")
    assert "Won this month: 1" in (await boss.ask(RepPipeline(), "pipeline")).text
    assert "Nobody is waiting" in (await ada.ask(RepWaiting(), "who is waiting")).text
    async with context.database.write() as uow:
        talk = await conversations.start(uow, channel="web")
        await inbox.request_handoff(uow, talk, version=1, reason="asked", summary="")
        await uow.commit()
    assert "Waiting for a person: 1" in (await ada.ask(RepWaiting(), "who is waiting")).text


async def test_recommendations_keep_to_the_budget_and_leave_out_what_was_bought(
    ada: Rep, context: ActionsContext
) -> None:
    for nth in range(1, 5):
        await lead_of(context, "Jonas Albrecht", f"m-{nth}1", nth)
    async with context.database.read() as uow:
        dana = (await people.named(uow, ["dana"]))[0]
        lead = await rep_leads.of_contact(uow, dana.id, asker=(await users.all_active(uow))[0])
    await context.refresh()
    said = await ada.ask(RepRecommend(), "recommend something for Dana under 900")
    assert said.text.startswith("My suggestions for Dana Fischer up to €900:")
    assert said.cards
    assert all(float(card["price"]) <= 900 and card["choices"] == [] for card in said.cards)
    assert (await ada.ask(RepRecommend(), f"an idea for lead {lead[0].number}")).cards


async def test_a_rep_who_is_not_understood_is_told_what_reps_can_ask(ada: Rep, chat: Chat) -> None:
    assert "leads, notes" in (await ada.ask(Fallback(), "blorb")).text
    assert "leads, notes" not in (await chat.do(Fallback(), "blorb")).text
    assert "mark lead 17 contacted" in (await ada.ask(RepHelp(), "help", intent="rep_help")).text


@pytest.mark.parametrize("action", [RepLeads, RepTakeLead, RepMarkLead, Fallback])
@pytest.mark.parametrize("text", ["lead 1", "show me lead 1", "whose is lead #1?", "what does lead 1 need"])
async def test_a_lead_that_is_only_looked_at_is_shown_however_it_was_read(
    ada: Rep, action: Callable[[], ShopAction], text: str
) -> None:
    said = await ada.ask(action(), text, intent="nlu_fallback")
    assert "Lead 1: Dana Fischer, new" in said.text
    assert "Take it" in said.titles
    assert not ada.slots.get("offer")


@pytest.mark.parametrize("text", ["lead 1 to me please", "i want lead 1", "can i have lead 1", "own lead 1"])
async def test_who_wants_a_lead_is_asked_back(ada: Rep, text: str) -> None:
    assert "Take lead 1 (Dana Fischer)?" in (await ada.ask(RepTakeLead(), text)).text


async def test_leads_are_listed_from_the_day_that_was_named(ada: Rep) -> None:
    monday = [{"entity": "time", "value": "2020-01-06", "start": 16, "end": 22}]
    said = await ada.ask(RepLeads(), "new leads since monday", entities=monday)
    assert said.text.startswith("New leads since Monday, 6 January: 1")
    assert "New leads" in (await ada.ask(RepLeads(), "new leads this week")).text
    ahead = [{"entity": "time", "value": "2999-01-06", "start": 0, "end": 6}]
    assert (await ada.ask(RepLeads(), "friday leads", entities=ahead)).text.startswith("New leads: 1")


def test_a_lead_is_offered_what_its_needs_name_and_nothing_by_a_sentence_that_says_nothing(
    vocabulary: Vocabulary,
) -> None:
    turn = Turn("", "", text="recommend something for lead 1")
    nothing = wanted_by(turn, None, NOTHING_SAID, vocabulary)
    assert (nothing.text, nothing.category) == ("", None)
    needs = "They asked: “call me about a notebook and a bag”."
    laptop = wanted_by(turn, None, needs, vocabulary)
    assert (laptop.text, laptop.category) == (needs, "laptops")
