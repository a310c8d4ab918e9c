"""Alerts and live chat: the first to accept wins, and only what is meant for the customer reaches them."""

import asyncio

import pytest

from connectors.slack.live import Threads
from tests.fakes.slack import ALERTS
from tests.integration.connectors.stack import Chat
from tests.integration.slack.workspace import Workspace, workspace

SENT = "white_check_mark"


def agents_words(told: dict[str, object]) -> list[str]:
    messages = told["messages"]
    assert isinstance(messages, list)
    return [one["text"] for one in messages if one["author"] == "agent"]


async def test_a_hand_over_is_told_with_who_what_mood_and_cart(office: Workspace, chat: Chat) -> None:
    card = await office.hand_over(chat)
    assert "waits for a person" in card.text
    assert "Wants a refund." in card.all_text
    assert "Mood: neutral" in card.all_text
    assert list(card.buttons) == ["Accept", "Open"]
    await asyncio.sleep(0.4)
    assert len(office.slack.cards()) == 1
    assert office.slack.refused == []


async def test_accepting_opens_a_thread_that_begins_with_a_summary(office: Workspace, chat: Chat) -> None:
    summary = await office.accepted("U0ADA", chat)
    assert "Ada Roth answers" in summary.text
    for part in ("*Who*", "Wants a refund.", "*Mood*", "*Cart*: empty", "*Last words*", "a person please"):
        assert part in summary.all_text
    assert list(summary.buttons) == ["Reply to customer", "Return to bot", "Resolve"]
    card = office.slack.cards()[0]
    await office.until(lambda: "Ada Roth has it." in card.text)
    assert "Accept" not in card.buttons
    await chat.eventually(lambda told: told["status"] == "human")
    assert office.slack.refused == []


async def test_of_two_who_accept_the_second_is_told_who_was_first(office: Workspace, chat: Chat) -> None:
    card = await office.hand_over(chat)
    await asyncio.gather(office.press("U0ADA", card, "Accept"), office.press("U0MARGOT", card, "Accept"))
    await office.settled()
    told = {user: text for _, user, text in office.slack.whispered}
    won = next(user for user, text in told.items() if "It's yours" in text)
    lost = next(user for user in told if user != won)
    assert {"U0ADA": "Ada Roth", "U0MARGOT": "Margot Ebersold"}[won] + " was faster" in told[lost]


async def test_only_words_behind_r_reach_the_customer(office: Workspace, chat: Chat) -> None:
    summary = await office.accepted("U0ADA", chat)
    await office.write("U0ADA", summary.thread, "he sounds cross, careful")
    said = await office.write("U0ADA", summary.thread, "!r Hello, how can I help?")
    told = await chat.eventually(lambda told: bool(agents_words(told)))
    assert agents_words(told) == ["Hello, how can I help?"]
    assert "cross" not in str(told)
    await office.until(lambda: (ALERTS, said["event"]["ts"], SENT) in office.slack.reactions)
    notes = [row for row in await office.stack.rows(chat.id) if row.direction == "note"]
    assert [note.text for note in notes] == ["he sounds cross, careful"]


async def test_the_button_sends_what_is_written_in_the_modal(office: Workspace, chat: Chat) -> None:
    summary = await office.accepted("U0ADA", chat)
    await office.press("U0ADA", summary, "Reply to customer")
    await office.until(lambda: bool(office.slack.views))
    submitted = await office.submit("U0ADA", office.slack.views[-1], "Hello from the modal")
    await office.interact(submitted)
    told = await chat.eventually(lambda told: bool(agents_words(told)))
    assert agents_words(told) == ["Hello from the modal"]
    await office.until(lambda: "Ada Roth → customer" in office.slack.in_thread(summary.thread)[-1].text)


