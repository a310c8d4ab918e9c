"""A conversation is taken along to another channel by proof: once, in time, and whole."""

import asyncio
from datetime import timedelta

import pytest

from connectors.errors import MovedAway
from connectors.messages import InboundMessage
from crm.services import carts, catalogue, contacts, identities, inbox
from tests.integration.connectors.stack import Stack, until
from tests.integration.crm.conftest import record

SOON = timedelta(minutes=10)


async def redeem(web: Stack, code: str, who: str = "77", delivery: str = "u1") -> str:
    return await web.gateway.move_here(code, channel="telegram", external_id=who, delivery_id=delivery)


async def test_the_conversation_goes_on_there_and_no_longer_here(web: Stack) -> None:
    chat = await web.chat()
    await chat.say("hello")
    async with web.socket(chat) as socket:
        await socket.next("ready")
        code = await web.gateway.link_code(chat.id, to="telegram", valid_for=SOON)
        assert len(code) <= 64
        assert await redeem(web, code) == chat.id
        with pytest.raises(Exception, match="4401"):
            await socket.next("never")
    found = await web.gateway.correspondent("telegram", "77")
    assert found.conversation_id == chat.id
    refused = await chat.post(text="am I still here?")
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "conversation_moved")
    path = f"/api/conversations/{chat.id}/messages"
    assert (await web.http.get(path, headers=chat.headers)).status_code == 404
    assert (await chat.end()).status_code == 404
    with pytest.raises(MovedAway):
        await web.gateway.history(chat.id, after=0, channel="web")


async def test_a_code_works_once_and_the_same_delivery_again_is_the_same_use(web: Stack) -> None:
    chat = await web.chat()
    code = await web.gateway.link_code(chat.id, to="telegram", valid_for=SOON)
    other = await web.gateway.link_code(chat.id, to="telegram", valid_for=SOON)
    assert await redeem(web, code, delivery="u1") == chat.id
    assert await redeem(web, code, delivery="u1") == chat.id
    assert await redeem(web, code, "88", delivery="u2") == "used"
    assert await redeem(web, other, "88", delivery="u3") == "used"


async def test_of_many_who_show_a_code_at_once_one_has_it(web: Stack) -> None:
    chat = await web.chat()
    code = await web.gateway.link_code(chat.id, to="telegram", valid_for=SOON)
    tries = (redeem(web, code, str(number), delivery=f"u{number}") for number in range(8))
    results = await asyncio.gather(*tries)
    assert sorted(results, key=len, reverse=True) == [chat.id, *["used"] * 7]


async def test_a_late_an_unknown_and_a_foreign_code_move_nothing(web: Stack) -> None:
    chat = await web.chat()
    late = await web.gateway.link_code(chat.id, to="telegram", valid_for=timedelta(seconds=-1))
    assert await redeem(web, late) == "late"
    assert await redeem(web, "nonsense") == "unknown"
    elsewhere = await web.gateway.link_code(chat.id, to="pigeon", valid_for=SOON)
    assert await redeem(web, elsewhere) == "unknown"
    await chat.say("still here")


async def test_a_code_of_an_ended_chat_is_late(web: Stack) -> None:
    chat = await web.chat()
    code = await web.gateway.link_code(chat.id, to="telegram", valid_for=SOON)
    await chat.end()
    assert await redeem(web, code) == "late"


async def test_the_contact_comes_along_and_two_contacts_stay_two(web: Stack) -> None:
    chat, later = await web.chat(), await web.chat()
    person = {"name": "Ann", "email": "ann@example.com", "phone": None}
    first = await web.do(contacts.of_conversation, chat.id, **person)
    second = await web.do(contacts.of_conversation, later.id, **person)
    await redeem(web, await web.gateway.link_code(chat.id, to="telegram", valid_for=SOON))
    fresh = await web.do(contacts.of_conversation, chat.id, **person)
    assert fresh == first
    code = await web.gateway.link_code(later.id, to="telegram", valid_for=SOON)
    await redeem(web, code, delivery="u2")
    assert (await web.row(later.id)).contact_id == second
    assert (await web.gateway.correspondent("telegram", "77")).conversation_id == later.id
    async with web.database.write() as uow:
        identity = await identities.known(uow, "telegram", "77")
        begun = await identities.begin(uow, "telegram", identity)
        await uow.commit()
    assert (await web.row(begun)).contact_id == first


async def test_what_was_in_the_accounts_own_cart_comes_along(web: Stack) -> None:
    products = [record(f"LAP-000{number}", "999.00", 5) for number in (1, 2, 3)]
    await web.do(catalogue.import_products, products)
    own = (await web.gateway.correspondent("telegram", "77")).conversation_id
    chat = await web.chat()
    for conversation, sku, quantity in (
        (own, "LAP-0001", 1), (own, "LAP-0002", 3), (chat.id, "LAP-0002", 1), (chat.id, "LAP-0003", 1),
    ):  # fmt: skip
        await web.do(carts.add, conversation, sku, quantity)
    code = await web.gateway.link_code(chat.id, to="telegram", valid_for=SOON)
    for _ in range(2):
        assert await redeem(web, code) == chat.id
    async with web.database.read() as uow:
        moved, left = await carts.view(uow, chat.id), await carts.view(uow, own)
    assert {line.sku: line.quantity for line in moved.lines} == {"LAP-0001": 1, "LAP-0002": 3, "LAP-0003": 1}
    assert left.lines == ()


async def test_an_answer_under_way_at_the_move_follows_the_customer(web: Stack) -> None:
    chat = await web.chat()
    web.bot.gate = asyncio.Event()
    asking = asyncio.create_task(chat.post(text="think hard"))

    async def thinking() -> bool:
        return web.bot.busy == 1

    await until(thinking)
    await redeem(web, await web.gateway.link_code(chat.id, to="telegram", valid_for=SOON))
    web.bot.gate.set()
    await asking
    out = [(row.channel, row.state) for row in await web.rows(chat.id) if row.direction == "out"]
    assert out == [("telegram", "ready")]


async def test_an_agents_reply_goes_where_the_customer_is(web: Stack) -> None:
    chat = await web.chat()
    await chat.say("hello")
    await redeem(web, await web.gateway.link_code(chat.id, to="telegram", valid_for=SOON))
    agent = await web.agent()
    await web.do(inbox.claim, chat.id, agent)
    said = InboundMessage(channel="telegram", conversation_id=chat.id, delivery_id="u9", text="hi there")
    receipt = await web.gateway.receive(said)
    assert receipt.status == "human"
    await web.do(inbox.reply, chat.id, agent, "Hello!")
    rows = await web.rows(chat.id)
    assert {row.channel for row in rows if row.author in ("agent", "system")} == {"telegram"}
