"""Each thing that staff should know is told once and its card is kept true, on both databases."""

from decimal import Decimal

from sqlalchemy import update

from crm.database import Database
from crm.model import Conversation
from crm.services import alerts, inbox, live_threads
from crm.services.alerts import AlertRules
from tests.integration.crm.conftest import conversation, fill
from tests.integration.crm.test_reps import hire, lead

HOLD = 30.0
RULES = AlertRules(cart_from=Decimal(1000))


async def find(database: Database) -> int:
    async with database.write() as uow:
        found = await alerts.sought(uow, RULES)
        await alerts.add(uow, found)
        await alerts.add(uow, found)
        await uow.commit()
    return len(found)


async def due(database: Database) -> tuple[alerts.AlertView, ...]:
    async with database.write() as uow:
        found = await alerts.due(uow, hold_seconds=HOLD)
        await uow.commit()
    return found


async def queue(database: Database, talk: str) -> None:
    async with database.write() as uow:
        row = await uow.session.get(Conversation, talk)
        assert row is not None
        await inbox.request_handoff(uow, talk, version=row.version, reason="asked", summary="wants help")
        await uow.commit()


async def test_leads_carts_moods_and_hand_overs_are_each_told_once(shop: Database, talk: str) -> None:
    await lead(shop)
    await fill(shop, talk, "LAP-0001", 1)
    waits, cross = await conversation(shop), await conversation(shop)
    await queue(shop, waits)
    async with shop.write() as uow:
        await uow.session.execute(update(Conversation).where(Conversation.id == cross).values(mood=-0.5))
        await uow.commit()
    assert await find(shop) == 4
    assert await find(shop) == 0
    assert sorted(one.kind for one in await due(shop)) == ["cart", "handoff", "lead", "mood"]
    assert await due(shop) == ()


async def test_what_is_ordinary_is_no_alert(shop: Database, talk: str) -> None:
    await fill(shop, talk, "CAB-0001", 3)
    await conversation(shop)
    assert await find(shop) == 0


async def test_a_card_is_outdated_as_soon_as_somebody_claims(database: Database) -> None:
    talk = await conversation(database)
    await queue(database, talk)
    await find(database)
    (alert,) = await due(database)
    assert alert.state_now == "queued:"
    rep = await hire(database, "Ada Roth")
    async with database.write() as uow:
        await alerts.posted(uow, alert.id, place="C1", thread="1.1", shown=alert.state_now)
        assert await alerts.outdated(uow) == ()
        await inbox.claim(uow, talk, rep.id)
        await uow.commit()
    async with database.write() as uow:
        (outdated,) = await alerts.outdated(uow)
        assert outdated.state_now == f"human:{rep.id}"
        await alerts.showed(uow, alert.id, outdated.state_now)
        assert await alerts.outdated(uow) == ()
        latest = await alerts.latest(uow, talk)
        assert latest is not None
        assert (latest.place, latest.thread) == ("C1", "1.1")


async def test_a_second_hand_over_of_a_conversation_is_an_alert_of_its_own(database: Database) -> None:
    talk = await conversation(database)
    rep = await hire(database, "Ada Roth")
    await queue(database, talk)
    assert await find(database) == 1
    async with database.write() as uow:
        await inbox.claim(uow, talk, rep.id)
        await inbox.return_to_bot(uow, talk, rep.id)
        await uow.commit()
    await queue(database, talk)
    assert await find(database) == 1


async def test_a_card_that_could_not_be_posted_is_tried_again_later(database: Database) -> None:
    talk = await conversation(database)
    await queue(database, talk)
    await find(database)
    (alert,) = await due(database)
    async with database.write() as uow:
        await alerts.postpone(uow, alert.id, seconds=-1)
        await uow.commit()
    (again,) = await due(database)
    assert again.attempts == 2
    async with database.write() as uow:
        await alerts.postpone(uow, alert.id, seconds=-1, give_up=True)
        await uow.commit()
    assert await due(database) == ()


async def test_a_conversation_has_one_thread_and_it_shows_what_people_need(database: Database) -> None:
    talk = await conversation(database)
    rep = await hire(database, "Ada Roth")
    async with database.write() as uow:
        await inbox.claim(uow, talk, rep.id)
        assert await live_threads.open_(uow, talk, channel="slack", place="C1", thread="1.1")
        assert not await live_threads.open_(uow, talk, channel="slack", place="C1", thread="2.2")
        await inbox.reply(uow, talk, rep.id, "Hello")
        await uow.commit()
    async with database.write() as uow:
        (thread,) = await live_threads.behind(uow, "slack", hold_seconds=HOLD)
        assert await live_threads.behind(uow, "slack", hold_seconds=HOLD) == ()
        shown = await live_threads.owed(uow, talk, after=thread.mirrored_seq)
        assert [(one.author, one.text) for one in shown] == [("agent", "Hello")]
        await live_threads.mirrored(uow, talk, shown[-1].seq)
        await live_threads.mirrored(uow, talk, 1)
        await live_threads.showed(uow, talk, thread.state_now)
        await live_threads.release(uow, talk, seconds=-1)
        assert await live_threads.behind(uow, "slack", hold_seconds=HOLD) == ()
        at = await live_threads.at(uow, channel="slack", place="C1", thread="1.1")
        assert at is not None
        assert at.conversation_id == talk
        assert await live_threads.at(uow, channel="slack", place="C2", thread="1.1") is None
        await uow.commit()
