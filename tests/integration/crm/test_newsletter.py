"""The newsletter goes only to mailboxes that confirmed it, and nobody's inbox can be filled by a stranger."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from crm.database import Database
from crm.errors import InvalidInput, NotFound
from crm.model import Subscription
from crm.services import newsletter

WORDS = "Yes, send me the newsletter."


async def rows(database: Database) -> list[Subscription]:
    async with database.read() as uow:
        return list(await uow.session.scalars(select(Subscription)))


async def ask(database: Database, talk: str, email: str = "Dana@Example.com") -> None:
    async with database.write() as uow:
        await newsletter.request(uow, conversation_id=talk, email=email, consent=WORDS)
        await uow.commit()


async def test_a_wish_keeps_words_and_time_and_waits_for_the_mailbox(shop: Database, talk: str) -> None:
    await ask(shop, talk)
    (row,) = await rows(shop)
    assert (row.consent, row.confirmed_at, row.mailed_at) == (WORDS, None, None)
    assert abs(row.requested_at - datetime.now(UTC)) < timedelta(minutes=1)
    async with shop.write() as uow:
        (waiting,) = await newsletter.unmailed(uow)
        await newsletter.mark_mailed(uow, waiting.id)
        assert await newsletter.unmailed(uow) == ()
        await newsletter.confirm(uow, waiting.id)
        await newsletter.confirm(uow, waiting.id)
        await uow.commit()
    (row,) = await rows(shop)
    assert row.confirmed_at is not None


async def test_asking_again_at_once_sends_no_second_letter(shop: Database, talk: str) -> None:
    await ask(shop, talk)
    async with shop.write() as uow:
        await newsletter.mark_mailed(uow, (await newsletter.unmailed(uow))[0].id)
        await uow.commit()
    await ask(shop, talk, "dana@EXAMPLE.com")
    async with shop.read() as uow:
        assert await newsletter.unmailed(uow) == ()
    assert len(await rows(shop)) == 1


async def test_a_confirmed_mailbox_is_left_alone_until_it_ends(shop: Database, talk: str) -> None:
    await ask(shop, talk)
    (row,) = await rows(shop)
    async with shop.write() as uow:
        await newsletter.confirm(uow, row.id)
        await newsletter.mark_mailed(uow, row.id)
        await uow.commit()
    await ask(shop, talk)
    async with shop.write() as uow:
        assert await newsletter.unmailed(uow) == ()
        await newsletter.end(uow, email="dana@example.com", conversation_id=talk)
        await newsletter.end(uow, email="nobody@example.com")
        with pytest.raises(NotFound):
            await newsletter.confirm(uow, row.id)
        await uow.commit()
    await ask(shop, talk)
    async with shop.write() as uow:
        assert await newsletter.unmailed(uow) == (), "a letter left a moment ago, and its link is good again"
        await newsletter.confirm(uow, row.id)
        await newsletter.end(uow, email="dana@example.com")
        ended = await uow.session.get(Subscription, row.id)
        assert ended is not None
        ended.mailed_at = uow.now() - newsletter.PAUSE
        await uow.commit()
    await ask(shop, talk)
    async with shop.read() as uow:
        assert [one.email for one in await newsletter.unmailed(uow)] == ["Dana@example.com"]


async def test_what_is_no_address_is_refused(shop: Database, talk: str) -> None:
    with pytest.raises(InvalidInput):
        await ask(shop, talk, "dana@")
    async with shop.write() as uow:
        with pytest.raises(NotFound):
            await newsletter.confirm(uow, "nothing")
    assert await rows(shop) == []


async def test_addresses_that_nobody_confirmed_are_forgotten(shop: Database, talk: str) -> None:
    await ask(shop, talk)
    async with shop.write() as uow:
        (row,) = await uow.session.scalars(select(Subscription))
        row.requested_at = uow.now() - newsletter.UNCONFIRMED_FOR - timedelta(minutes=1)
        await uow.session.flush()
        await newsletter.drop_unconfirmed(uow)
        await uow.commit()
    assert await rows(shop) == []
