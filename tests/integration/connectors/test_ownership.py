"""Bot, queue, human: who answers, and that the bot never talks over an agent."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm import mood
from crm.errors import AlreadyClaimed, OwnershipChanged
from crm.services import inbox
from tests.integration.connectors.stack import QUICK, Chat, Stack, stack, until

HANDOFF = [{"custom": {"handoff": {"reason": "asked", "summary": "wants a refund"}}}]


async def _queued(web: Stack, chat: Chat) -> dict[str, Any]:
    web.bot.script = lambda _: HANDOFF
    told = await chat.say("a human please")
    assert told["status"] == "queued"
    return told


async def test_a_handover_is_told_and_the_bot_stops(web: Stack, chat: Chat) -> None:
    told = await _queued(web, chat)
    assert "colleague" in told["messages"][-1]["text"]
    assert told["messages"][-1]["kind"] == "notice"

    later = await chat.say("hello?")
    assert (later["status"], later["messages"]) == ("queued", [])
    assert len(web.bot.turns) == 1
    (entry,) = await web.do(inbox.list_inbox)
    assert (entry.conversation.handoff_summary, entry.last_text) == ("wants a refund", "hello?")


async def test_replies_come_before_the_handover_and_arent_repeated_by_a_notice(
    web: Stack, chat: Chat
) -> None:
    web.bot.script = lambda _: [{"text": "I'm getting somebody.", **HANDOFF[0]}]
    told = await chat.say("a human please")
    assert [message["text"] for message in told["messages"]] == ["I'm getting somebody."]
    assert told["status"] == "queued"


async def test_two_strongly_negative_messages_in_a_row_ask_for_a_human(web: Stack, chat: Chat) -> None:
    web.bot.score = -0.9
    assert (await chat.say("this is useless"))["status"] == "bot"
    told = await chat.say("I hate this")
    assert told["status"] == "queued"
    assert [message["author"] for message in told["messages"]] == ["bot", "system"]
    assert (await web.row(chat.id)).mood < -0.4


@pytest.mark.parametrize(
    "intent",
    [{"name": "nlu_fallback", "confidence": 0.9}, {"name": "show_cart", "confidence": 0.59}, {"name": None}],
)
async def test_a_guess_of_the_bot_is_not_said_to_somebody_who_has_had_enough(
    web: Stack, chat: Chat, intent: dict[str, Any]
) -> None:
    web.bot.score = -0.9
    web.bot.intent = intent
    assert [message["author"] for message in (await chat.say("this is useless"))["messages"]] == ["bot"]
    told = await chat.say("I hate this")
    assert told["status"] == "queued"
    assert [message["author"] for message in told["messages"]] == ["system"]
    assert "colleague" in told["messages"][0]["text"]


async def test_a_mood_that_sinks_bit_by_bit_asks_for_a_human_and_agents_see_it_fall(
    web: Stack, chat: Chat
) -> None:
    said = []
    for score in (0.2, 0.0, -0.59, -0.59, -0.59, -0.59, -0.59):
        web.bot.score = score
        said.append((await chat.say("hm"))["status"])
    assert said == ["bot"] * 6 + ["queued"]
    async with web.database.read() as uow:
        [entry] = await inbox.list_inbox(uow)
        scores = list((await inbox.sentiments(uow, chat.id)).values())
    assert entry.conversation.mood <= mood.SUNK
    assert entry.conversation.handoff_summary == "The mood has sunk over the last messages."
    assert entry.trend == "steady"  # it has been bad for a while
    assert scores[:3] == [0.2, 0.0, -0.59]


async def test_agents_see_a_mood_that_falls_before_anybody_is_asked_for(web: Stack, chat: Chat) -> None:
    for score in (0.3, 0.1, -0.4, -0.5):
        web.bot.score = score
        await chat.say("hm")
    async with web.database.read() as uow:
        [entry] = await inbox.list_inbox(uow, statuses=("bot",))
    assert entry.trend == "falling"


async def test_a_sigh_after_people_helped_does_not_call_for_them_again(web: Stack, chat: Chat) -> None:
    web.bot.score = -0.9
    await chat.say("this is useless")
    await chat.say("I hate this")
    dana = await web.agent()
    await web.do(inbox.claim, chat.id, dana)
    await web.do(inbox.return_to_bot, chat.id, dana)
    assert (await web.row(chat.id)).mood == mood.EASED
    assert (await chat.say("hm, still not great"))["status"] == "bot"


async def test_a_neutral_message_between_two_furious_ones_does_not(web: Stack, chat: Chat) -> None:
    for score in (-0.9, 0.0, -0.9):
        web.bot.score = score
        assert (await chat.say("hm"))["status"] == "bot"


async def test_the_first_to_claim_wins_and_the_others_are_told_who(web: Stack, chat: Chat) -> None:
    await _queued(web, chat)
    agents = [await web.agent(f"Agent{number} Smith") for number in range(6)]
    results = await asyncio.gather(
        *(web.do(inbox.claim, chat.id, agent) for agent in agents), return_exceptions=True
    )

    winners = [result for result in results if not isinstance(result, BaseException)]
    losers = [result for result in results if isinstance(result, AlreadyClaimed)]
    assert (len(winners), len(losers)) == (1, 5)
    assert {loser.by for loser in losers} == {winners[0].assignee}
    assert [entry.kind for entry in await web.do(inbox.timeline, chat.id)] == [
        "handoff.requested",
        "handoff.claimed",
    ]


async def test_an_agents_reply_reaches_the_customer_and_nothing_goes_to_the_bot(
    web: Stack, chat: Chat
) -> None:
    await _queued(web, chat)
    dana = await web.agent("Dana Whitfield")
    await web.do(inbox.claim, chat.id, dana)
    await web.do(inbox.reply, chat.id, dana, "I can help with that.")

    answered = await chat.say("thank you")
    assert (answered["status"], answered["messages"]) == ("human", [])
    said = (await chat.read())["messages"]
    assert [(message["author"], message.get("name")) for message in said[-3:]] == [
        ("system", None),
        ("agent", "Dana"),
        ("customer", None),
    ]
    assert len(web.bot.turns) == 1
    assert (await web.row(chat.id)).waiting_since is not None


async def test_only_the_owner_replies(web: Stack, chat: Chat) -> None:
    dana, robin = await web.agent("Dana Whitfield"), await web.agent("Robin Adeyemi")
    with pytest.raises(OwnershipChanged):
        await web.do(inbox.reply, chat.id, dana, "Hello")
    await web.do(inbox.claim, chat.id, dana)
    with pytest.raises(AlreadyClaimed, match="Dana Whitfield"):
        await web.do(inbox.reply, chat.id, robin, "Hello")
    assert [row.author for row in await web.rows(chat.id)] == ["system"]


async def test_an_agents_message_delivered_twice_is_sent_once(web: Stack, chat: Chat) -> None:
    dana = await web.agent()
    await web.do(inbox.claim, chat.id, dana)
    first = await web.do(inbox.reply, chat.id, dana, "Hello", delivery_id="slack-1")
    again = await web.do(inbox.reply, chat.id, dana, "Hello", delivery_id="slack-1")
    assert again.id == first.id
    assert [row.text for row in await web.rows(chat.id) if row.author == "agent"] == ["Hello"]


async def test_a_bot_reply_that_lost_the_race_is_kept_and_never_sent(web: Stack, chat: Chat) -> None:
    web.bot.gate = asyncio.Event()
    async with web.socket(chat) as socket:
        await socket.next("ready")
        asking = asyncio.create_task(chat.say("a question"))

        async def at_the_bot() -> bool:
            return web.bot.busy == 1

        await until(at_the_bot)
        await web.do(inbox.claim, chat.id, await web.agent())
        web.bot.gate.set()
        told = await asking

        assert (told["status"], told["messages"]) == ("human", [])
        shown = [(await socket.next("message"))["message"]["author"] for _ in range(2)]
    assert shown == ["customer", "system"]
    assert "bot" not in {message["author"] for message in (await chat.read())["messages"]}
    kept = [row for row in await web.rows(chat.id) if row.author == "bot"]
    assert [row.state for row in kept] == ["suppressed"]


async def test_choices_of_a_suppressed_reply_cant_be_pressed(web: Stack, chat: Chat) -> None:
    web.bot.script = lambda _: [{"text": "?", "buttons": [{"title": "Yes", "payload": "/affirm"}]}]
    web.bot.seconds = 0.3
    asking = asyncio.create_task(chat.say("a question"))
    await asyncio.sleep(0.15)
    await web.do(inbox.claim, chat.id, await web.agent())
    await asking
    seq = next(row.seq for row in await web.rows(chat.id) if row.author == "bot")
    assert (await chat.post(choice=f"{seq}.0")).status_code == 409


async def test_on_return_the_bot_is_told_once_that_a_human_helped(web: Stack, chat: Chat) -> None:
    dana = await web.agent()
    await web.do(inbox.claim, chat.id, dana)
    await web.do(inbox.return_to_bot, chat.id, dana, note="Refund is under way.")

    await chat.say("and now?")
    await chat.say("thanks")
    assert web.bot.turns[0]["slots"] == {"human_helped": True, "human_note": "Refund is under way."}
    assert web.bot.turns[1]["slots"] == {}


async def test_a_resolved_conversation_goes_to_the_bot_when_its_customer_writes(
    web: Stack, chat: Chat
) -> None:
    dana = await web.agent()
    await web.do(inbox.claim, chat.id, dana)
    await web.do(inbox.resolve, chat.id, dana)
    assert (await chat.read())["status"] == "resolved"

    told = await chat.say("one more thing")
    assert told["status"] == "bot"
    assert told["messages"][0]["text"] == "You said: one more thing"
    kinds = [entry.kind for entry in await web.do(inbox.timeline, chat.id)]
    assert kinds == ["handoff.claimed", "conversation.resolved", "conversation.reopened"]
    with pytest.raises(OwnershipChanged):
        await web.do(inbox.return_to_bot, chat.id, dana)


async def test_nobody_in_time_the_bot_apologises_offers_a_call_back_and_is_back(sqlite_url: str) -> None:
    async with stack(sqlite_url, policy=replace(QUICK, queue_seconds=0.3)) as web:
        chat = await web.chat()
        await _queued(web, chat)
        found = await chat.eventually(lambda read: read["status"] == "bot")
        apology = found["messages"][-1]
        assert "sorry" in apology["text"]
        (choice,) = apology["choices"]
        web.bot.script = lambda turn: [{"text": str(turn["payload"])}]
        pressed = await chat.post(choice=choice["id"])
        assert pressed.json()["messages"][0]["text"] == "/callback"


async def test_two_processes_expire_a_queue_once(web: Stack, chat: Chat) -> None:
    await _queued(web, chat)
    soon = datetime.now(UTC) + timedelta(seconds=1)
    content = {"text": "nobody is free"}
    expired = await asyncio.gather(
        *(web.do(inbox.expire_queue, before=soon, content=content) for _ in range(4))
    )
    assert sorted(len(ids) for ids in expired) == [0, 0, 0, 1]
    assert len([row for row in await web.rows(chat.id) if row.text == "nobody is free"]) == 1
