"""What was shown, opened, put into the cart and bought is recorded once, and read by strategy."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select

from crm.database import Database
from crm.errors import CartChanged, InvalidInput
from crm.model import Conversation, Exposure
from crm.services import conversations, exposures
from crm.services.exposures import Shown, StrategyReport
from tests.integration.crm.conftest import conversation, fill, order, restock, table_count

SEARCHED = [Shown("LAP-0001", "search"), Shown("LAP-0002", "search")]


async def shown(database: Database, talk: str, what: list[Shown], cause: str = "m-1") -> None:
    async with database.write() as uow:
        await exposures.show(uow, talk, what, cause=cause)
        await uow.commit()


def at(database: Database, later: timedelta) -> Database:
    """The same database, seen by a process whose clock is ahead."""
    return Database(database._engines, clock=lambda: datetime.now(UTC) + later, policy=database.policy)


async def report(database: Database) -> dict[str, StrategyReport]:
    async with database.read() as uow:
        return {found.strategy: found for found in await exposures.report(uow)}


async def test_a_purchase_counts_for_the_strategy_that_showed_the_product(shop: Database, talk: str) -> None:
    await shown(shop, talk, SEARCHED)
    await shown(shop, talk, [Shown("CAB-0001", "goes_with")], "m-2")
    async with shop.write() as uow:
        assert await exposures.opened(uow, talk, "LAP-0001")
        assert await exposures.carted(uow, talk, "CAB-0001")
        assert await exposures.bought(uow, talk, ["CAB-0001", "LAP-0001"]) == 2
        await uow.commit()
    found = await report(shop)
    assert found["search"] == StrategyReport("search", shown=2, opened=1, carted=1, bought=1)
    assert found["goes_with"] == StrategyReport("goes_with", shown=1, opened=1, carted=1, bought=1)
    assert (found["search"].click_through, found["goes_with"].conversion) == (0.5, 1.0)


async def test_a_product_that_was_not_shown_counts_for_nothing(shop: Database, talk: str) -> None:
    await shown(shop, talk, SEARCHED)
    async with shop.write() as uow:
        assert not await exposures.opened(uow, talk, "CAB-0001")
        assert await exposures.bought(uow, talk, ["CAB-0001"]) == 0
        await uow.commit()
    assert (await report(shop))["search"].opened == 0


async def test_another_conversation_opens_only_its_own_showing(shop: Database, talk: str) -> None:
    await shown(shop, talk, SEARCHED)
    other = await conversation(shop)
    async with shop.write() as uow:
        assert not await exposures.opened(uow, other, "LAP-0001")


async def test_a_step_counts_for_the_last_showing_only(shop: Database, talk: str) -> None:
    await shown(shop, talk, SEARCHED)
    later = at(shop, timedelta(minutes=1))
    await shown(later, talk, [Shown("LAP-0001", "similar")], "m-2")
    async with shop.write() as uow:
        await exposures.carted(uow, talk, "LAP-0001")
        await uow.commit()
    found = await report(shop)
    assert (found["search"].carted, found["similar"].carted) == (0, 1)


async def test_a_showing_long_ago_is_not_rewarded(shop: Database, talk: str) -> None:
    await shown(shop, talk, SEARCHED)
    later = at(shop, timedelta(days=31))
    async with later.write() as uow:
        assert await exposures.bought(uow, talk, ["LAP-0001"]) == 0


async def test_a_repeated_message_shows_nothing_twice(shop: Database, talk: str) -> None:
    await shown(shop, talk, SEARCHED)
    await shown(shop, talk, SEARCHED)
    assert (await report(shop))["search"].shown == 2


async def test_an_unknown_strategy_is_refused_and_nothing_written(shop: Database, talk: str) -> None:
    async with shop.write() as uow:
        with pytest.raises(InvalidInput, match="goes_with"):
            await exposures.show(uow, talk, [*SEARCHED, Shown("CAB-0001", "luck")], cause="m-1")
        await uow.commit()
    assert await report(shop) == {}


async def test_the_first_click_keeps_its_time(shop: Database, talk: str) -> None:
    await shown(shop, talk, SEARCHED)
    times = []
    for minutes in (1, 2):
        async with at(shop, timedelta(minutes=minutes)).write() as uow:
            await exposures.opened(uow, talk, "LAP-0001")
            await uow.commit()
        async with shop.read() as uow:
            times.append(
                await uow.session.scalar(select(Exposure.opened_at).where(Exposure.sku == "LAP-0001"))
            )
    assert times[0] is not None
    assert times[0] == times[1]


async def test_what_was_opened_is_listed_the_latest_first(shop: Database, talk: str) -> None:
    await shown(shop, talk, SEARCHED)
    for minutes, sku in ((1, "LAP-0002"), (2, "LAP-0001")):
        async with at(shop, timedelta(minutes=minutes)).write() as uow:
            await exposures.opened(uow, talk, sku)
            await uow.commit()
    async with shop.read() as uow:
        assert await exposures.seen(uow, talk) == ["LAP-0001", "LAP-0002"]


async def test_a_deleted_conversation_leaves_its_counts_and_no_link(shop: Database, talk: str) -> None:
    await shown(shop, talk, SEARCHED)
    async with shop.write() as uow:
        await uow.session.execute(delete(Conversation).where(Conversation.id == talk))
        await uow.commit()
    async with shop.read() as uow:
        assert await table_count(uow, Exposure) == 2
        assert await exposures.seen(uow, talk) == []


async def test_a_forgotten_conversation_can_no_longer_be_credited(shop: Database, talk: str) -> None:
    await shown(shop, talk, SEARCHED)
    async with shop.write() as uow:
        await exposures.forget(uow, talk)
        assert not await exposures.opened(uow, talk, "LAP-0001")
        await uow.commit()
    assert (await report(shop))["search"].shown == 2


async def test_an_order_buys_what_was_shown_in_its_conversation(shop: Database, talk: str) -> None:
    await shown(shop, talk, SEARCHED)
    await fill(shop, talk, "LAP-0001")
    await fill(shop, talk, "CAB-0001")
    await order(shop, talk)
    assert await report(shop) == {"search": StrategyReport("search", shown=2, opened=1, carted=1, bought=1)}


async def test_an_order_that_fails_buys_nothing(shop: Database, talk: str) -> None:
    await shown(shop, talk, SEARCHED)
    await fill(shop, talk, "LAP-0001")
    await restock(shop, "LAP-0001", "1299.00", 5)
    with pytest.raises(CartChanged):
        await order(shop, talk)
    assert (await report(shop))["search"].bought == 0


async def test_a_chat_that_is_ended_and_cleared_leaves_counts_and_no_link(shop: Database, talk: str) -> None:
    await shown(shop, talk, SEARCHED)
    other = await conversation(shop)
    await shown(shop, other, SEARCHED, "m-2")
    async with shop.write() as uow:
        await conversations.end_and_clear(uow, talk)
        await uow.commit()
    async with shop.read() as uow:
        left = (await uow.session.scalars(select(Exposure.conversation_id))).all()
    assert sorted(left, key=str) == sorted([None, None, other, other], key=str)
    assert (await report(shop))["search"].shown == 4


async def test_a_report_covers_only_the_time_asked_for(shop: Database, talk: str) -> None:
    await shown(shop, talk, SEARCHED)
    now = datetime.now(UTC)
    async with shop.read() as uow:
        assert await exposures.report(uow, since=now + timedelta(hours=1)) == []
        assert await exposures.report(uow, until=now - timedelta(hours=1)) == []
        assert (
            len(await exposures.report(uow, since=now - timedelta(hours=1), until=now + timedelta(hours=1)))
            == 1
        )
