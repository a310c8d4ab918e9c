"""Complaints and feedback: kept once, with the order only when it is proven, and emptied when forgotten."""

import pytest

from crm.database import Database
from crm.errors import InvalidInput, NotFound
from crm.services import contacts, feedback, inbox, leads, tickets
from crm.views import TicketView
from tests.integration.crm.conftest import fill, order


async def complain(
    database: Database, talk: str, *, about: str = "the cable broke", proof: tuple[str, str] | None = None
) -> TicketView:
    async with database.write() as uow:
        ticket = await tickets.open_ticket(
            uow, conversation_id=talk, about=about, topic="product", cause="m-1", order=proof
        )
        await uow.commit()
    return ticket


async def test_a_complaint_is_one_ticket_however_often_its_message_comes(shop: Database, talk: str) -> None:
    first, second = await complain(shop, talk), await complain(shop, talk)
    assert first == second
    assert (first.status, first.about, first.order) == ("open", "the cable broke", None)
    async with shop.read() as uow:
        assert [entry.kind for entry in await inbox.timeline(uow, talk)] == ["ticket.opened"]


@pytest.mark.parametrize(("email", "named"), [("DANA@example.com", True), ("eve@example.com", False)])
async def test_a_ticket_names_an_order_only_to_whom_it_belongs(
    shop: Database, talk: str, email: str, named: bool
) -> None:
    await fill(shop, talk, "CAB-0001")
    placed = await order(shop, talk)
    ticket = await complain(shop, talk, proof=(placed.number, email))
    assert ticket.order == (placed.number if named else None)


async def test_what_would_help_is_added_and_the_team_sees_what_waits(shop: Database, talk: str) -> None:
    ticket = await complain(shop, talk)
    async with shop.write() as uow:
        await tickets.add_to(uow, ticket.id, wish="a new cable")
        await tickets.add_to(uow, ticket.id, wish="soon")
        await uow.commit()
    async with shop.write() as uow:
        assert [one.wish for one in await tickets.waiting(uow)] == ["a new cable\nsoon"]
        await tickets.set_status(uow, ticket.id, "resolved")
        assert await tickets.waiting(uow) == ()
        assert [one.status for one in await tickets.of_conversation(uow, talk)] == ["resolved"]


async def test_an_empty_complaint_and_an_unknown_conversation_are_refused(shop: Database, talk: str) -> None:
    with pytest.raises(InvalidInput):
        await complain(shop, talk, about=" ")
    with pytest.raises(NotFound):
        await complain(shop, "nobody")
    async with shop.write() as uow:
        with pytest.raises(NotFound):
            await tickets.add_to(uow, "nothing", wish="x")


async def test_feedback_is_kept_once_and_counted(shop: Database, talk: str) -> None:
    async with shop.write() as uow:
        for _ in range(2):
            await feedback.keep(
                uow, conversation_id=talk, kind="price", text="too dear", cause="m-1", sku="CAB-0001"
            )
        await feedback.keep(uow, conversation_id=talk, kind="praise", text="lovely", cause="m-2", sku="NONE")
        await uow.commit()
    async with shop.read() as uow:
        assert await feedback.counts(uow) == {"praise": 1, "price": 1}
        assert [(one.text, one.sku) for one in await feedback.recent(uow, kind="price")] == [
            ("too dear", "CAB-0001")
        ]
        assert [one.sku for one in await feedback.recent(uow, kind="praise")] == [None]


async def test_a_rival_that_is_mentioned_stands_with_the_open_deal(shop: Database, talk: str) -> None:
    async with shop.write() as uow:
        await leads.capture(
            uow, conversation_id=talk, name="Dana", email="dana@example.com", phone=None, needs="",
            consent="ok", cause="m-0",
        )  # fmt: skip
        await feedback.keep(uow, conversation_id=talk, kind="competitor", text="cheaper there", cause="m-1")
        await uow.commit()
    async with shop.read() as uow:
        noted = [entry for entry in await inbox.timeline(uow, talk) if entry.kind == "feedback.competitor"]
        assert len(noted) == 1


async def test_forgetting_a_person_empties_their_words_and_keeps_the_counts(
    shop: Database, talk: str
) -> None:
    await fill(shop, talk, "CAB-0001")
    placed = await order(shop, talk)
    ticket = await complain(shop, talk, about="I, Dana, am cross", proof=(placed.number, "dana@example.com"))
    async with shop.write() as uow:
        await feedback.keep(uow, conversation_id=talk, kind="praise", text="Dana likes it", cause="m-2")
        contact = await contacts.of_conversation(uow, talk, name="x", email=None, phone=None)
        await contacts.erase(uow, contact)
        await uow.commit()
    async with shop.read() as uow:
        (emptied,) = await tickets.waiting(uow)
        assert (emptied.id, emptied.about, emptied.order, emptied.contact_name) == (ticket.id, "", None, None)
        assert await feedback.recent(uow) == ()
        assert await feedback.counts(uow) == {"praise": 1}
