"""Replies leave on channels that must be called: in order, again after a failure, conversations apart."""

from collections import deque
from collections.abc import AsyncIterator

import pytest

from connectors.errors import Undeliverable
from connectors.messages import InboundMessage, Reply
from crm.services import identities, inbox
from crm.services.conversation_views import MessageView
from tests.integration.connectors.stack import Stack, stack, until


class Pigeon:
    """A channel that fails when a test says so."""

    name = "pigeon"
    reads_transcript = False

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.failures: dict[str, deque[Exception]] = {}

    async def deliver(self, message: MessageView) -> None:
        waiting = self.failures.get(message.conversation_id)
        if waiting:
            raise waiting.popleft()
        self.sent.append((message.conversation_id, message.text))

    def texts(self, conversation_id: str) -> list[str]:
        return [text for where, text in self.sent if where == conversation_id]


@pytest.fixture
def pigeon() -> Pigeon:
    return Pigeon()


@pytest.fixture
async def whole(database_url: str, pigeon: Pigeon) -> AsyncIterator[Stack]:
    async with stack(database_url, channels=(pigeon,)) as running:
        yield running


async def say(whole: Stack, who: str, text: str, *, number: int, reply: Reply | None = None) -> str:
    found = await whole.gateway.correspondent("pigeon", who)
    inbound = InboundMessage(
        channel="pigeon", conversation_id=found.conversation_id, delivery_id=f"{who}-{number}", text=text
    )
    await whole.gateway.receive(inbound, reply=reply)
    return found.conversation_id


async def got(pigeon: Pigeon, conversation_id: str, count: int) -> list[str]:
    async def enough() -> bool:
        return len(pigeon.texts(conversation_id)) >= count

    await until(enough)
    return pigeon.texts(conversation_id)


async def test_answers_reach_the_channel_in_order(whole: Stack, pigeon: Pigeon) -> None:
    for number in range(4):
        where = await say(whole, "ann", str(number), number=number)
    assert await got(pigeon, where, 4) == [f"You said: {number}" for number in range(4)]
    states = {row.state for row in await whole.rows(where) if row.direction == "out"}
    assert states <= {"delivered", "ready"}


async def test_a_failed_message_is_sent_again_and_only_its_conversation_waits(
    whole: Stack, pigeon: Pigeon
) -> None:
    ann = (await whole.gateway.correspondent("pigeon", "ann")).conversation_id
    pigeon.failures[ann] = deque(RuntimeError("not now") for _ in range(3))
    await say(whole, "ann", "one", number=1)
    await say(whole, "ann", "two", number=2)
    bob = await say(whole, "bob", "hello", number=1)
    await got(pigeon, bob, 1)
    assert await got(pigeon, ann, 2) == ["You said: one", "You said: two"]


async def test_what_can_never_be_delivered_is_marked_and_the_next_follows(
    whole: Stack, pigeon: Pigeon
) -> None:
    ann = (await whole.gateway.correspondent("pigeon", "ann")).conversation_id
    pigeon.failures[ann] = deque([Undeliverable("blocked")])
    await say(whole, "ann", "one", number=1)
    await say(whole, "ann", "two", number=2)
    assert await got(pigeon, ann, 1) == ["You said: two"]
    out = [(row.text, row.state) for row in await whole.rows(ann) if row.direction == "out"]
    assert out[0] == ("You said: one", "failed")


async def test_an_agents_words_written_elsewhere_are_delivered(whole: Stack, pigeon: Pigeon) -> None:
    where = await say(whole, "ann", "hello", number=1)
    await got(pigeon, where, 1)
    agent = await whole.agent("Dana Whitfield")
    await whole.do(inbox.claim, where, agent)
    await whole.do(inbox.reply, where, agent, "I'm a person.")
    told = await got(pigeon, where, 3)
    assert told[1:] == ["Dana is here now and will answer you.", "I'm a person."]


async def test_a_channels_own_answer_is_stored_once_and_left_out_while_people_answer(
    whole: Stack, pigeon: Pigeon
) -> None:
    kind = Reply(text="A nice sticker!")
    where = await say(whole, "ann", "[sticker]", number=1, reply=kind)
    await say(whole, "ann", "[sticker]", number=1, reply=kind)
    assert await got(pigeon, where, 1) == ["A nice sticker!"]
    assert whole.bot.turns == []
    agent = await whole.agent()
    await whole.do(inbox.claim, where, agent)
    await say(whole, "ann", "[sticker]", number=2, reply=kind)
    await got(pigeon, where, 2)
    rows = [(row.text, row.state) for row in await whole.rows(where)]
    assert ("[sticker]", "forwarded") in rows
    assert sum(text == "A nice sticker!" for text, _ in rows) == 1


async def test_one_account_has_one_conversation_until_it_ends(whole: Stack) -> None:
    first = await whole.gateway.correspondent("pigeon", "ann")
    assert first.new
    again = await whole.gateway.correspondent("pigeon", "ann")
    assert (again.conversation_id, again.new) == (first.conversation_id, False)
    other = await whole.gateway.correspondent("pigeon", "bob")
    assert other.conversation_id != first.conversation_id
    await whole.gateway.end(first.conversation_id)
    fresh = await whole.gateway.correspondent("pigeon", "ann")
    assert fresh.new
    assert fresh.identity_id == first.identity_id


async def test_who_blocked_us_and_writes_again_is_reached_again(whole: Stack) -> None:
    first = await whole.gateway.correspondent("pigeon", "ann")
    assert await whole.do(identities.mark_blocked, "pigeon", "ann")
    assert not await whole.do(identities.mark_blocked, "pigeon", "ann")
    async with whole.database.read() as uow:
        found = await identities.of_conversation(uow, first.conversation_id)
    assert found is not None
    assert found.blocked
    assert not (await whole.gateway.correspondent("pigeon", "ann")).blocked
    async with whole.database.read() as uow:
        found = await identities.of_conversation(uow, first.conversation_id)
    assert found is not None
    assert not found.blocked
