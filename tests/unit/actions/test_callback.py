"""Call-backs: contact details, consent, and a lead that says what it is about."""

from __future__ import annotations

from sqlalchemy import select

from actions.callback import AskCallbackConsent, SaveCallback, StartCallback, ValidateCallbackForm
from actions.cart import AddToCart
from actions.human import RequestHuman
from actions.shared import Inform
from actions.support.need import Need
from crm.model.conversation import Message
from crm.model.sales import Lead
from crm.services import quotes
from crm.services.quotes import Wanted
from tests.unit.actions.conftest import Chat

READY = {"contact_name": "Karin Holm", "contact_phone": "+493023125014", "callback_reach": "phone"}


async def leads(chat: Chat) -> list[Lead]:
    async with chat.context.database.read() as uow:
        return list(await uow.session.scalars(select(Lead)))


async def test_a_yes_keeps_a_lead_with_the_needs_so_far(chat: Chat) -> None:
    await chat.do(AddToCart(), "add it", entities=[{"entity": "product", "value": "LAP-0003"}])
    chat.slots.update(
        READY
        | {"callback_consent": True, "need": Need(category="laptops", words=("for video editing",)).as_slot()}
    )
    said = await chat.do(SaveCallback(), "yes", intent="affirm")
    lead = (await leads(chat))[0]
    assert "+49 30 23125014" in said.text
    assert "video editing" in lead.needs
    assert "Okaru Hana 13" in lead.needs


async def test_the_lead_says_with_what_words_the_call_was_asked_for(chat: Chat) -> None:
    async with chat.context.database.write() as uow:
        row = {
            "conversation_id": chat.id,
            "channel": "web",
            "direction": "in",
            "author": "customer",
            "state": "done",
        }
        words = "call me about my broken camera"
        uow.session.add(Message(**row, seq=1, text=words, intent="callback"))
        uow.session.add(Message(**row, seq=2, text="Call me back", intent="callback", payload="/callback"))
        await uow.commit()
    chat.slots.update(READY | {"callback_consent": True})
    await chat.do(SaveCallback(), "yes", intent="affirm")
    assert (await leads(chat))[0].needs == "They asked: “call me about my broken camera”."


async def test_the_same_yes_keeps_one_lead(chat: Chat) -> None:
    chat.slots.update(READY | {"callback_consent": True})
    slots = dict(chat.slots)
    await chat.do(SaveCallback(), "yes", intent="affirm")
    chat.slots = slots
    await chat.do(SaveCallback(), "yes", intent="affirm", repeat=True)
    assert len(await leads(chat)) == 1


async def test_a_no_keeps_nothing(chat: Chat) -> None:
    chat.slots.update(READY | {"callback_consent": False})
    said = await chat.do(SaveCallback(), "no", intent="deny")
    assert await leads(chat) == []
    assert chat.slots["contact_phone"] is None
    assert "haven't" in said.text


async def test_without_an_answer_about_consent_nothing_is_kept(chat: Chat) -> None:
    chat.slots.update(READY | {"callback_consent": None})
    assert (await chat.do(SaveCallback(), "stop", intent="stop")).messages == []
    assert await leads(chat) == []


async def test_the_consent_question_shows_what_would_be_kept(chat: Chat) -> None:
    chat.slots.update(READY)
    text = (await chat.do(AskCallbackConsent(), "+49 30 23125014")).text
    assert "Karin Holm" in text
    assert "+49 30 23125014" in text


async def test_a_number_in_the_first_message_is_not_asked_again(chat: Chat) -> None:
    said = await chat.do(StartCallback(), "call me on +49 30 23125014", intent="callback")
    assert said.slots["callback_reach"] == "phone"


async def test_an_unclear_answer_about_consent_is_asked_again(chat: Chat) -> None:
    chat.loop = "callback_form"
    chat.slots["requested_slot"] = "callback_consent"
    said = await chat.do(ValidateCallbackForm(), "hmm maybe", intent="nlu_fallback")
    assert said.slots["callback_consent"] is None
    assert "yes or no" in said.text


