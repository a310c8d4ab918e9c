"""Telegram, for customers: the real library against a local Bot API that refuses what Telegram's documents refuse."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from crm.services import inbox
from tests.fakes.bot import Messages
from tests.fakes.telegram import Person
from tests.integration.connectors.stack import until
from tests.integration.connectors.telegram import TelegramStack, eventually, telegram_stack


def card(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "sku": f"LAP-{number:04}", "title": f"Norrvik <Fjell> & {number}", "price": "1299.00", "currency": "EUR",
        "price_text": "€1,299.00", "image": None, "reason": "Light & fast.", "facts": ["1.2 kg", "16 GB"],
        "in_stock": True,
        "choices": [{"title": "Add to cart", "payload": f'/add_to_cart{{"product": "LAP-{number:04}"}}'},
                    {"title": "Details", "payload": f'/product_details{{"product": "LAP-{number:04}"}}'}],
        **changes,
    }  # fmt: skip


def shop(turn: dict[str, Any]) -> Messages:
    """A bot that shows cards when asked for, and says back everything else."""
    words = str(turn["text"] or turn["payload"])
    if words == "laptops":
        return [{"text": "Here are three.", "custom": {"cards": [card(n) for n in (1, 2, 3)]}}]
    if words == "one":
        return [{"text": "Here it is.", "custom": {"cards": [card(1)]}}]
    if words == "phone?":
        asks = {"asks": "phone"}
        return [{"text": "Your number?", "custom": asks, "buttons": [{"title": "Skip", "payload": "/skip"}]}]
    if words == "address?":
        return [{"text": "Where to?", "custom": {"asks": "address"}}]
    if words == "long":
        return [{"text": "é<&> " * 2500}]
    if words == "person":
        return [{"custom": {"handoff": {"reason": "asked", "summary": "Wants a person."}}}]
    if words == "buttons":
        return [{"text": "Many.", "buttons": [{"title": f"{n}", "payload": f"/n{n}"} for n in range(130)]}]
    return [{"text": f"You said: {words}"}]


@pytest.fixture
async def telegram(database_url: str) -> AsyncIterator[TelegramStack]:
    async with telegram_stack(database_url) as running:
        running.bot.script = shop
        yield running
        assert running.api.refusals == [], "Telegram refused something"


@pytest.fixture
def dana(telegram: TelegramStack) -> Person:
    return telegram.person()


async def test_what_somebody_writes_is_answered(dana: Person) -> None:
    dana.says("hello <b>you</b> & me")
    assert await dana.gets(1) == ["You said: hello <b>you</b> & me"]


async def test_messages_of_one_chat_are_answered_in_order(telegram: TelegramStack) -> None:
    people = [telegram.person() for _ in range(6)]
    for number in range(5):
        for person in people:
            person.says(f"{number}")
    for person in people:
        assert await person.gets(5) == [f"You said: {number}" for number in range(5)]


async def test_cards_are_one_message_that_next_and_previous_turn(
    telegram: TelegramStack, dana: Person
) -> None:
    dana.says("laptops")
    await dana.gets(1)
    (shown,) = dana.received
    assert shown.photo is not None
    assert shown.text.startswith("Here are three.\n\n1/3 Norrvik <Fjell> & 1\n€1,299.00\nLight & fast.")
    titles = [button["text"] for button in shown.buttons]
    assert titles == ["Add to cart", "Details", "◀", "1 / 3", "▶"]
    for title, wanted in (("▶", "2/3"), ("▶", "3/3"), ("▶", "1/3"), ("◀", "3/3")):
        edits = shown.edits
        dana.presses(title)
        await eventually(lambda edits=edits: shown.edits > edits)  # type: ignore[misc]
        assert wanted in shown.text
    assert len(dana.received) == 1
    dana.presses("Add to cart")
    texts = await dana.gets(2)
    assert texts[1] == 'You said: /add_to_cart{"product": "LAP-0003"}'
    assert telegram.bot.turns[-1]["payload"] == '/add_to_cart{"product": "LAP-0003"}'


async def test_a_drawing_is_uploaded_once_and_then_sent_by_its_id(
    telegram: TelegramStack, dana: Person
) -> None:
    for count in (1, 2, 3):
        dana.says("one")
        await dana.gets(count)
    assert telegram.api.uploads == 1
    assert len({sent.photo for sent in dana.received}) == 1


async def test_a_picture_that_telegram_can_fetch_is_sent_by_its_address(
    telegram: TelegramStack, dana: Person
) -> None:
    image = "https://shop.example/pictures/1.jpg"
    telegram.bot.script = lambda _: [{"text": "", "custom": {"cards": [card(1, image=image)]}}]
    dana.says("show me")
    await dana.gets(1)
    assert dana.received[0].photo == image


async def test_a_press_is_acknowledged_with_what_was_pressed(telegram: TelegramStack, dana: Person) -> None:
    dana.says("one")
    await dana.gets(1)
    dana.presses("Details")
    await dana.gets(2)
    assert [toast.get("text") for toast in telegram.api.toasts.values()] == ["Details"]


async def test_a_button_of_an_ended_chat_presses_nothing(telegram: TelegramStack, dana: Person) -> None:
    dana.says("one")
    await dana.gets(1)
    await telegram.gateway.end(await telegram.conversation(dana))
    dana.says("one")
    await dana.gets(2)
    turns = len(telegram.bot.turns)
    dana.presses("Details", on=dana.received[0])
    await eventually(lambda: len(telegram.api.toasts) == 1)
    (toast,) = telegram.api.toasts.values()
    assert "earlier chat" in toast["text"]
    assert len(telegram.bot.turns) == turns


async def test_forged_buttons_press_nothing(telegram: TelegramStack, dana: Person) -> None:
    dana.says("one")
    await dana.gets(1)
    where = (await telegram.conversation(dana))[:8]
    for count, data in enumerate((f"c:{where}:99.0", "c:1:2", "x" * 64, f"p:{where}:2:77"), start=1):
        dana.taps(dana.received[0], data)
        await eventually(lambda count=count: len(telegram.api.toasts) == count)  # type: ignore[misc]
    assert len(dana.received) == 1
    assert len(telegram.bot.turns) == 1


async def test_long_texts_come_in_parts_and_many_buttons_as_many_as_fit(dana: Person) -> None:
    dana.says("long")
    texts = await dana.gets(4)
    assert "".join(texts).replace(" ", "") == "é<&>" * 2500
    dana.says("buttons")
    await dana.gets(5)
    assert len(dana.received[-1].buttons) == 100


async def test_text_that_is_too_long_for_the_bot_is_refused_kindly(
    telegram: TelegramStack, dana: Person
) -> None:
    dana.says("x" * 1500)
    assert "Please shorten it" in (await dana.gets(1))[0]
    assert telegram.bot.turns == []


@pytest.mark.parametrize(
    ("command", "payload"),
    [("/start", "/greet"), ("/help", "/help"), ("/cart", "/show_cart"), ("/orders", "/order_status"),
     ("/human@plover_lane_bot", "/human")],
)  # fmt: skip
async def test_commands_ask_the_bot_by_name(
    telegram: TelegramStack, dana: Person, command: str, payload: str
) -> None:
    dana.commands(command)
    await dana.gets(1)
    assert telegram.bot.turns[0]["payload"] == payload
    assert telegram.bot.turns[0]["metadata"]["role"] == "customer"


async def test_the_commands_are_in_telegrams_menu(telegram: TelegramStack) -> None:
    names = [command["command"] for command in telegram.api.commands]
    assert names == ["start", "help", "cart", "orders", "human", "stop"]


async def test_text_that_looks_like_a_payload_stays_text(telegram: TelegramStack, dana: Person) -> None:
    dana.says('/add_to_cart{"product": "LAP-0001"}')
    await dana.gets(1)
    assert telegram.bot.turns[0]["payload"] is None
    assert not telegram.bot.turns[0]["text"].startswith("/")


async def test_stop_ends_and_erases_only_when_confirmed(telegram: TelegramStack, dana: Person) -> None:
    dana.says("hello")
    await dana.gets(1)
    first = await telegram.conversation(dana)
    dana.commands("/stop")
    await dana.gets(2)
    dana.presses("Keep chatting")
    assert "go on" in (await dana.gets(3))[2]
    assert await telegram.conversation(dana) == first
    dana.presses("End and erase")
    assert "erased" in (await dana.gets(4))[3]
    assert await telegram.rows(first) == []
    dana.says("hello again")
    await dana.gets(5)
    assert await telegram.conversation(dana) != first


async def test_their_own_contact_is_their_number_and_somebody_elses_isnt_kept(
    telegram: TelegramStack, dana: Person
) -> None:
    dana.says("phone?")
    await dana.gets(1)
    assert [key["text"] for key in dana.received[0].keys] == ["Share my phone number", "Skip"]
    assert dana.received[0].keys[0]["request_contact"] is True
    dana.sends(contact={"phone_number": "33612345678", "first_name": "Pierre", "user_id": 77})
    assert "somebody else's" in (await dana.gets(2))[1]
    dana.sends(contact={"phone_number": "4915123456789", "first_name": "Dana", "user_id": dana.id})
    assert (await dana.gets(3))[2] == "You said: +4915123456789"
    said = [row.text for row in await telegram.rows(await telegram.conversation(dana))]
    assert not any("33612345678" in text for text in said)


async def test_a_shared_place_is_an_address(telegram: TelegramStack, dana: Person) -> None:
    dana.says("address?")
    await dana.gets(1)
    assert dana.received[0].keys[0]["request_location"] is True
    dana.sends(location={"latitude": 48.583148, "longitude": 7.747882})
    assert (await dana.gets(2))[1] == "You said: Map location 48.58315, 7.74788"


async def test_what_the_bot_cant_read_is_met_kindly(telegram: TelegramStack, dana: Person) -> None:
    file = {"file_id": "a", "file_unique_id": "b"}
    picture = [{**file, "width": 90, "height": 60}]
    dana.sends(
        sticker={**file, "width": 9, "height": 9, "type": "regular", "is_animated": False, "is_video": False}
    )
    dana.sends(voice={**file, "duration": 3})
    dana.sends(photo=picture)
    dana.sends(photo=picture, caption="this in black?")
    dana.api.push({"edited_message": {**dana.message(text="changed"), "edit_date": 1764070001}})
    texts = await dana.gets(6)
    assert [text.split(".")[0].split("!")[0] for text in texts] == [
        "Nice one", "Thank you", "Thank you", "You said: this in black?", "Thank you",
        "I see that you changed an earlier message",
    ]  # fmt: skip
    assert telegram.bot.texts() == ["this in black?"]


async def test_groups_are_refused_politely_and_left(telegram: TelegramStack, dana: Person) -> None:
    group = {"id": -100123, "title": "Flat share", "type": "supergroup"}
    bot = {"id": 1, "is_bot": True, "first_name": "Plover Lane"}
    telegram.api.push({"my_chat_member": {
        "chat": group, "from": dana.user, "date": 1764070000,
        "old_chat_member": {"user": bot, "status": "left"}, "new_chat_member": {"user": bot, "status": "member"},
    }})  # fmt: skip
    await eventually(lambda: telegram.api.left == [-100123])
    assert "https://t.me/plover_lane_bot" in telegram.api.texts(-100123)[0]
    assert telegram.bot.turns == []


async def test_an_agents_words_reach_the_customer(telegram: TelegramStack, dana: Person) -> None:
    dana.says("person")
    texts = await dana.gets(1)
    assert "colleague" in texts[0]
    where = await telegram.conversation(dana)
    agent = await telegram.agent("Dana Whitfield")
    await telegram.do(inbox.claim, where, agent)
    await telegram.do(inbox.reply, where, agent, "Hello! 2 < 3 & so on.")
    texts = await dana.gets(3)
    assert texts[1:] == ["Dana is here now and will answer you.", "Dana: Hello! 2 < 3 & so on."]
    dana.sends(sticker={"file_id": "a", "file_unique_id": "b", "width": 9, "height": 9, "type": "regular",
                        "is_animated": False, "is_video": False})  # fmt: skip
    dana.says("thanks")
    await eventually(lambda: telegram.api.unacknowledged == 0)

    async def seen() -> bool:
        said = [row.text for row in await telegram.rows(where) if row.state == "forwarded"]
        return said == ["[sticker]", "thanks"]

    await until(seen)
    assert len(dana.received) == 3


async def test_typing_shows_only_when_an_answer_takes_more_than_a_second(
    telegram: TelegramStack, dana: Person
) -> None:
    dana.says("quick")
    await dana.gets(1)
    assert telegram.api.actions == []
    telegram.bot.seconds = 1.6
    dana.says("slow")
    await dana.gets(2)
    assert [(who, what) for who, what, _ in telegram.api.actions] == [(dana.id, "typing")]


async def test_a_chat_that_writes_too_fast_is_told_once(database_url: str) -> None:
    async with telegram_stack(database_url, messages_per_chat="3/minute") as telegram:
        dana, other = telegram.person(), telegram.person()
        for number in range(8):
            dana.says(f"{number}")
        other.says("hello")
        assert (await other.gets(1)) == ["You said: hello"]
        texts = await dana.gets(4)
        assert texts[:3] == [f"You said: {number}" for number in range(3)]
        assert "a little fast" in texts[3]
        await eventually(lambda: telegram.part._intake.waiting == 0)
        assert len(dana.received) == 4


async def test_a_products_deep_link_asks_for_it(telegram: TelegramStack, dana: Person) -> None:
    dana.commands("/start p-NO-SUCH")
    await dana.gets(1)
    assert telegram.bot.turns[0]["payload"] == "/greet"
