"""The widget's live connection: hello, replay, push."""

import asyncio
import uuid

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from connectors.gateway.events import QUEUE_LENGTH, Hub, Typing
from crm.services import inbox
from tests.integration.connectors.stack import QUICK, Chat, Socket, Stack, until


async def _closed(socket: Socket) -> int:
    with pytest.raises(ConnectionClosed) as closing:
        await socket.next("nothing")
    assert closing.value.rcvd is not None
    return closing.value.rcvd.code


async def test_a_message_by_socket_is_accepted_shown_and_answered(web: Stack, chat: Chat) -> None:
    client_id = str(uuid.uuid4())
    async with web.socket(chat) as socket:
        ready = {"type": "ready", "status": "bot", "cursor": 0, "continue_on": []}
        assert await socket.next() == ready
        await socket.send(type="message", client_id=client_id, text="hello")

        frames = [await socket.next() for _ in range(5)]
    by_type = {frame["type"]: frame for frame in frames}
    assert by_type["accepted"] == {"type": "accepted", "client_id": client_id, "seq": 1}
    shown = [frame["message"] for frame in frames if frame["type"] == "message"]
    assert [(message["author"], message.get("client_id")) for message in shown] == [
        ("customer", client_id),
        ("bot", None),
    ]
    typing = [(frame["on"], frame["expires_in"]) for frame in frames if frame["type"] == "typing"]
    assert typing == [(True, int(QUICK.turn_seconds)), (False, 0)]


async def test_the_same_message_twice_is_accepted_twice_and_answered_once(web: Stack, chat: Chat) -> None:
    client_id = str(uuid.uuid4())
    async with web.socket(chat) as socket:
        for _ in range(2):
            await socket.send(type="message", client_id=client_id, text="hello")
        assert (await socket.next("accepted"))["seq"] == (await socket.next("accepted"))["seq"] == 1
    await chat.eventually(lambda read: len(read["messages"]) == 2)
    assert len(web.bot.turns) == 1


async def test_after_a_gap_everything_after_the_cursor_is_replayed_in_order(web: Stack, chat: Chat) -> None:
    for number in range(60):
        await chat.say(str(number))
    async with web.socket(chat, after=3) as socket:
        assert (await socket.next())["cursor"] == 120
        seqs = [(await socket.next("message"))["message"]["seq"] for _ in range(117)]
    assert seqs == list(range(4, 121))


async def test_what_an_agent_stored_in_another_process_is_pushed_within_a_second(
    web: Stack, chat: Chat
) -> None:
    async with web.socket(chat) as socket:
        await socket.next("ready")
        dana = await web.agent("Dana Whitfield")
        await web.do(inbox.claim, chat.id, dana)
        status = await socket.next("status", seconds=2)
        assert (status["status"], status["assignee"]) == ("human", "Dana")

        await web.do(inbox.reply, chat.id, dana, "Hello, this is Dana.")
        pushed = (await socket.next("message", seconds=2))["message"]
        assert (pushed["text"], pushed["name"]) == ("Hello, this is Dana.", "Dana")

    async def all_are_delivered() -> bool:
        return all(row.state == "delivered" for row in await web.rows(chat.id))

    await until(all_are_delivered)


async def test_two_tabs_see_the_same(web: Stack, chat: Chat) -> None:
    async with web.socket(chat) as one, web.socket(chat) as two:
        await one.next("ready")
        await two.next("ready")
        await one.send(type="message", client_id=str(uuid.uuid4()), text="hello")
        texts = [(await two.next("message"))["message"]["text"] for _ in range(2)]
    assert texts == ["hello", "You said: hello"]


@pytest.mark.parametrize("token", ["", "forged", None, 5])
async def test_a_bad_token_is_closed_with_4401_or_4400(web: Stack, chat: Chat, token: object) -> None:
    async with web.socket(chat, hello=False) as socket:
        await socket.send(type="hello", token=token, after=0)
        assert await _closed(socket) == (4401 if isinstance(token, str) else 4400)


async def test_another_conversations_token_is_closed_with_4401(web: Stack, chat: Chat) -> None:
    stranger = await web.chat()
    async with web.socket(chat, hello=False) as socket:
        await socket.send(type="hello", token=stranger.token, after=0)
        assert await _closed(socket) == 4401


async def test_a_foreign_origin_is_closed_with_4403_and_an_allowed_one_is_not(web: Stack, chat: Chat) -> None:
    address = f"{web.url.replace('http', 'ws', 1)}/api/conversations/{chat.id}/socket"
    async with connect(address, additional_headers={"Origin": "https://evil.example"}) as connection:
        assert await _closed(Socket(connection)) == 4403
    async with connect(address, additional_headers={"Origin": "https://shop.example"}) as connection:
        socket = Socket(connection)
        await socket.send(type="hello", token=chat.token, after=0)
        assert (await socket.next())["type"] == "ready"


async def test_bad_frames_are_told_and_the_connection_goes_on(web: Stack, chat: Chat) -> None:
    async with web.socket(chat) as socket:
        await socket.next("ready")
        for frame in ("{", "[]", '{"type": "obey"}', '{"type": "message", "text": "no id"}', "x" * 40_000):
            await socket.connection.send(frame)
            assert (await socket.next("error"))["message"]
        client_id = str(uuid.uuid4())
        await socket.send(type="message", client_id=client_id, text="x" * 2000)
        told = await socket.next("error")
        assert (told["code"], told["client_id"]) == ("too_long", client_id)
        await socket.send(type="ping")
        assert await socket.next("pong") == {"type": "pong"}


async def test_ending_the_chat_closes_its_sockets(web: Stack, chat: Chat) -> None:
    async with web.socket(chat) as socket:
        await socket.next("ready")
        await chat.end()
        assert await _closed(socket) == 4401


async def test_a_client_that_stops_reading_holds_up_nobody(web: Stack, chat: Chat) -> None:
    web.bot.script = lambda _: [{"text": "x" * 5000}] * 10
    async with web.socket(chat) as deaf:
        await deaf.next("ready")
        deaf.connection.transport.pause_reading()  # what a dead client looks like
        for _ in range(30):
            await asyncio.wait_for(chat.say("more"), 5)
        deaf.connection.transport.resume_reading()
    assert len((await chat.read(limit=200))["messages"]) == 200


async def test_a_listener_that_overflows_is_told_to_read_the_transcript() -> None:
    hub = Hub()
    with hub.subscribe("c") as subscription:
        for _ in range(QUEUE_LENGTH + 5):
            hub.publish("c", Typing(on=True))
        seen = [await subscription.next() for _ in range(QUEUE_LENGTH + 1)]
    assert seen[-1] is None
    assert all(event is not None for event in seen[:-1])


async def test_more_sockets_than_one_address_may_hold_are_turned_away(web: Stack, chat: Chat) -> None:
    object.__setattr__(web.app.state.web.settings, "sockets_per_address", 1)
    async with web.socket(chat) as first:
        await first.next("ready")
        async with web.socket(chat, hello=False) as second:
            assert await _closed(second) == 1013