async def test_the_customers_messages_appear_in_the_thread_in_order(office: Workspace, chat: Chat) -> None:
    summary = await office.accepted("U0ADA", chat)
    for number in range(5):
        await chat.say(f"message <{number}> & more")
    await office.until(lambda: len(office.slack.in_thread(summary.thread)) == 6)
    shown = [one.all_text for one in office.slack.in_thread(summary.thread)[1:]]
    assert all(f"message &lt;{number}&gt; &amp; more" in text for number, text in enumerate(shown))
    assert office.stack.bot.texts() == ["a person please"]


async def test_returning_tells_the_bot_that_a_person_helped_and_what_they_noted(
    office: Workspace, chat: Chat
) -> None:
    summary = await office.accepted("U0ADA", chat)
    await chat.say("thank you, Ada")
    await office.press("U0ADA", summary, "Return to bot")
    await office.until(lambda: bool(office.slack.views))
    await office.submit("U0ADA", office.slack.views[-1], "Refund is under way")
    await chat.eventually(lambda told: told["status"] == "bot")
    await office.until(lambda: "assistant has it again" in office.slack.in_thread(summary.thread)[-1].text)
    await chat.say("and my other question")
    turn = office.stack.bot.turns[-1]
    assert turn["slots"] == {"human_helped": True, "human_note": "Refund is under way"}
    shown = [one.text for one in office.slack.in_thread(summary.thread)]
    assert any("thank you, Ada" in text for text in shown)
    assert not any("my other question" in text for text in shown)


async def test_resolving_ends_it_and_a_new_hand_over_goes_on_in_the_same_thread(
    office: Workspace, chat: Chat
) -> None:
    summary = await office.accepted("U0ADA", chat)
    await office.press("U0ADA", summary, "Resolve")
    await chat.eventually(lambda told: told["status"] == "resolved")
    await office.until(lambda: "Resolved." in office.slack.in_thread(summary.thread)[-1].text)
    card = await office.hand_over(chat)
    assert card.ts != summary.thread
    await office.press("U0BEN", card, "Accept")
    await office.until(lambda: "Ben Kuhn answers" in office.slack.in_thread(summary.thread)[-1].text)
    assert office.slack.in_thread(card.ts) == []


async def test_who_does_not_own_the_conversation_sends_nothing(office: Workspace, chat: Chat) -> None:
    summary = await office.accepted("U0ADA", chat)
    await office.write("U0BEN", summary.thread, "!r I have a better answer")
    await office.until(
        lambda: any("Ada Roth has this conversation" in text for *_, text in office.slack.whispered)
    )
    await office.press("U0ADA", summary, "Resolve")
    await chat.eventually(lambda told: told["status"] == "resolved")
    await office.write("U0ADA", summary.thread, "!r one more thing")
    await office.until(lambda: any("is resolved" in text for *_, text in office.slack.whispered))
    assert agents_words(await chat.read()) == []


async def test_an_edit_is_not_sent_and_says_so(office: Workspace, chat: Chat) -> None:
    summary = await office.accepted("U0ADA", chat)
    await office.write("U0ADA", summary.thread, "!r Helo")
    await chat.eventually(lambda told: bool(agents_words(told)))
    edited = office.thread_message("U0ADA", summary.thread, "!r Hello")
    inner = {key: edited["event"].pop(key) for key in ("user", "text", "thread_ts")}
    edited["event"] |= {"subtype": "message_changed", "message": {"type": "message", **inner, "ts": "1.1"}}
    await office.event(edited)
    await office.until(lambda: any("first version" in text for *_, text in office.slack.whispered))
    assert agents_words(await chat.read()) == ["Helo"]


async def test_open_shows_the_conversation(office: Workspace, chat: Chat) -> None:
    card = await office.hand_over(chat)
    await office.press("U0BEN", card, "Open")
    await office.until(lambda: bool(office.slack.views))
    assert "a person please" in str(office.slack.views[-1])
    assert "Waiting since" in str(office.slack.views[-1])


