"""The bot or the database fails, a process dies: nobody is left without a sentence, nothing is lost or doubled."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from connectors.gateway import Gateway
from connectors.messages import InboundMessage
from connectors.rasa import RasaClient
from crm.database import Database
from tests.fakes.bot import TOKEN, serving
from tests.integration.connectors.stack import QUICK, Chat, Stack, bot_running, stack, until
from tests.postgres import PostgresServer
from tests.schema import create_schema


def _answers(read: dict[str, Any]) -> list[str]:
    return [message["text"] for message in read["messages"] if message["author"] == "bot"]


async def test_a_turn_that_fails_once_is_repeated_and_the_customer_notices_nothing(
    web: Stack, chat: Chat
) -> None:
    web.bot.failures.append(503)
    assert await chat.texts("hello") == ["You said: hello"]
    assert len({turn["message_id"] for turn in web.bot.turns}) == 1
    assert len(web.bot.turns) == 2


async def test_a_bot_that_stays_down_is_told_at_once_and_answers_once_when_it_is_back(
    web: Stack, chat: Chat
) -> None:
    web.bot.failures.extend([502] * 5)
    told = await chat.post(text="hello")
    assert told.status_code == 202
    (notice,) = told.json()["messages"]
    assert (notice["author"], notice["kind"]) == ("system", "notice")
    assert "safe" in notice["text"]
    assert told.json()["notice"] == notice["text"]

    found = await chat.eventually(lambda read: bool(_answers(read)))
    assert _answers(found) == ["You said: hello"]
    await asyncio.sleep(0.5)
    assert len((await chat.read())["messages"]) == 3
    assert len(web.bot.ran) == 1


async def test_nothing_overtakes_a_message_that_waits_for_the_bot(web: Stack, chat: Chat) -> None:
    web.bot.failures.extend([502] * 8)
    first = await chat.post(text="one")
    second = await chat.post(text="two")
    assert (first.status_code, second.status_code) == (202, 202)
    found = await chat.eventually(lambda read: len(_answers(read)) == 2)
    assert _answers(found) == ["You said: one", "You said: two"]


async def test_a_bot_that_is_too_slow_is_told_and_the_answer_follows(database_url: str) -> None:
    async with stack(database_url, policy=replace(QUICK, turn_seconds=2.0), bot_seconds=1.0) as web:
        chat = await web.chat()
        web.bot.gate = asyncio.Event()
        told = await chat.post(text="hello")
        assert told.status_code == 202
        assert len(told.json()["messages"]) == 1
        web.bot.gate.set()
        found = await chat.eventually(lambda read: bool(_answers(read)))
        assert _answers(found) == ["You said: hello"]


async def test_a_bot_that_never_comes_back_is_given_up_with_a_sentence(sqlite_url: str) -> None:
    async with stack(sqlite_url, policy=replace(QUICK, give_up_seconds=0.5)) as web:
        web.bot.failures.extend([502] * 1000)
        chat = await web.chat()
        await chat.post(text="hello")
        found = await chat.eventually(lambda read: "couldn't" in read["messages"][-1]["text"])
        assert [choice["title"] for choice in found["messages"][-1]["choices"]]
        assert (await web.rows(chat.id))[0].state == "abandoned"
        web.bot.failures.clear()
        assert await chat.texts("and now?") == ["You said: and now?"]


async def test_a_message_that_the_bot_refuses_is_given_up_at_once(web: Stack, chat: Chat) -> None:
    web.bot.failures.append(400)
    (said,) = await chat.texts("hello")
    assert "couldn't" in said
    assert len(web.bot.turns) == 1


async def test_the_same_client_id_after_a_delay_gives_the_answer(web: Stack, chat: Chat) -> None:
    web.bot.failures.extend([502] * 3)
    client_id = str(uuid.uuid4())
    await chat.post(text="hello", client_id=client_id)
    await chat.eventually(lambda read: bool(_answers(read)))
    told = await chat.say("hello", client_id=client_id)
    assert told["messages"][-1]["text"] == "You said: hello"
    assert len(web.bot.ran) == 1


async def test_a_process_killed_between_storing_and_answering_loses_nothing(database_url: str) -> None:
    async with bot_running() as (bot, url):
        bot.gate = asyncio.Event()
        database = Database.connect(database_url)
        async with RasaClient(url, token=TOKEN) as client:
            dying = Gateway(database, client, policy=QUICK, holder="web")
            conversation_id = await dying.start_conversation(channel="web")
            for text in ("one", "two"):
                await dying.receive(
                    InboundMessage(
                        channel="web",
                        conversation_id=conversation_id,
                        delivery_id=f"{conversation_id}/{uuid.uuid4()}",
                        text=text,
                    )
                )
            lane = dying._lanes._lanes[conversation_id]
            assert lane.task is not None
            lane.heap.clear()
            lane.task.cancel()
            await asyncio.wait([lane.task])
        await database.close()
        bot.gate = None

        async with stack(database_url, bot=(bot, url), holder="web") as web:
            chat = Chat(web.http, conversation_id, web.app.state.web.tokens.issue(conversation_id))
            found = await chat.eventually(lambda read: len(_answers(read)) == 2)
            assert _answers(found) == ["You said: one", "You said: two"]
            assert len(bot.ran) == 2


async def test_two_processes_take_up_a_message_once(database_url: str) -> None:
    async with bot_running() as bot, stack(database_url, bot=bot, holder="one") as one:
        chat = await one.chat()
        bot[0].failures.extend([502] * 4)
        await chat.post(text="hello")
        async with stack(database_url, bot=bot, holder="two") as two:
            found = await chat.eventually(lambda read: bool(_answers(read)))
            await asyncio.sleep(0.5)
            assert _answers(found) == ["You said: hello"]
            assert len(await two.rows(chat.id)) == 3


@pytest.fixture
def own_url(own_postgres: PostgresServer) -> str:
    """URL of an empty, migrated database on a server that may be stopped."""
    url = own_postgres.create_database(f"parley_{uuid.uuid4().hex}")
    create_schema(url)
    return url


@pytest.mark.postgres
async def test_a_database_that_stops_acknowledges_nothing_and_the_next_turn_after_it_works(
    own_postgres: PostgresServer, own_url: str
) -> None:
    async with stack(own_url) as web:
        chat = await web.chat()
        await chat.say("hello")
        await asyncio.to_thread(own_postgres.stop)

        refused = await chat.post(text="are you there?")
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "unavailable")
        assert (await web.http.get("/readyz")).json()["database"] == "unavailable"
        assert (await web.http.get("/healthz")).status_code == 200

        await asyncio.to_thread(own_postgres.start)
        assert await chat.texts("again") == ["You said: again"]
        assert len(await web.rows(chat.id)) == 4


@pytest.mark.postgres
async def test_a_database_that_stops_mid_turn_loses_nothing_and_the_answer_comes_as_soon_as_it_is_back(
    own_postgres: PostgresServer, own_url: str
) -> None:
    patient = replace(QUICK, retry_first=300.0, retry_most=300.0)
    async with stack(own_url, policy=patient) as web:
        chat = await web.chat()
        web.bot.gate = asyncio.Event()
        asking = asyncio.create_task(chat.post(text="hello"))
        await until(_at_the_bot(web))
        await asyncio.to_thread(own_postgres.stop)
        web.bot.gate.set()
        told = await asking
        assert (told.status_code, told.json()["messages"]) == (202, [])
        assert len(told.json()["notice"]) > 20

        await asyncio.to_thread(own_postgres.start)
        found = await chat.eventually(lambda read: bool(_answers(read)), seconds=15)
        assert _answers(found) == ["You said: hello"]
        assert len(web.bot.ran) == 1


@pytest.mark.postgres
async def test_a_live_client_is_told_what_a_stopped_database_could_not_keep(
    own_postgres: PostgresServer, own_url: str
) -> None:
    async with stack(own_url) as web:
        chat = await web.chat()
        async with web.socket(chat) as socket:
            await socket.next("ready")
            web.bot.gate = asyncio.Event()
            await socket.send(type="message", client_id=str(uuid.uuid4()), text="hello")
            await socket.next("accepted")
            await until(_at_the_bot(web))
            await asyncio.to_thread(own_postgres.stop)
            web.bot.gate.set()
            told = await socket.next("error", seconds=15)
            assert told["code"] == "delayed"
            assert len(told["message"]) > 20
            await asyncio.to_thread(own_postgres.start)
            while (told := await socket.next("message", seconds=15))["message"]["author"] != "bot":
                pass
            assert told["message"]["text"] == "You said: hello"


def _at_the_bot(web: Stack) -> Callable[[], Awaitable[bool]]:
    async def at_the_bot() -> bool:
        return web.bot.busy == 1

    return at_the_bot


async def test_readiness_tells_what_is_missing(sqlite_url: str) -> None:
    async with stack(sqlite_url) as web:
        ready = await web.http.get("/readyz")
        assert (ready.status_code, ready.json()) == (200, {"status": "ok", "database": "ok", "bot": "ok"})

    async def nothing(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 503, "headers": []})
        await send({"type": "http.response.body"})

    async with (
        serving(nothing, lifespan="off") as url,
        bot_running() as (bot, _),
        stack(sqlite_url, bot=(bot, url)) as web,
    ):
        unready = await web.http.get("/readyz")
        assert (unready.status_code, unready.json()["bot"]) == (503, "unavailable")
