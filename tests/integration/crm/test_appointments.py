"""Appointments: within hours, with consent, and never two customers on one seat."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from crm.database import Database
from crm.errors import InvalidInput, NotFound, SlotTaken
from crm.model import Activity, Appointment, Consent, Contact
from crm.policy import ShopPolicy
from crm.sales_views import AppointmentView
from crm.selling import AppointmentRules, Opening, SellingRules
from crm.services import appointments, contacts
from tests.integration.crm.conftest import conversation, table_count

PARIS = ZoneInfo("Europe/Paris")
OPENING = Opening(
    week=(*(((time(9), time(12)), (time(14), time(16, 10))),) * 5, (), ()),
    closed=frozenset({date(2026, 12, 25)}),
    zone=PARIS,
)
CONSENT = "May we store your details for this appointment?"


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 12, day, hour, minute, tzinfo=PARIS).astimezone(UTC)


@pytest.fixture
async def shop(database_url: str) -> AsyncIterator[Database]:
    """It is Monday, 30 November 2026, 8:00 in Paris; one customer at a time."""
    rules = SellingRules(opening=OPENING, appointments=AppointmentRules(minutes=30, side_by_side=1))
    now = datetime(2026, 11, 30, 7, 0, tzinfo=UTC)
    opened = Database.connect(database_url, policy=ShopPolicy(selling=rules), clock=lambda: now)
    yield opened
    await opened.close()


@pytest.fixture
async def talk(shop: Database) -> str:
    return await conversation(shop)


async def book(
    shop: Database,
    talk: str,
    start: datetime,
    cause: str = "b-1",
    *,
    name: str = "Dana Fischer",
    email: str | None = "dana@example.com",
) -> AppointmentView:
    async with shop.write() as uow:
        booked = await appointments.book(
            uow, talk, start, name=name, email=email, phone=None, topic="a demo of a camera", consent=CONSENT,
            cause=cause,
        )  # fmt: skip
        await uow.commit()
    return booked


async def test_a_booking_keeps_the_person_the_topic_and_the_consent(shop: Database, talk: str) -> None:
    booked = await book(shop, talk, at(1, 9))
    assert (booked.starts_at, booked.ends_at) == (at(1, 9), at(1, 9, 30))
    assert (booked.name, booked.email, booked.topic) == (
        "Dana Fischer",
        "dana@example.com",
        "a demo of a camera",
    )
    async with shop.read() as uow:
        consent = (await uow.session.scalars(select(Consent))).one()
        assert (consent.purpose, consent.text) == ("appointment", CONSENT)
        assert await appointments.of_conversation(uow, talk) == booked
        assert await appointments.upcoming(uow) == [booked]


async def test_free_times_follow_the_opening_hours_in_the_shops_zone(shop: Database, talk: str) -> None:
    await book(shop, talk, at(1, 9, 30))
    async with shop.read() as uow:
        free = await appointments.free(uow, date(2026, 12, 1))
        assert [f"{start.astimezone(PARIS):%H:%M}" for start in free] == (
            ["09:00", "10:00", "10:30", "11:00", "11:30", "14:00", "14:30", "15:00", "15:30"]
        )
        assert await appointments.free(uow, date(2026, 12, 25)) == []
        assert await appointments.free(uow, date(2026, 12, 5)) == []
        # Today it is eight, and two hours' notice are needed.
        today = await appointments.free(uow, date(2026, 11, 30))
        assert f"{today[0].astimezone(PARIS):%H:%M}" == "10:00"
        found = await appointments.next_free(uow, at(4, 15, 30), limit=2)
        assert found == [at(4, 15, 30), at(7, 9)], "the weekend is skipped"


async def test_the_clock_change_moves_no_appointment() -> None:
    before, after = (
        next(OPENING.starts(day, timedelta(minutes=30))) for day in (date(2027, 3, 26), date(2027, 3, 29))
    )
    assert (before.hour, after.hour) == (8, 7), "nine in the morning, in winter and in summer time"


@pytest.mark.parametrize(
    "start",
    [
        at(1, 8, 30),  # before opening
        at(1, 12),  # in the break
        at(1, 9, 10),  # between two slots
        at(1, 16),  # wouldn't end within hours
        at(5, 10),  # a Saturday
        at(25, 10),  # closed that day
        datetime(2026, 11, 30, 9, 0, tzinfo=PARIS).astimezone(UTC),  # too soon
        datetime(2026, 11, 27, 9, 0, tzinfo=PARIS).astimezone(UTC),  # over
        datetime(2027, 2, 26, 9, 0, tzinfo=PARIS).astimezone(UTC),  # too far ahead
    ],
)
async def test_an_impossible_time_is_refused(shop: Database, talk: str, start: datetime) -> None:
    with pytest.raises(InvalidInput) as refused:
        await book(shop, talk, start)
    assert refused.value.field == "starts_at"
    async with shop.read() as uow:
        assert await table_count(uow, Contact) == 0


@pytest.mark.parametrize(
    ("field", "name", "email"),
    [("email", "Dana", None), ("email", "Dana", "dana"), ("name", "?", "dana@example.com")],
)
async def test_details_that_reach_nobody_are_refused(
    shop: Database, talk: str, field: str, name: str, email: str | None
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await book(shop, talk, at(1, 9), name=name, email=email)
    assert refused.value.field == field


async def test_of_two_at_once_for_the_last_seat_one_gets_it(shop: Database) -> None:
    talks = [await conversation(shop) for _ in range(4)]
    tried = await asyncio.gather(
        *(book(shop, talk, at(1, 9), cause=talk) for talk in talks), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in tried) == ["AppointmentView", *["SlotTaken"] * 3]
    async with shop.read() as uow:
        assert [await table_count(uow, table) for table in (Appointment, Contact, Consent)] == [1, 1, 1]


async def test_as_many_are_booked_side_by_side_as_the_shop_has_people(database_url: str) -> None:
    rules = SellingRules(opening=OPENING, appointments=AppointmentRules(side_by_side=3))
    now = datetime(2026, 11, 30, 7, 0, tzinfo=UTC)
    shop = Database.connect(database_url, policy=ShopPolicy(selling=rules), clock=lambda: now)
    talks = [await conversation(shop) for _ in range(5)]
    tried = await asyncio.gather(
        *(book(shop, talk, at(1, 9), cause=talk) for talk in talks), return_exceptions=True
    )
    assert sum(isinstance(one, AppointmentView) for one in tried) == 3
    async with shop.read() as uow:
        seats = await uow.session.scalars(select(Appointment.seat).order_by(Appointment.seat))
        assert seats.all() == [1, 2, 3]
    await shop.close()


async def test_the_same_message_books_once(shop: Database, talk: str) -> None:
    booked = await asyncio.gather(*(book(shop, talk, at(1, 9)) for _ in range(3)))
    assert len({one.id for one in booked}) == 1


async def test_a_moved_appointment_frees_its_old_time_and_respects_others(shop: Database, talk: str) -> None:
    other = await conversation(shop)
    mine, theirs = await book(shop, talk, at(1, 9)), await book(shop, other, at(1, 10), cause="b-2")
    async with shop.write() as uow:
        with pytest.raises(SlotTaken):
            await appointments.move(uow, talk, mine.id, at(1, 10))
        with pytest.raises(NotFound):
            await appointments.move(uow, talk, theirs.id, at(1, 11))
        moved = await appointments.move(uow, talk, mine.id, at(2, 11))
        await uow.commit()
    assert (moved.id, moved.starts_at, moved.ends_at) == (mine.id, at(2, 11), at(2, 11, 30))
    async with shop.read() as uow:
        assert at(1, 9) in await appointments.free(uow, date(2026, 12, 1))
        kinds = await uow.session.scalars(select(Activity.kind).where(Activity.conversation_id == talk))
        assert set(kinds) == {"appointment.booked", "appointment.moved"}


async def test_two_who_move_to_one_seat_at_once_dont_share_it(shop: Database) -> None:
    talks = [await conversation(shop) for _ in range(2)]
    booked = [await book(shop, talk, at(1, 9 + n), cause=talk) for n, talk in enumerate(talks)]

    async def move(talk: str, appointment: AppointmentView) -> AppointmentView:
        async with shop.write() as uow:
            moved = await appointments.move(uow, talk, appointment.id, at(2, 11))
            await uow.commit()
        return moved

    tried = await asyncio.gather(*map(move, talks, booked), return_exceptions=True)
    assert sorted(type(one).__name__ for one in tried) == ["AppointmentView", "SlotTaken"]


async def test_a_cancelled_time_is_free_again_and_cancelled_once(shop: Database, talk: str) -> None:
    booked = await book(shop, talk, at(1, 9))
    other = await conversation(shop)
    async with shop.write() as uow:
        with pytest.raises(NotFound):
            await appointments.cancel(uow, other, booked.id)
        assert (await appointments.cancel(uow, talk, booked.id)).status == "cancelled"
        with pytest.raises(NotFound):
            await appointments.cancel(uow, talk, booked.id)
        await uow.commit()
    async with shop.read() as uow:
        assert await appointments.of_conversation(uow, talk) is None
    assert (await book(shop, other, at(1, 9), cause="b-2")).status == "booked"


async def test_erasing_a_person_frees_their_times_and_forgets_what_it_was_about(
    shop: Database, talk: str
) -> None:
    await book(shop, talk, at(1, 9))
    async with shop.write() as uow:
        await contacts.erase(uow, (await uow.session.scalars(select(Contact.id))).one())
        await uow.commit()
    async with shop.read() as uow:
        row = (await uow.session.scalars(select(Appointment))).one()
        assert (row.name, row.email, row.phone, row.topic, row.status) == (None, None, None, "", "cancelled")
