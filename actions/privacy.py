"""What is stored about a customer: told from the rows, given as a file, erased: with proof, and confirmed."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from rasa_sdk.events import ActiveLoop, AllSlotsReset

from actions.order_status import AskOrderEmail, AskOrderNumber, ValidateOrderStatusForm
from actions.support.base import ShopAction, WritingAction
from actions.support.form import clear_form
from actions.support.reply import Button, Reply, button, enter, leave, listed, say, set_slots
from actions.support.turn import Turn
from actions.support.use_cases import Form, Offer, Reading, UseCase, to
from crm.database import UnitOfWork
from crm.errors import CrmError, InvalidInput, StillNeeded, TooManyAttempts
from crm.links import EXPORT
from crm.services import orders, privacy
from crm.services.privacy import Stored
from parley.bootstrap import ActionsContext
from parley.errors import NotReady

FORM = "proof_form"
LINK_HOURS = 1
ERASE, COPY = "erase", "copy"


class TellPrivacy(ShopAction):
    """What is stored of this person and who sees it, counted now; and the FAQ's words to a special question."""

    action = "action_tell_privacy"
    ends_search = False

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        async with context.database.read() as uow:
            stored = await privacy.overview(uow, turn.conversation_id, contact_id=_proven(turn))
        hit = await asyncio.to_thread(context.faq.best, turn.words) if turn.words else None
        special = f"{hit.answer}\n" if hit and hit.id != "privacy" else ""
        return say(
            f"{special}{stored_text(stored)} {seen_text(stored)} Nothing is sold, and nothing leaves "
            f"{context.shop.name}'s own computers except what the courier needs to bring an order.",
            *to("export_data"),
            *to("delete_data"),
        )


def stored_text(stored: Stored) -> str:
    """ "Since 3 May I keep 12 messages of this chat, your name …" """
    kept = [f"{_messages(stored)} of this chat (since {stored.since:%-d %B %Y})"]
    if stored.details:
        kept.append(f"your {listed(stored.details)}")
    if stored.orders:
        kept.append(f"your order{'s' if len(stored.orders) > 1 else ''} {listed(stored.orders)}")
    if stored.leads:
        kept.append("your wish to be contacted")
    if stored.tickets:
        kept.append("your complaint")
    return f"About you we keep {listed(kept)}, and with each message whether it sounds content or annoyed."


def _messages(stored: Stored) -> str:
    return f"the {stored.messages} messages" if stored.messages != 1 else "the one message"


def seen_text(stored: Stored) -> str:
    """Who has seen it, by name where somebody has."""
    if stored.seen_by:
        return (
            f"{listed(stored.seen_by)} of our team took part in this chat; other colleagues can read it too."
        )
    return "Nobody has taken part in this chat but me; our team's colleagues can read it if you need help."


class StartErasing(ShopAction):
    """Says exactly what goes and what stays, and asks. Nothing is erased by this."""

    action = "action_start_erasing"

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        if turn.choice == "prove":
            return ask_proof(ERASE)
        if turn.choice == "confirm":
            return await Erase().answer(turn, context)
        return await ask_to_erase(turn, context, _proven(turn))


async def ask_to_erase(turn: Turn, context: ActionsContext, contact: str | None) -> Reply:
    """The question that only a yes answers, with all that a yes would do."""
    async with context.database.read() as uow:
        stored = await privacy.overview(uow, turn.conversation_id, contact_id=contact)
    goes = [f"{_messages(stored)} of this chat", "what I remember of it", "your cart"]
    goes += [f"your {listed(stored.details)}"] if stored.details else []
    stays = (
        f" Of your order{'s' if len(stored.orders) > 1 else ''} {listed(stored.orders)} only the goods and sums stay, "
        "without you, because bookkeeping law asks for them."
        if stored.orders
        else ""
    )
    other = () if contact else (button("I also ordered elsewhere", "delete_data", choice="prove"),)
    return say(
        f"I can delete {listed(goes)}, for good.{stays} Shall I?",
        button("Yes, delete it", "delete_data", choice="confirm"),
        button("No, keep it", "deny"),
        *other,
        *to("export_data"),
        events=(*(leave() if turn.loop else ()), *set_slots(offer={"kind": "erase"}, proven_contact=contact)),
    )


class Erase(WritingAction):
    """Erases, when and only when the last reply asked for it. The gateway has the bot forget its part."""

    action = "action_erase"

    async def write(self, turn: Turn, context: ActionsContext, uow: UnitOfWork) -> Reply:
        offer = turn.slot("offer")
        if not isinstance(offer, dict) or offer.get("kind") != "erase":
            return await ask_to_erase(turn, context, _proven(turn))
        erased = await privacy.erase(
            uow, turn.conversation_id, now_answering=turn.message_id, contact_id=_proven(turn)
        )
        kept = " Your orders' goods and sums stay in the books, without your name." if erased.orders else ""
        return say(
            f"It's done: what we wrote is deleted, and I remember nothing of it.{kept} "
            "You may go on from scratch here whenever you like.",
            events=(ActiveLoop(None), AllSlotsReset()),
        )

    async def explain(self, turn: Turn, context: ActionsContext, error: CrmError) -> Reply:
        if not isinstance(error, StillNeeded):
            raise error
        many = len(error.orders) > 1
        return say(
            f"I can't delete it yet: your order{'s' if many else ''} {listed(error.orders)} {'are' if many else 'is'} "
            "under way, with a parcel, a return or a refund that wouldn't arrive without your details. Once "
            f"{'they are' if many else 'it is'} settled or called off, ask me again.",
            *to("cancel_order"),
            button("Talk to a person", "human"),
        )


