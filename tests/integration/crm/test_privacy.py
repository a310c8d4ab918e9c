"""What is stored is told, given as a copy, and erased from within the conversation; orders keep their amounts."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import inspect, select

from crm.database import Database
from crm.errors import NotFound, StillNeeded
from crm.model import Base, Contact, Conversation, Message
from crm.model.base import new_id
from crm.services import (
    contacts,
    conversations,
    feedback,
    leads,
    newsletter,
    once,
    orders,
    privacy,
    refunds,
    tickets,
)
from tests.integration.crm.conftest import conversation, fill, order

DANA = "dana@example.com"


async def say(database: Database, talk: str, text: str) -> str:
    async with database.write() as uow:
        accepted = await conversations.accept(
            uow, conversation_id=talk, channel="web", delivery_id=new_id(), text=text, holder="test",
            hold_for=timedelta(minutes=1),
        )  # fmt: skip
        await uow.commit()
    return accepted.message_id


async def told_everything(database: Database, talk: str) -> str:
    """A customer who left a name, complained, praised, subscribed; answers the message that is being answered."""
    await say(database, talk, "I am Dana Fischer")
    message = await say(database, talk, "delete my data, says Dana")
    async with database.write() as uow:
        await leads.capture(
            uow, conversation_id=talk, name="Dana Fischer", email=DANA, phone=None, needs="Dana wants a cable",
            consent="ok", cause="m-0",
        )  # fmt: skip
        await tickets.open_ticket(
            uow, conversation_id=talk, about="Dana is cross", topic="product", cause="m-1"
        )
        await feedback.keep(uow, conversation_id=talk, kind="praise", text="Dana is glad", cause="m-2")
        await newsletter.request(uow, conversation_id=talk, email=DANA, consent="ok")
        await once.remember(uow, message, "earlier", {"text": "Dear Dana"})
        await uow.commit()
    return message


async def naming(database: Database, name: str) -> list[str]:
    """Rows of any table in which the name stands."""
    async with database.read() as uow:
        rows: list[str] = []
        for mapper in Base.registry.mappers:
            found = await uow.session.scalars(select(inspect(mapper.class_)))
            rows += [str({k: v for k, v in vars(row).items() if k[0] != "_"}) for row in found]
        return [row for row in rows if name in row.lower()]


async def test_what_is_stored_is_counted_and_named(shop: Database, talk: str) -> None:
    async with shop.read() as uow:
        assert (await privacy.overview(uow, talk)).details == ()
    await told_everything(shop, talk)
    await fill(shop, talk, "CAB-0001")
    placed = await order(shop, talk)
    async with shop.read() as uow:
        stored = await privacy.overview(uow, talk)
    assert stored.details == ("name", "e-mail address", "delivery address")
    assert (stored.messages, stored.orders, stored.leads, stored.tickets) == (2, (placed.number,), 1, 1)


async def test_erasing_leaves_nothing_of_the_person_and_the_chat_goes_on(shop: Database, talk: str) -> None:
    message = await told_everything(shop, talk)
    assert len(await naming(shop, "dana")) >= 8
    async with shop.write() as uow:
        erased = await privacy.erase(uow, talk, now_answering=message)
        await uow.commit()
    assert (erased.orders, erased.contact) == (0, True)
    assert await naming(shop, "dana") == []
    async with shop.read() as uow:
        assert await conversations.unforgotten(uow) == (talk,)
        left = (await uow.session.scalars(select(Message))).one()
        assert (left.id, left.text, left.state) == (message, "", "pending")
        again = await privacy.overview(uow, talk)
        assert (again.messages, again.details) == (1, ())
    async with shop.write() as uow:
        await conversations.mark_forgotten(uow, talk)
        assert await conversations.unforgotten(uow) == ()
        await conversations.end_and_clear(uow, talk)
        assert await conversations.unforgotten(uow) == (talk,), (
            "what was said since is the bot's to forget too"
        )


@pytest.mark.parametrize("proof", [True, False])
async def test_an_order_of_another_chat_is_erased_only_with_its_address(shop: Database, proof: bool) -> None:
    elsewhere, here = await conversation(shop), await conversation(shop)
    await fill(shop, elsewhere, "CAB-0001", 2)
    placed = await order(shop, elsewhere)
    async with shop.write() as uow:
        await orders.cancel(uow, placed.number)
        await uow.commit()
    message = await say(shop, here, "forget me")
    async with shop.write() as uow:
        mine = await orders.proven(uow, placed.number, DANA if proof else "eve@example.com")
        contact = mine.contact_id if mine else None
        erased = await privacy.erase(uow, here, now_answering=message, contact_id=contact)
        await uow.commit()
    async with shop.read() as uow:
        kept = await orders.get(uow, placed.number)
        assert (kept.total, kept.lines) == (placed.total, placed.lines)
        assert (kept.name, kept.email, kept.address) == (
            ("", "", "") if proof else (placed.name, placed.email, placed.address)
        )
        other = await uow.session.get(Conversation, elsewhere)
        assert other is not None
        assert (other.ended_at is not None) == proof
    assert (erased.orders, erased.contact) == ((1, True) if proof else (0, False))


async def test_nothing_is_erased_while_money_is_owed(shop: Database, talk: str) -> None:
    message = await say(shop, talk, "I am Dana")
    await fill(shop, talk, "CAB-0001")
    placed = await order(shop, talk)
    async with shop.write() as uow:
        await orders.mark_paid(uow, placed.number)
        await orders.cancel(uow, placed.number)
        with pytest.raises(StillNeeded):
            await privacy.erase(uow, talk, now_answering=message)
        await refunds.mark_sent(uow, placed.number)
        copy = await privacy.export(uow, talk)
        assert copy["orders"][0]["refunds"][0]["amount"] == "14.89"
        assert (await privacy.erase(uow, talk, now_answering=message)).orders == 1


async def test_nothing_is_erased_while_an_order_is_under_way(shop: Database, talk: str) -> None:
    message = await say(shop, talk, "I am Dana")
    await fill(shop, talk, "CAB-0001")
    placed = await order(shop, talk)
    async with shop.write() as uow:
        with pytest.raises(StillNeeded) as refused:
            await privacy.erase(uow, talk, now_answering=message)
    assert refused.value.orders == (placed.number,)
    assert await naming(shop, "i am dana")


async def test_a_copy_holds_what_was_said_and_ordered_and_nobody_elses(shop: Database, talk: str) -> None:
    stranger = await conversation(shop)
    await say(shop, stranger, "I am Eve")
    await told_everything(shop, talk)
    await fill(shop, talk, "CAB-0001")
    placed = await order(shop, talk)
    async with shop.read() as uow:
        copy = await privacy.export(uow, talk)
    text = json.dumps(copy)
    assert json.loads(text) == copy
    assert [message["text"] for message in copy["messages"]] == [
        "I am Dana Fischer",
        "delete my data, says Dana",
    ]
    assert [one["number"] for one in copy["orders"]] == [placed.number]
    assert copy["orders"][0]["total"] == str(placed.total)
    assert copy["contact"][0]["email"] == DANA
    assert copy["newsletter"][0]["consent"] == "ok"
    assert "eve" not in text.lower()


async def test_a_copy_with_an_order_of_another_chat_needs_its_address(shop: Database) -> None:
    elsewhere, here = await conversation(shop), await conversation(shop)
    await fill(shop, elsewhere, "CAB-0001")
    placed = await order(shop, elsewhere)
    async with shop.read() as uow:
        assert await orders.proven(uow, placed.number, "eve@example.com") is None
        assert (await privacy.export(uow, here))["orders"] == []
        mine = await orders.proven(uow, placed.number, DANA)
        assert mine is not None
        copy = await privacy.export(uow, here, contact_id=mine.contact_id)
        assert [one["number"] for one in copy["orders"]] == [placed.number]


async def test_a_chat_that_was_ended_has_nothing_to_tell(shop: Database, talk: str) -> None:
    async with shop.write() as uow:
        await conversations.end_and_clear(uow, talk)
        for asked in (privacy.overview(uow, talk), privacy.export(uow, talk)):
            with pytest.raises(NotFound):
                await asked


async def test_erasing_twice_is_erasing_once(shop: Database, talk: str) -> None:
    message = await told_everything(shop, talk)
    async with shop.write() as uow:
        await privacy.erase(uow, talk, now_answering=message)
        assert not (await privacy.erase(uow, talk, now_answering=message)).contact
        contact = (await uow.session.scalars(select(Contact))).one()
        await contacts.erase(uow, contact.id, here=talk)
        await uow.commit()
    assert await naming(shop, "dana") == []
