"""Appointments, at times that the shop has and that nobody else took."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from actions.book_appointment import (
    AskAppointmentConsent,
    AskAppointmentTime,
    BookAppointment,
    StartAppointment,
    ValidateAppointmentForm,
)
from actions.shared import Affirm, Deny
from crm.sales_views import AppointmentView
from crm.selling import SellingRules
from crm.services import appointments, conversations
from parley.bootstrap import ActionsContext
from tests.unit.actions.conftest import Chat, recommending
from tests.unit.actions.selling import PARIS, RULES, choice, shop_with


@pytest.fixture
async def context(context: ActionsContext) -> ActionsContext:
    await recommending(context)
    shop_with(context, RULES)
    return context


async def appointment_of(context: ActionsContext, chat: Chat) -> AppointmentView | None:
    async with context.database.read() as uow:
        return await appointments.of_conversation(uow, chat.id)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 12, day, hour, minute, tzinfo=PARIS).astimezone(UTC)


async def booked_by(
    context: ActionsContext, chat: Chat, start: datetime, cause: str = "b"
) -> AppointmentView:
    async with context.database.write() as uow:
        made = await appointments.book(
            uow, chat.id, start, name="Dana", email="dana@example.com", phone=None, topic="", consent="Yes?",
            cause=cause,
        )  # fmt: skip
        await uow.commit()
    return made


async def test_a_free_time_is_taken_as_said(chat: Chat) -> None:
    said = await chat.do(StartAppointment(), "can I come by next tuesday at 3?", intent="book_appointment")
    assert said.loop == "appointment_form"
    assert said.slots["appointment_time"] == at(1, 15).isoformat()
    assert said.messages == []


async def test_a_day_gives_its_times_and_an_hour_then_means_that_day(chat: Chat) -> None:
    said = await chat.do(
        StartAppointment(), "an appointment on friday the 4th afternoon", intent="book_appointment"
    )
    assert "On Friday, 4 December these times are free" in said.text
    assert said.titles[0] == "Fri 4 Dec, 12:00"
    quiet = await chat.do(AskAppointmentTime(), "an appointment on friday the 4th afternoon", repeat=True)
    assert quiet.messages == []
    chat.slots["requested_slot"] = "appointment_time"
    answered = await chat.do(ValidateAppointmentForm(), "at half past three")
    assert answered.slots["appointment_time"] == at(4, 15, 30).isoformat()


async def test_a_pressed_time_is_taken(chat: Chat) -> None:
    chat.loop = "appointment_form"
    chat.slots["requested_slot"] = "appointment_time"
    said = await chat.do(
        ValidateAppointmentForm(),
        "/book_appointment",
        intent="book_appointment",
        entities=choice("2026-12-04 10:30"),
    )
    assert said.slots["appointment_time"] == at(4, 10, 30).isoformat()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("on sunday at 3", "On Sunday, 29 November we're closed"),
        ("on tuesday at 20:00", "I can't offer 20:00"),
        ("tuesday at 10:10", "I can't offer 10:10"),
        ("at 3", "On which day"),
        ("24.11.2026 at 10", "that day is over"),
    ],
)
async def test_a_time_that_isnt_offered_brings_those_near_it(chat: Chat, text: str, told: str) -> None:
    said = await chat.do(StartAppointment(), f"an appointment {text}", intent="book_appointment")
    assert told in said.text
    assert said.titles
    assert said.slots["appointment_time"] is None


async def test_a_taken_time_brings_those_near_it(chat: Chat, context: ActionsContext) -> None:
    async with context.database.write() as uow:
        other = Chat(await conversations.start(uow, channel="web"), context)
        await uow.commit()
    await booked_by(context, other, at(1, 15))
    said = await chat.do(StartAppointment(), "tuesday at 15:00", intent="book_appointment")
    assert "15:00 isn't free" in said.text
    assert "Tue 1 Dec, 14:30" in said.titles
    assert "Tue 1 Dec, 15:00" not in said.titles


async def test_booked_only_with_a_yes_to_storing_the_details(chat: Chat, context: ActionsContext) -> None:
    chat.slots |= {
        "appointment_time": at(1, 15).isoformat(), "contact_name": "Dana Fischer",
        "contact_phone": "+33353012014", "appointment_reach": "phone", "focus": "LAP-0003",
    }  # fmt: skip
    asked = await chat.do(AskAppointmentConsent(), "+33 3 53 01 20 14")
    assert "Tuesday, 1 December at 15:00, for Dana Fischer, +33 3 53 01 20 14" in asked.text
    chat.slots["appointment_consent"] = False
    refused = await chat.do(BookAppointment(), "no")
    assert "nothing is booked" in refused.text
    assert await appointment_of(context, chat) is None
    chat.slots |= {
        "appointment_time": at(1, 15).isoformat(), "contact_name": "Dana Fischer",
        "contact_phone": "+33353012014", "appointment_consent": True,
    }  # fmt: skip
    said = await chat.do(BookAppointment(), "yes")
    assert "Booked, Dana: Tuesday, 1 December at 15:00" in said.text
    booked = await appointment_of(context, chat)
    assert booked is not None
    assert booked.topic.endswith("Talked about last: Okaru Hana 13.")


async def test_who_comes_second_is_told_and_offered_the_next_times(
    chat: Chat, context: ActionsContext
) -> None:
    async with context.database.write() as uow:
        other = Chat(await conversations.start(uow, channel="web"), context)
        await uow.commit()
    await booked_by(context, other, at(1, 15))
    chat.slots |= {
        "appointment_time": at(1, 15).isoformat(), "contact_name": "Tom", "contact_email": "tom@example.com",
        "appointment_consent": True,
    }  # fmt: skip
    said = await chat.do(BookAppointment(), "yes")
    assert "somebody has just taken that time" in said.text
    assert said.titles[0] == "Tue 1 Dec, 15:30"
    assert said.loop == "appointment_form"
    assert await appointment_of(context, chat) is None


async def test_an_appointment_is_told_moved_and_cancelled_after_a_yes(
    chat: Chat, context: ActionsContext
) -> None:
    await booked_by(context, chat, at(1, 15))
    told = await chat.do(StartAppointment(), "when's my appointment?", intent="book_appointment")
    assert "Tuesday, 1 December at 15:00" in told.text
    moving = await chat.do(
        StartAppointment(), "move it to thursday next week at 10", intent="book_appointment"
    )
    assert moving.slots["appointment_time"] == at(3, 10).isoformat()
    moved = await chat.do(BookAppointment(), "move it to thursday next week at 10")
    assert "on Thursday, 3 December at 10:00 now" in moved.text
    sure = await chat.do(StartAppointment(), "I have to cancel my appointment", intent="book_appointment")
    assert "Shall I cancel your appointment on Thursday, 3 December" in sure.text
    assert await appointment_of(context, chat) is not None
    kept = await chat.do(Deny(), "no", intent="deny")
    assert "stays as it is" in kept.text
    await chat.do(StartAppointment(), "cancel my appointment", intent="book_appointment")
    gone = await chat.do(Affirm(), "yes", intent="affirm")
    assert "is cancelled" in gone.text
    assert await appointment_of(context, chat) is None
    again = await chat.do(StartAppointment(), "/book_appointment", entities=choice("cancel"))
    assert "no appointment any more" in again.text


async def test_a_shop_without_hours_gives_no_appointments(chat: Chat, context: ActionsContext) -> None:
    shop_with(context, SellingRules())
    said = await chat.do(StartAppointment(), "book a demo", intent="book_appointment")
    assert said.titles == ["Call me back", "Talk to a person"]
    assert said.loop == "unchanged"
