"""The conversation in a terminal, with the gateway of a process of its own."""

import asyncio
import io
from collections.abc import AsyncIterator

import pytest
from rich.console import Console

from connectors.terminal import Session, TerminalChannel
from crm.services import inbox
from tests.integration.connectors.stack import Stack, stack, until


class Screen:
    """What was printed."""

    def __init__(self) -> None:
        self._file = io.StringIO()
        self.console = Console(file=self._file, width=100, highlight=False)

    @property
    def text(self) -> str:
        return self._file.getvalue()


@pytest.fixture
async def whole(database_url: str) -> AsyncIterator[Stack]:
    async with stack(database_url, channels=(TerminalChannel(),)) as running:
        yield running


@pytest.fixture
def screen() -> Screen:
    return Screen()


async def test_what_is_typed_is_answered_and_a_number_presses(whole: Stack, screen: Screen) -> None:
    card = {
        "sku": "A-1", "title": "Norrvik Fjell 13", "price": "999.00", "currency": "EUR", "price_text": "€999.00",
        "reason": "Light.", "choices": [{"title": "Add to cart", "payload": '/add_to_cart{"product": "A-1"}'}],
    }  # fmt: skip
    cheaper = [{"title": "Cheaper", "payload": "/cheaper"}]
    whole.bot.script = lambda turn: (
        [{"text": "Here.", "buttons": cheaper, "custom": {"cards": [card]}}]
        if turn["text"] == "laptops"
        else [{"text": f"Told: {turn['text'] or turn['payload']}"}]
    )
    session = Session(whole.gateway, screen.console, who="ann")
    assert not await session.open()
    await session.say("laptops")
    assert "Norrvik Fjell 13" in screen.text
    assert "€999.00" in screen.text
    assert "2 Add to cart" in screen.text
    await session.say("2")
    assert 'Told: /add_to_cart{"product": "A-1"}' in screen.text
    await session.say("2")
    await session.say("=1")
    await session.say("/cart")
    assert [turn["text"] or turn["payload"] for turn in whole.bot.turns][2:] == ["2", "1", "/show_cart"]


async def test_a_conversation_is_found_again_and_new_begins_afresh(whole: Stack, screen: Screen) -> None:
    await Session(whole.gateway, screen.console, who="ann").open()
    session = Session(whole.gateway, screen.console, who="ann")
    await session.open()
    await session.say("hello")
    back = Screen()
    assert await Session(whole.gateway, back.console, who="ann").open()
    assert "You: hello" in back.text
    assert "Assistant: You said: hello" in back.text
    fresh = Screen()
    assert not await Session(whole.gateway, fresh.console, who="ann").open(new=True)
    assert "hello" not in fresh.text


async def test_an_agents_words_appear_and_cant_command_the_terminal(whole: Stack, screen: Screen) -> None:
    session = Session(whole.gateway, screen.console, who="ann")
    await session.open()
    await session.say("hello")
    where = (await whole.gateway.correspondent("terminal", "ann")).conversation_id
    following = asyncio.create_task(session.follow())
    agent = await whole.agent("Dana Whitfield")
    await whole.do(inbox.claim, where, agent)
    await whole.do(inbox.reply, where, agent, "Hi \x1b[2J[bold]there[/bold]")

    async def told() -> bool:
        return "Dana: Hi [2J[bold]there[/bold]" in screen.text

    await until(told)
    following.cancel()

    async def delivered() -> bool:
        return all(row.state == "delivered" for row in await whole.rows(where) if row.direction == "out")

    await until(delivered)


async def test_refusals_and_a_bot_that_is_away_are_sentences(whole: Stack, screen: Screen) -> None:
    session = Session(whole.gateway, screen.console, who="ann")
    await session.open()
    await session.say("x" * 2000)
    assert "Please shorten it" in screen.text
    await whole.gateway.close()
    await session.say("hello")
    assert "can't be reached" in screen.text