class ExportData(WritingAction):
    """A link to a JSON file of everything; it opens nothing else, and not for long. It is on record."""

    action = "action_export_data"
    ends_search = False

    async def write(self, turn: Turn, context: ActionsContext, uow: UnitOfWork) -> Reply:
        if turn.choice == "prove":
            return ask_proof(COPY)
        return await link_to_copy(turn, context, uow, _proven(turn))


async def link_to_copy(turn: Turn, context: ActionsContext, uow: UnitOfWork, contact: str | None) -> Reply:
    if context.links is None:
        raise NotReady("links aren't set up: ActionsContext.links")
    await privacy.note_export(uow, turn.conversation_id)
    claims = {"contact": contact} if contact else {}
    address = context.links.make(EXPORT, turn.conversation_id, valid=timedelta(hours=LINK_HOURS), **claims)
    other: tuple[Button, ...] = (
        () if contact else (button("I also ordered elsewhere", "export_data", choice="prove"),)
    )
    return say(
        "Here is everything that is stored about you, as a file (JSON): this chat, your details, orders, wishes and "
        f"consents.\n{address}\nThe link works for an hour. Whoever has it can open the file, so keep it to yourself.",
        *other,
        *to("delete_data"),
    )


def ask_proof(purpose: str) -> Reply:
    """Begin to ask for an order's number and address; only who knows both gets at what was said elsewhere."""
    return Reply(events=enter(FORM, order_number=None, order_email=None, proof_for=purpose))


class ValidateProofForm(ValidateOrderStatusForm):
    """Read like an order look-up."""

    form = FORM
    own_intent = "delete_data"


class AskProofNumber(AskOrderNumber):
    action = "action_ask_proof_form_order_number"
    text = (
        "To be sure that I delete or show nobody else's data: what's the number of an order of yours? "
        "It looks like PL-1234-5674."
    )


class AskProofEmail(AskOrderEmail):
    action = "action_ask_proof_form_order_email"


class CheckProof(WritingAction):
    """Goes on with what the proof was for. Wrong pairs are counted, as for looking up an order."""

    action = "action_check_proof"

    async def write(self, turn: Turn, context: ActionsContext, uow: UnitOfWork) -> Reply:
        number, email, purpose = turn.slot("order_number"), turn.slot("order_email"), turn.slot("proof_for")
        if not isinstance(number, str) or not isinstance(email, str):
            return Reply()
        found = await orders.track(
            uow, number, email, conversation_id=turn.conversation_id, client=turn.client
        )
        order = await orders.proven(uow, number, email) if found else None
        if order is None:
            return _unproven(purpose)
        cleared = clear_form("order_number", "order_email", "proof_for")
        if purpose == COPY:
            reply = await link_to_copy(turn, context, uow, order.contact_id)
            return reply.with_events(*cleared, *set_slots(proven_contact=order.contact_id))
        return (await ask_to_erase(turn, context, order.contact_id)).with_events(*cleared)

    async def explain(self, turn: Turn, context: ActionsContext, error: CrmError) -> Reply:
        if isinstance(error, InvalidInput):
            return _unproven(turn.slot("proof_for"))
        if isinstance(error, TooManyAttempts):
            return say(
                "That didn't match several times, so I have to pause this for a while to protect everybody's data. "
                "A colleague can help you right away.",
                button("Talk to a person", "human"),
                events=clear_form("order_number", "order_email", "proof_for"),
            )
        raise error


def _unproven(purpose: Any) -> Reply:
    """The same words whatever was wrong."""
    again = "export_data" if purpose == COPY else "delete_data"
    return say(
        "I can't find an order with that number and e-mail address, so I may touch nothing but this chat.",
        button("Try again", again, choice="prove"),
        button("Only this chat", again),
        button("Talk to a person", "human"),
        events=clear_form("order_number", "order_email", "proof_for"),
    )


def _proven(turn: Turn) -> str | None:
    contact = turn.slot("proven_contact")
    return contact if isinstance(contact, str) else None


KEPT = say("All right, everything stays as it is.")
USE_CASE = UseCase(
    readings={
        "privacy_info": Reading("What do you store about me?", TellPrivacy()),
        "delete_data": Reading("Delete my data", StartErasing()),
        "export_data": Reading("Get a copy of my data", ExportData()),
    },
    offers={"erase": Offer(Erase(), KEPT)},
    forms={
        FORM: Form(
            stopped="OK, nothing was deleted.",
            doing="proving which data is theirs",
            cleared=("order_number", "order_email", "proof_for"),
        )
    },
)