async def test_a_press_that_slack_brought_too_late_is_asked_for_again(office: Workspace, chat: Chat) -> None:
    card = await office.hand_over(chat)
    await office.press("U0BEN", card, "Open", trigger_id="expired.1")
    await office.until(lambda: any("press it again" in text for *_, text in office.slack.whispered))


async def test_a_bot_reply_under_way_at_the_claim_is_never_sent(office: Workspace, chat: Chat) -> None:
    gate = office.stack.bot.gate = asyncio.Event()
    waiting = asyncio.create_task(chat.post(text="is it in stock?"))
    await office.until(lambda: office.stack.bot.busy == 1)
    ada = await office.staff("U0ADA", "Ada Roth")
    from crm.services import inbox

    await office.stack.do(inbox.claim, chat.id, ada.id)
    gate.set()
    await waiting
    told = await chat.read()
    assert not any(one["author"] == "bot" for one in told["messages"])
    assert any(row.state == "suppressed" for row in await office.stack.rows(chat.id))


async def test_nobody_accepting_in_time_gives_the_customer_a_call_back_and_the_card_says_so(
    sqlite_url: str,
) -> None:
    from dataclasses import replace

    from tests.integration.connectors.stack import QUICK

    async with workspace(sqlite_url, policy=replace(QUICK, queue_seconds=0.6)) as office:
        await office.staff("U0ADA", "Ada Roth")
        chat = await office.stack.chat()
        card = await office.hand_over(chat)
        told = await chat.eventually(lambda told: told["status"] == "bot")
        assert "call you back" in told["messages"][-1]["text"]
        await office.until(lambda: "The assistant has it." in card.text)
        assert "You said: hello" in (await chat.texts("hello"))


async def test_a_thread_that_slack_did_not_take_is_made_up_for_in_order(
    office: Workspace, chat: Chat
) -> None:
    summary = await office.accepted("U0ADA", chat)
    office.slack.failures["chat.postMessage"].extend(["internal_error", 500, 500, "fatal_error"])
    for number in range(3):
        await chat.say(f"number {number}")
    await office.until(lambda: len(office.slack.in_thread(summary.thread)) >= 4, seconds=25)
    shown = [one.text for one in office.slack.in_thread(summary.thread)[1:]]
    assert [text for text in shown if "number" in text] == [
        f"Customer: number {number}" for number in range(3)
    ]


async def test_an_erased_chat_is_told_in_its_thread(office: Workspace, chat: Chat) -> None:
    summary = await office.accepted("U0ADA", chat)
    assert (await chat.end()).status_code == 204
    await office.until(lambda: "had it erased" in office.slack.in_thread(summary.thread)[-1].text)
    await office.write("U0ADA", summary.thread, "!r are you there?")
    await office.until(lambda: any("Nothing was sent" in text for *_, text in office.slack.whispered))


@pytest.mark.parametrize("title", ["Resolve", "Return to bot"])
async def test_only_the_owner_ends_a_live_chat(office: Workspace, chat: Chat, title: str) -> None:
    summary = await office.accepted("U0ADA", chat)
    await office.press("U0BEN", summary, title)
    if title == "Return to bot":
        await office.until(lambda: bool(office.slack.views))
        await office.submit("U0BEN", office.slack.views[-1], None)
    await office.until(
        lambda: any("Ada Roth has this conversation" in text for *_, text in office.slack.whispered)
    )
    assert (await office.stack.row(chat.id)).status == "human"


async def test_two_processes_show_a_message_once(office: Workspace, chat: Chat) -> None:
    summary = await office.accepted("U0ADA", chat)
    await chat.say("only once")
    await asyncio.gather(*(Threads(office.part.slack).run() for _ in range(4)))
    await office.until(lambda: len(office.slack.in_thread(summary.thread)) >= 2)
    await asyncio.sleep(0.4)
    assert [one.text for one in office.slack.in_thread(summary.thread)].count("Customer: only once") == 1
