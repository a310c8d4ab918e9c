"""What reps may see and change, and that each change is audited, on both databases."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from crm.database import Database, UnitOfWork
from crm.errors import AlreadyClaimed, InvalidInput, NotAllowed, NotFound
from crm.model import AuditEvent, Conversation, Message
from crm.services import contacts, conversations, inbox, leads, live_threads, staff_chats, users
from crm.services.reps import access, notes, people, pipeline, purchases
from crm.services.reps import leads as rep_leads
from crm.services.users import Role, UserView
from tests.integration.crm.conftest import conversation, fill, order

NEEDS = "A light laptop for travel, up to €1,300."


async def hire(database: Database, name: str, role: Role = "rep") -> UserView:
    async with database.write() as uow:
        user = await users.ensure(
            uow, email=f"{name.split()[0].lower()}@plover.example.com", name=name, role=role
        )
        await uow.commit()
    return user


async def lead(database: Database, name: str = "Dana Fischer", cause: str = "m-1") -> str:
    talk = await conversation(database)
    async with database.write() as uow:
        made = await leads.capture(
            uow,
            conversation_id=talk,
            name=name,
            email=f"{name.split()[0].lower()}@example.com",
            phone=None,
            needs=NEEDS,
            consent="May we?",
            cause=cause,
        )
        await uow.commit()
    return made.id


async def audited(uow: UnitOfWork) -> list[tuple[str, str]]:
    rows = await uow.session.execute(select(AuditEvent.action, AuditEvent.actor).order_by(AuditEvent.id))
    return [(action, actor) for action, actor in rows]


async def test_leads_are_numbered_in_the_order_in_which_they_came(database: Database) -> None:
    await asyncio.gather(*(lead(database, cause=f"m-{number}") for number in range(5)))
    boss = await hire(database, "Bastien Kuhn", "manager")
    async with database.read() as uow:
        found = await rep_leads.new(uow, asker=boss)
    assert sorted(one.number for one in found) == [1, 2, 3, 4, 5]


async def test_the_first_to_take_a_lead_has_it_and_the_second_is_told_who(database: Database) -> None:
    lead_id = await lead(database)
    ada, ben = await hire(database, "Ada Roth"), await hire(database, "Ben Kuhn")
    async with database.write() as uow:
        taken = await rep_leads.take(uow, lead_id, asker=ada)
        await rep_leads.take(uow, lead_id, asker=ada)
        await uow.commit()
    assert taken.owner == "Ada Roth"
    async with database.write() as uow:
        with pytest.raises(AlreadyClaimed, match="Ada Roth"):
            await rep_leads.take(uow, lead_id, asker=ben)
        assert [row for row in await audited(uow) if row[0] == "lead.taken"] == [
            ("lead.taken", f"user:{ada.id}")
        ]


async def test_a_colleagues_lead_is_shown_to_managers_only(database: Database) -> None:
    lead_id = await lead(database)
    ada, ben = await hire(database, "Ada Roth"), await hire(database, "Ben Kuhn")
    boss = await hire(database, "Odile Plover", "admin")
    async with database.write() as uow:
        await rep_leads.take(uow, lead_id, asker=ada)
        await uow.commit()
    async with database.read() as uow:
        with pytest.raises(NotAllowed, match="Ada Roth's"):
            await rep_leads.get(uow, 1, asker=ben)
        assert (await rep_leads.get(uow, 1, asker=boss)).owner == "Ada Roth"
        assert await rep_leads.new(uow, asker=ben) == ()
        assert len(await rep_leads.new(uow, asker=ada)) == 1
        found = (await people.with_email(uow, "DANA@example.com"))[0]
        assert (await people.profile(uow, found.id, asker=ben)).hidden == 1
        assert (await people.profile(uow, found.id, asker=ada)).leads[0].number == 1


async def test_marking_a_lead_is_audited_once_and_makes_it_ones_own(database: Database) -> None:
    await lead(database)
    ada = await hire(database, "Ada Roth")
    async with database.write() as uow:
        marked = await rep_leads.mark(uow, 1, "contacted", asker=ada)
        again = await rep_leads.mark(uow, 1, "contacted", asker=ada)
        assert marked == again
        with pytest.raises(InvalidInput):
            await rep_leads.mark(uow, 1, "eaten", asker=ada)
        with pytest.raises(NotFound):
            await rep_leads.mark(uow, 99, "closed", asker=ada)
        await uow.commit()
    assert (marked.status, marked.owner_id) == ("contacted", ada.id)
    async with database.read() as uow:
        assert [row for row in await audited(uow) if row[0] == "lead.status"] == [
            ("lead.status", f"user:{ada.id}")
        ]


async def test_only_a_staff_conversation_of_somebody_who_sells_may_ask(database: Database) -> None:
    customer = await conversation(database)
    rep, agent = await hire(database, "Ada Roth"), await hire(database, "Margot E", "agent")
    async with database.write() as uow:
        forged = Conversation(channel="web", role="rep")
        uow.session.add(forged)
        mine = await staff_chats.conversation_of(uow, channel="slack", external_id="T1:U1", user_id=rep.id)
        same = await staff_chats.conversation_of(uow, channel="slack", external_id="T1:U1", user_id=rep.id)
        theirs = await staff_chats.conversation_of(
            uow, channel="slack", external_id="T1:U2", user_id=agent.id
        )
        await uow.commit()
    assert mine == same
    async with database.read() as uow:
        assert (await access.asker(uow, mine)).id == rep.id
        for other in (customer, forged.id, theirs, "nowhere"):
            with pytest.raises(NotAllowed):
                await access.asker(uow, other)


async def test_people_are_found_by_the_words_of_their_name(database: Database) -> None:
    await lead(database, "Dana Fischer", "m-1")
    await lead(database, "Anna-Dana Weiß", "m-2")
    await lead(database, "Jordana Pike", "m-3")
    async with database.read() as uow:
        assert {one.name for one in await people.named(uow, ["dana"])} == {"Dana Fischer", "Anna-Dana Weiß"}
        assert [one.name for one in await people.named(uow, ["DANA", "fisch"])] == ["Dana Fischer"]
        assert [one.name for one in await people.named(uow, ["weiss"])] == ["Anna-Dana Weiß"]
        assert await people.named(uow, ["%"]) == ()
        assert await people.named(uow, ["dxna"]) == ()
        assert await people.named(uow, []) == ()


@pytest.mark.parametrize("typed", ["elodie", "ÉLODIE", "Élodie", "elod"])
async def test_accents_and_case_do_not_keep_somebody_from_being_found(database: Database, typed: str) -> None:
    await lead(database, "Élodie Čapek", "m-1")
    async with database.read() as uow:
        assert [one.name for one in await people.named(uow, [typed, "capek"])] == ["Élodie Čapek"]


async def test_a_profile_sums_what_was_bought(shop: Database, talk: str) -> None:
    await fill(shop, talk, "CAB-0001", 2)
    placed = await order(shop, talk)
    rep = await hire(shop, "Ada Roth")
    async with shop.read() as uow:
        person = await people.of_order(uow, placed.number)
        profile = await people.profile(uow, person.id, asker=rep)
        bought = await purchases.of_contact(uow, person.id)
        assert await purchases.skus_of(uow, person.id) == ("CAB-0001",)
    assert (profile.orders, profile.spent) == (1, placed.total)
    assert [one.number for one in bought] == [placed.number]


async def test_notes_are_erased_with_the_person_they_are_about(database: Database) -> None:
    await lead(database)
    rep = await hire(database, "Ada Roth")
    async with database.write() as uow:
        person = (await people.named(uow, ["dana"]))[0]
        await notes.add(uow, person.id, "Wants the quote by Friday", asker=rep)
        await uow.commit()
    async with database.read() as uow:
        assert [(one.text, one.by) for one in await people.notes(uow, person.id)] == [
            ("Wants the quote by Friday", "Ada Roth")
        ]
    async with database.write() as uow:
        await contacts.erase(uow, person.id)
        await uow.commit()
    async with database.read() as uow:
        assert await people.notes(uow, person.id) == ()
        assert await people.named(uow, ["dana"]) == ()
        with pytest.raises(NotFound):
            await people.get(uow, person.id)


async def test_what_staff_asked_is_not_kept(database: Database) -> None:
    await lead(database)
    rep = await hire(database, "Ada Roth")

    async def conversation_of() -> str:
        async with database.write() as uow:
            found = await staff_chats.conversation_of(
                uow, channel="slack", external_id="T1:U1", user_id=rep.id
            )
            await uow.commit()
            return found

    first = await conversation_of()
    async with database.write() as uow:
        assert await staff_chats.clear(uow, before=uow.now() - timedelta(days=7)) == 0
        await inbox.note(uow, first, rep.id, "who is dana@example.com")
        assert await staff_chats.clear(uow, before=uow.now()) == 1
        await uow.commit()
    second = await conversation_of()
    assert first != second
    async with database.read() as uow:
        assert first in await conversations.unforgotten(uow)
        assert not list(await uow.session.scalars(select(Message).where(Message.conversation_id == first)))
    async with database.write() as uow:
        dana = (await people.named(uow, ["dana"]))[0]
        await contacts.erase(uow, dana.id)
        await uow.commit()
    assert await conversation_of() != second


async def test_a_rep_sees_their_own_deals_and_a_manager_all(shop: Database, talk: str) -> None:
    await lead(shop)
    await fill(shop, talk, "CAB-0001", 1)
    placed = await order(shop, talk)
    ada, boss = await hire(shop, "Ada Roth"), await hire(shop, "Bastien Kuhn", "manager")
    async with shop.write() as uow:
        await rep_leads.mark(uow, 1, "qualified", asker=ada)
        await uow.commit()
    async with shop.read() as uow:
        own, all_of_it = await pipeline.pipeline(uow, asker=ada), await pipeline.pipeline(uow, asker=boss)
    assert (own.everybody, own.stages[0].deals, own.won.deals) == (False, 1, 0)
    assert (all_of_it.everybody, all_of_it.won.deals, all_of_it.won.amount) == (True, 1, placed.total)
    assert all_of_it.unpriced == 1
    assert all_of_it.stages[0].expected == Decimal("0.00")


async def test_a_private_note_is_kept_once_and_the_customer_never_reads_it(database: Database) -> None:
    talk = await conversation(database)
    rep = await hire(database, "Ada Roth")
    for _ in range(2):
        async with database.write() as uow:
            await inbox.note(uow, talk, rep.id, "He sounds cross", delivery_id="slack:1")
            await uow.commit()
    async with database.read() as uow:
        assert await live_threads.last_said(uow, talk) == ()
        row = await uow.session.get(Conversation, talk)
        assert row is not None
        assert row.last_seq == 1


async def test_new_leads_can_be_limited_to_a_time(database: Database) -> None:
    await lead(database)
    rep = await hire(database, "Ada Roth")
    async with database.read() as uow:
        later = uow.now() + timedelta(hours=1)
        assert await rep_leads.count_new(uow, asker=rep) == 1
        assert await rep_leads.count_new(uow, asker=rep, since=later) == 0
        assert await rep_leads.new(uow, asker=rep, since=later) == ()
        assert await rep_leads.mine(uow, asker=rep) == ()
