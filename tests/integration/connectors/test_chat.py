"""Saying something through the chat API, and what is answered."""

import asyncio
import uuid
from typing import Any

from tests.integration.connectors.stack import Chat, Stack, until

CARDS: list[dict[str, Any]] = [
    {
        "text": "These fit:",
        "buttons": [{"title": "Compare", "payload": "/compare"}],
        "custom": {
            "cards": [
                {
                    "sku": "LAP-0007",
                    "title": "Linnet 14",
                    "price": "1299.00",
                    "currency": "EUR",
                    "price_text": "€1,299.00",
                    "image": None,
                    "reason": "1.2 kg and 32 GB, within your 1500 budget",
                    "facts": ["1.2 kg", "32 GB"],
                    "in_stock": True,
                    "choices": [{"title": "Add to cart", "payload": '/add_to_cart{"product": "LAP-0007"}'}],
                }
            ]
        },
    }
]


async def test_a_message_is_answered(chat: Chat) -> None:
    told = await chat.say("hello")

    assert told["status"] == "bot"
    (reply,) = told["messages"]
    assert reply["text"] == "You said: hello"
    assert (reply["author"], reply["kind"], reply["seq"]) == ("bot", "message", 2)
    assert told["cursor"] == 2


async def test_the_transcript_is_read_from_a_cursor(chat: Chat) -> None:
    for text in ("one", "two", "three"):
        await chat.say(text)

    whole = await chat.read()
    assert [message["seq"] for message in whole["messages"]] == [1, 2, 3, 4, 5, 6]
    assert [message["text"] for message in (await chat.read(after=4))["messages"]] == [
        "three",
        "You said: three",
    ]
    first = await chat.read(limit=4)
    assert (len(first["messages"]), first["cursor"]) == (4, 4)
    assert (await chat.read(after=6))["cursor"] == 6


async def test_cards_and_choices_leave_without_their_payloads(web: Stack, chat: Chat) -> None:
    web.bot.script = lambda _: CARDS
    answer = await chat.post(text="laptops")

    (reply,) = answer.json()["messages"]
    assert reply["choices"] == [{"id": "2.0", "title": "Compare"}]
    (card,) = reply["cards"]
    assert card["choices"] == [{"id": "2.1", "title": "Add to cart"}]
    assert card["price"] == "1299.00"
    assert "add_to_cart" not in answer.text
    assert (await chat.read())["messages"][1] == reply


async def test_a_pressed_choice_reaches_the_bot_as_its_payload_and_the_transcript_as_its_title(
    web: Stack, chat: Chat
) -> None:
    web.bot.script = lambda _: CARDS
    await chat.say("laptops")
    pressed = await chat.post(choice="2.1")

    assert pressed.status_code == 200
    assert web.bot.turns[-1]["payload"] == '/add_to_cart{"product": "LAP-0007"}'
    assert web.bot.turns[-1]["text"] is None
    assert (await chat.read())["messages"][2]["text"] == "Add to cart"


async def test_a_choice_that_was_never_offered_is_refused(web: Stack, chat: Chat) -> None:
    web.bot.script = lambda _: CARDS
    await chat.say("laptops")
    other = await web.chat()
    for choice in ("2.2", "1.0", "9.0", "2.1000"):
        refused = await chat.post(choice=choice)
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "choice_not_offered")
    assert (await other.post(choice="2.0")).status_code == 409
    for choice in ("/human", "2", "2.-1", "²·²"):
        assert (await chat.post(choice=choice)).status_code == 422
    assert len(web.bot.turns) == 1


async def test_the_same_client_id_is_answered_once_with_the_same_answer(web: Stack, chat: Chat) -> None:
    client_id = str(uuid.uuid4())
    first = await chat.say("hello", client_id=client_id)
    again = await chat.say("hello", client_id=client_id.upper())

    assert again == first
    assert len(web.bot.turns) == 1
    assert len(await web.rows(chat.id)) == 2


async def test_the_same_client_id_at_the_same_time_is_answered_once(web: Stack, chat: Chat) -> None:
    web.bot.seconds = 0.2
    client_id = str(uuid.uuid4())
    answers = await asyncio.gather(*(chat.say("hello", client_id=client_id) for _ in range(5)))

    assert all(answer == answers[0] for answer in answers)
    assert len(web.bot.ran) == 1


async def test_a_client_id_of_another_conversation_says_nothing_of_it(web: Stack, chat: Chat) -> None:
    client_id = str(uuid.uuid4())
    await chat.say("my secret", client_id=client_id)
    other = await web.chat()

    assert await other.say("hello", client_id=client_id) != await chat.say("x", client_id=client_id)
    assert [message["text"] for message in (await other.read())["messages"]] == ["hello", "You said: hello"]


async def test_messages_of_one_conversation_are_answered_in_order_and_others_side_by_side(
    web: Stack, chat: Chat
) -> None:
    web.bot.gate = asyncio.Event()
    others = [await web.chat() for _ in range(4)]
    sends = [chat.say(str(number)) for number in range(5)] + [other.say("x") for other in others]
    sending = asyncio.gather(*sends)

    async def all_conversations_are_at_the_bot() -> bool:
        return web.bot.busy == 5

    await until(all_conversations_are_at_the_bot)
    web.bot.gate.set()
    await sending

    mine = [turn["text"] for turn in web.bot.turns if turn["conversation"] == chat.id]
    stored = [row.text for row in await web.rows(chat.id) if row.direction == "in"]
    assert mine == stored
    assert sorted(mine) == ["0", "1", "2", "3", "4"]
    assert web.bot.most_busy == 5


async def test_a_client_that_leaves_mid_turn_finds_the_answer_when_it_is_back(web: Stack, chat: Chat) -> None:
    web.bot.seconds = 0.4
    leaving = asyncio.create_task(chat.post(text="hello"))
    await asyncio.sleep(0.2)
    leaving.cancel()

    found = await chat.eventually(lambda read: len(read["messages"]) == 2)
    assert found["messages"][1]["text"] == "You said: hello"
    assert len(web.bot.ran) == 1


async def test_ending_the_chat_erases_the_transcript_here_and_at_the_bot(web: Stack, chat: Chat) -> None:
    await chat.say("my address is 1 Harbour Street")
    assert (await chat.end()).status_code == 204

    assert await web.rows(chat.id) == []
    gone = await chat.post(text="hello?")
    assert (gone.status_code, gone.json()["error"]["code"]) == (404, "conversation_unknown")
    assert (await chat.end()).status_code == 404

    async def the_bot_forgot() -> bool:
        return (await web.row(chat.id)).forgotten_at is not None

    await until(the_bot_forgot)
    assert web.bot.forgotten == [chat.id]


async def test_a_bot_that_says_nothing_leaves_nobody_without_a_word(web: Stack, chat: Chat) -> None:
    web.bot.script = lambda _: []
    (said,) = await chat.texts("hello")
    assert "no answer" in said


async def test_a_malformed_card_is_left_out_and_the_rest_is_shown(web: Stack, chat: Chat) -> None:
    web.bot.script = lambda _: [{"text": "Look:", "custom": {"cards": [{"sku": "LAP-0001"}, "nonsense"]}}]
    (reply,) = (await chat.say("laptops"))["messages"]
    assert (reply["text"], reply["cards"]) == ("Look:", [])
