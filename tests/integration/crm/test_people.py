"""Leads, erasing, users, and doing things once."""

import asyncio

import pytest
from sqlalchemy import inspect, select
from sqlalchemy.exc import IntegrityError

from crm.database import Database
from crm.errors import InvalidInput, NotFound
from crm.model import (
    Activity,
    AuditEvent,
    Base,
    Consent,
    Contact,
    Conversation,
    Deal,
    DealStageChange,
    Lead,
    Message,
    Order,
    OrderLine,
    Processed,
)
from crm.services import contacts, leads, once, orders, users
from crm.views import LeadView
from tests.integration.crm.conftest import fill, order, table_count

CONSENT = "Plover Lane may use these details to contact me about this request."


async def capture(
    database: Database,
    talk: str,
    *,
    email: str | None = "dana@example.com",
    phone: str | None = None,
    cause: str = "c-1",
    consent: str = CONSENT,
) -> LeadView:
    async with database.write() as uow:
        lead = await leads.capture(
            uow, conversation_id=talk, name="Dana", email=email, phone=phone, needs="a light laptop",
            consent=consent, cause=cause,
        )  # fmt: skip
        await uow.commit()
    return lead


async def test_a_lead_keeps_the_person_the_needs_and_the_consent(shop: Database, talk: str) -> None:
    lead = await capture(shop, talk, phone="03 53 01 20 14")
    assert (lead.name, lead.email, lead.phone) == ("Dana", "dana@example.com", "+33353012014")
    assert lead.needs == "a light laptop"
    async with shop.read() as uow:
        consent = (await uow.session.scalars(select(Consent))).one()
        assert (consent.text, consent.given_at) == (CONSENT, lead.created_at)
        assert (await uow.session.scalars(select(Deal.stage))).all() == ["prospecting"]


async def test_the_same_cause_captures_one_lead(shop: Database, talk: str) -> None:
    captured = await asyncio.gather(*(capture(shop, talk) for _ in range(4)))
    assert len({lead.id for lead in captured}) == 1
    async with shop.read() as uow:
        for table in (Lead, Consent, Contact, Deal):
            assert await table_count(uow, table) == 1


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("email", {"email": None}),
        ("email", {"email": "dana"}),
        ("phone", {"phone": "1"}),
        ("consent", {"consent": " "}),
    ],
)
async def test_a_lead_that_cannot_be_contacted_is_refused(
    shop: Database, talk: str, field: str, given: dict[str, str | None]
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await capture(shop, talk, **given)  # type: ignore[arg-type]  # the parameters above fit
    assert refused.value.field == field
    async with shop.read() as uow:
        assert await table_count(uow, Contact) == 0


async def test_an_order_wins_the_deal_that_the_lead_began(shop: Database, talk: str) -> None:
    await capture(shop, talk)
    await fill(shop, talk, "CAB-0001")
    await order(shop, talk)
    async with shop.read() as uow:
        assert (await uow.session.scalars(select(Deal.stage))).all() == ["won"]
        steps = (await uow.session.scalars(select(DealStageChange.after).order_by(DealStageChange.id))).all()
        assert steps == ["prospecting", "won"]


async def test_erasing_forgets_the_person_and_keeps_the_books(shop: Database, talk: str) -> None:
    await capture(shop, talk)
    await fill(shop, talk, "CAB-0001", 2)
    placed = await order(shop, talk)
    async with shop.write() as uow:
        message = Message(
            conversation_id=talk,
            seq=1,
            channel="web",
            direction="in",
            author="customer",
            state="answered",
            text="I am Dana",
        )
        uow.session.add(message)
        await uow.session.flush()
        await once.remember(uow, message.id, "checkout", {"text": "Thank you, Dana"})
        contact = await contacts.of_conversation(uow, talk, name="x", email=None, phone=None)
        await contacts.erase(uow, contact)
        await contacts.erase(uow, contact)
        await uow.commit()
    async with shop.read() as uow:
        kept = await orders.get(uow, placed.number)
        assert (kept.lines, kept.total, kept.vat_included) == (
            placed.lines,
            placed.total,
            placed.vat_included,
        )
        assert (kept.name, kept.email, kept.address) == ("", "", "")
        ended = (await uow.session.scalars(select(Conversation))).one()
        assert ended.ended_at is not None, "so that the gateway has the bot forget it"
        assert (ended.contact_id, ended.identity_id) == (None, None)
        gone: list[type[Base]] = [Message, Consent, Processed, Activity]
        kept_rows: list[type[Base]] = [Contact, Lead, Order, OrderLine, Deal]
        assert [await table_count(uow, table) for table in gone] == [0, 0, 0, 0]
        assert [await table_count(uow, table) for table in kept_rows] == [1, 1, 1, 1, 1]
        rows = [
            str({key: value for key, value in vars(row).items() if key[0] != "_"})
            for table in [*kept_rows, AuditEvent]
            for row in await uow.session.scalars(select(inspect(table)))
        ]
        assert not [row for row in rows if "dana" in row.lower() or "pluvier" in row.lower()]


async def test_erasing_nobody_is_not_found(shop: Database) -> None:
    async with shop.write() as uow:
        with pytest.raises(NotFound, match="contact"):
            await contacts.erase(uow, "nobody")


async def test_what_was_remembered_is_recalled_for_its_message_and_action_only(database: Database) -> None:
    async with database.write() as uow:
        await once.remember(uow, "m-1", "checkout", {"order": "PL-1", "cards": [1, 2]})
        await uow.commit()
    async with database.read() as uow:
        assert await once.recall(uow, "m-1", "checkout") == {"order": "PL-1", "cards": [1, 2]}
        assert await once.recall(uow, "m-1", "cart") is None
        assert await once.recall(uow, "m-2", "checkout") is None


async def test_remembering_twice_is_refused(database: Database) -> None:
    async with database.write() as uow:
        await once.remember(uow, "m-1", "checkout", {})
        await uow.commit()
    with pytest.raises(IntegrityError):
        async with database.write() as uow:
            await once.remember(uow, "m-1", "checkout", {})


async def test_a_user_is_ensured_once_and_found_by_email_in_any_case(database: Database) -> None:
    async with database.write() as uow:
        first = await users.ensure(uow, email="Idris@Example.com", name="Idris", role="agent")
        again = await users.ensure(uow, email="idris@example.com", name="Other", role="rep")
        assert again == first
        assert await users.by_email(uow, "IDRIS@example.com") == first
        assert await users.by_email(uow, "nobody@example.com") is None
        assert await users.all_active(uow) == [first]
        with pytest.raises(InvalidInput, match="role"):
            await users.ensure(uow, email="a@example.com", name="A", role="boss")  # type: ignore[arg-type]