async def test_a_person_is_asked_for_with_a_summary(chat: Chat) -> None:
    chat.loop = "checkout_form"
    chat.slots["need"] = Need(category="laptops", words=("a quiet one",)).as_slot()
    said = await chat.do(RequestHuman(), "a person please", intent="human")
    handoff = said.messages[0]["custom"]["handoff"]
    assert handoff["reason"] == "asked"
    assert "a quiet one" in handoff["summary"]
    assert "checking out" in handoff["summary"]
    assert said.loop is None


async def test_who_takes_over_reads_how_the_customer_called_themselves(chat: Chat) -> None:
    chat.slots.update(READY | {"contact_email": None})
    said = await chat.do(RequestHuman(), "a person please", intent="human")
    summary = said.messages[0]["custom"]["handoff"]["summary"]
    assert "In this chat they gave: Karin Holm, +49 30 23125014." in summary
    chat.slots.update(dict.fromkeys(READY) | {"contact_phone": False})
    again = await chat.do(RequestHuman(), "a person please", intent="human")
    assert "they gave" not in again.messages[0]["custom"]["handoff"]["summary"]


async def test_a_person_can_be_asked_for_before_anything_was_said(chat: Chat) -> None:
    said = await chat.do(RequestHuman(), "human", intent="human")
    assert said.messages[0]["custom"]["handoff"]["summary"]
    assert said.loop == "unchanged"


async def test_when_to_call_is_kept_with_the_lead(chat: Chat) -> None:
    chat.slots.update(READY)
    chat.loop, chat.slots["requested_slot"] = "callback_form", "callback_consent"
    morning = {"entity": "time", "value": "2026-12-01T09:00:00+01:00", "start": 0, "end": 16}
    noted = await chat.do(ValidateCallbackForm(), "tomorrow morning", entities=[morning])
    assert "Tomorrow morning" in noted.text
    assert "tomorrow morning" in (await chat.do(AskCallbackConsent(), "tomorrow morning")).text
    chat.slots["callback_consent"] = True
    await chat.do(SaveCallback(), "yes", intent="affirm")
    assert (await leads(chat))[0].needs.startswith("Would like to be called: tomorrow morning.")


async def test_a_number_given_wrong_is_corrected_with_a_new_consent(chat: Chat) -> None:
    chat.slots.update(READY | {"callback_consent": True})
    await chat.do(SaveCallback(), "yes", intent="affirm")
    number = {"entity": "phone", "value": "+493023125015", "start": 11, "end": 23}
    asked = await chat.do(Inform(), "wait, it's 030 23125015", entities=[number])
    assert asked.loop == "callback_form"
    assert asked.slots["contact_phone"] == "+493023125015"
    assert chat.slots["callback_consent"] is None
    chat.slots["callback_consent"] = True
    await chat.do(SaveCallback(), "yes", intent="affirm")
    assert "Corrects" in (await leads(chat))[1].needs


async def test_a_title_isnt_taken_for_a_first_name(chat: Chat) -> None:
    chat.slots.update(READY | {"contact_name": "Pastor Emil Haas", "callback_consent": True})
    assert "Thank you, Pastor Haas." in (await chat.do(SaveCallback(), "yes", intent="affirm")).text


async def test_who_takes_over_reads_of_the_quote(chat: Chat) -> None:
    async with chat.context.database.write() as uow:
        quote = await quotes.make(
            uow,
            chat.id,
            [Wanted("LAP-0003", 6)],
            name="Karin Holm",
            email="karin@example.com",
            company=None,
            cause="1",
        )
        await uow.commit()
    said = await chat.do(RequestHuman(), "a person please", intent="human")
    summary = said.messages[0]["custom"]["handoff"]["summary"]
    assert quote.number in summary
    assert "6 × Okaru Hana 13" in summary
