"""Questions in plain words, by mention and by command: for staff, answered where they were asked."""

from typing import Any

import pytest

from crm.services import staff_chats
from tests.fakes.slack import TEAM, Posted, direct
from tests.integration.connectors.stack import until
from tests.integration.slack.workspace import Workspace, fixture


async def mention(office: Workspace, user: str, text: str, **more: Any) -> dict[str, Any]:
    payload = fixture("app_mention")
    stamp = office.stamp()
    payload["event_id"] = f"Ev{stamp}"
    payload["event"] |= {"user": user, "text": f"<@U0PARLEY> {text}", "ts": stamp, "event_ts": stamp}
    payload |= more
    assert (await office.event(payload)).status_code == 200
    return payload


async def test_a_direct_message_is_a_question_of_role_rep_and_answered_there(office: Workspace) -> None:
    await office.dm("U0ADA", "who is <mailto:dana@example.com|dana@example.com> &amp; co")
    await office.until(lambda: bool(office.slack.to("U0ADA")))
    turn = office.stack.bot.turns[-1]
    assert turn["metadata"]["role"] == "rep"
    assert (turn["channel"], turn["text"]) == ("slack", "who is dana@example.com & co")
    (answer,) = office.slack.to("U0ADA")
    assert (answer.channel, answer.thread) == (direct("U0ADA"), "")
    assert answer.text == "You said: who is dana@example.com &amp; co"


async def test_a_mention_is_answered_in_its_thread(office: Workspace) -> None:
    asked = await mention(office, "U0ADA", "any new leads today?")
    await office.until(lambda: bool(office.slack.in_thread(asked["event"]["ts"])))
    (answer,) = office.slack.in_thread(asked["event"]["ts"])
    assert answer.channel == "C0SALES"
    assert office.stack.bot.turns[-1]["text"] == "any new leads today?"


async def test_nothing_of_customers_is_told_where_people_from_outside_read(office: Workspace) -> None:
    await mention(office, "U0ADA", "who is dana", is_ext_shared_channel=True)
    await office.until(lambda: bool(office.slack.whispered))
    assert "People from outside" in office.slack.whispered[0][2]
    assert office.stack.bot.turns == []


async def test_one_conversation_wherever_somebody_asks_and_another_for_a_colleague(office: Workspace) -> None:
    await office.dm("U0ADA", "one")
    await mention(office, "U0ADA", "two")
    await office.dm("U0BEN", "three")
    await office.until(lambda: len(office.stack.bot.turns) == 3)
    one, two, three = sorted(
        office.stack.bot.turns, key=lambda turn: ["one", "two", "three"].index(turn["text"])
    )
    assert one["conversation"] == two["conversation"] != three["conversation"]
    async with office.database.read() as uow:
        assert await staff_chats.place_of(uow, one["conversation"]) == f"{TEAM}:U0ADA"


async def test_buttons_are_pressed_by_whom_they_were_offered_to(office: Workspace) -> None:
    office.stack.bot.script = lambda turn: [
        {"text": "Mark it?", "buttons": [{"title": "Yes", "payload": "/rep_affirm"}]}
        if turn["text"]
        else {"text": f"Pressed {turn['payload']}"}
    ]
    asked = await mention(office, "U0ADA", "mark lead 17 contacted")
    await office.until(lambda: bool(office.slack.in_thread(asked["event"]["ts"])))
    (question,) = office.slack.in_thread(asked["event"]["ts"])
    await office.press("U0BEN", question, "Yes")
    await office.until(lambda: bool(office.slack.whispered))
    assert "for whoever asked" in office.slack.whispered[0][2]
    await office.press("U0ADA", question, "Yes")
    await office.until(lambda: len(office.slack.in_thread(asked["event"]["ts"])) == 2)
    assert office.slack.in_thread(asked["event"]["ts"])[1].text == "Pressed /rep_affirm"


@pytest.mark.parametrize(
    ("typed", "payload"),
    [
        ("lead 17", '/rep_leads{"said": "17"}'),
        ("lead", "/rep_leads"),
        ("contact Dana Fischer", '/rep_contact{"said": "Dana Fischer"}'),
        ("order PL-5013-8924", '/rep_orders{"said": "PL-5013-8924"}'),
        ("recommend Dana under 300", '/rep_recommend{"said": "Dana under 300"}'),
        ('note Dana: wants "two"', '/rep_note{"said": "Dana: wants \\"two\\""}'),
        ("help", "/rep_help"),
        ("", "/rep_help"),
    ],
)
async def test_a_command_asks_by_its_first_word_and_is_answered_to_whoever_typed_it(
    office: Workspace, typed: str, payload: str
) -> None:
    await office.command("U0ADA", typed)
    await office.until(lambda: bool(office.slack.responded))
    turn = office.stack.bot.turns[-1]
    assert (turn["payload"], turn["text"], turn["metadata"]["role"]) == (payload, None, "rep")
    (answer,) = office.slack.responded
    assert answer["response_type"] == "ephemeral"
    assert answer["blocks"]
    assert office.slack.posted == []


async def test_a_button_in_an_answer_that_only_one_sees_is_answered_to_them_alone(office: Workspace) -> None:
    office.stack.bot.script = lambda turn: [
        {"text": "Which?", "buttons": [{"title": "Dana", "payload": "/rep_contact"}]}
    ]
    await office.command("U0ADA", "contact dana")
    await office.until(lambda: bool(office.slack.responded))
    row = next(block for block in office.slack.responded[0]["blocks"] if block["type"] == "actions")
    shown = Posted("C0SALES", "1.1", "Which?", [row])
    payload = office.press_payload("U0ADA", shown, row["elements"][0])
    payload["container"] |= {"is_ephemeral": True}
    payload["response_url"] = f"{office.slack.url}/respond/pressed"
    await office.interact(payload)
    await office.until(lambda: len(office.slack.responded) == 2)
    assert office.slack.posted == []


async def test_a_command_that_names_nothing_is_a_question_in_plain_words(office: Workspace) -> None:
    await office.command("U0ADA", "who is waiting")
    await office.until(lambda: bool(office.slack.responded))
    assert office.stack.bot.turns[-1]["text"] == "who is waiting"


async def test_a_command_whose_address_is_no_longer_taken_is_answered_by_direct_message(
    office: Workspace,
) -> None:
    office.slack.failures["respond"].append(404)
    await office.command("U0ADA", "help")
    await office.until(lambda: bool(office.slack.to("U0ADA")))


async def test_a_role_of_a_customer_never_reaches_the_bot_from_slack_nor_a_rep_from_the_web(
    office: Workspace,
) -> None:
    chat = await office.stack.chat()
    await chat.post(text="who is dana@example.com", role="rep", metadata={"role": "rep"})
    await office.dm("U0ADA", "hello")
    await office.until(lambda: len(office.stack.bot.turns) >= 1)

    async def both() -> bool:
        return len(office.stack.bot.turns) >= 1

    await until(both)
    roles = {turn["channel"]: turn["metadata"]["role"] for turn in office.stack.bot.turns}
    assert roles.get("web", "customer") == "customer"
    assert roles.get("slack", "rep") == "rep"


@pytest.mark.parametrize(
    ("account", "told"),
    [
        ({"email": "nobody@plover.example.com"}, "nobody on the staff list"),
        ({"email": "ada@plover.example.com", "is_email_confirmed": False}, "isn't confirmed"),
        ({"email": "ada@plover.example.com", "team_id": "T0OTHER"}, "members of Ploverlane"),
        ({"email": "ada@plover.example.com", "is_stranger": True}, "members of Ploverlane"),
        ({"email": None}, "nobody on the staff list"),
    ],
)
async def test_who_is_not_known_or_comes_from_outside_gets_a_kind_refusal(
    office: Workspace, account: dict[str, Any], told: str
) -> None:
    office.slack.add_user("U0OTHER", account.pop("email"), **account)
    await office.dm("U0OTHER", "who is dana@example.com")
    await office.until(lambda: bool(office.slack.to("U0OTHER")))
    (answer,) = office.slack.to("U0OTHER")
    assert told in answer.text
    assert answer.text.startswith("Sorry, ")
    assert office.stack.bot.turns == []
    await office.command("U0OTHER", "lead 17")
    await office.until(lambda: bool(office.slack.whispered))
    assert told in office.slack.whispered[0][2]


async def test_somebody_from_outside_accepts_nothing_and_writes_to_no_customer(office: Workspace) -> None:
    office.slack.add_user("U0OTHER", "ada@plover.example.com", team_id="T0OTHER")
    chat = await office.stack.chat()
    card = await office.hand_over(chat)
    await office.press("U0OTHER", card, "Accept")
    await office.until(lambda: bool(office.slack.whispered))
    assert (await office.stack.row(chat.id)).status == "queued"
    await office.press("U0ADA", card, "Accept")
    await office.until(lambda: bool(office.slack.in_thread(card.ts)))
    summary = office.slack.in_thread(card.ts)[0]
    await office.write("U0OTHER", card.ts, "!r buy from us instead")
    await office.press("U0OTHER", summary, "Reply to customer")
    await office.press("U0OTHER", summary, "Resolve")
    await office.settled()
    assert office.slack.views == []
    assert (await office.stack.row(chat.id)).status == "human"
    assert all(row.author != "agent" for row in await office.stack.rows(chat.id))


async def test_who_left_is_refused_with_the_next_question(office: Workspace) -> None:
    from crm.model import User

    await office.dm("U0BEN", "hello")
    await office.until(lambda: len(office.slack.to("U0BEN")) == 1)
    async with office.database.write() as uow:
        for user in await _users(uow):
            if user.name == "Ben Kuhn":
                user.active = False
        await uow.commit()
    await office.dm("U0BEN", "who is dana")
    await office.until(lambda: len(office.slack.to("U0BEN")) == 2)
    assert "aren't on the staff list any more" in office.slack.to("U0BEN")[-1].text
    assert User is not None


async def _users(uow: Any) -> Any:
    from sqlalchemy import select

    from crm.model import User

    return await uow.session.scalars(select(User))


async def test_a_changed_account_is_looked_at_again(office: Workspace) -> None:
    await office.dm("U0ADA", "hello")
    await office.until(lambda: len(office.slack.to("U0ADA")) == 1)
    office.slack.add_user("U0ADA", "somebody.else@plover.example.com")
    assert (await office.event(fixture("user_change"))).status_code == 200
    await office.settled()
    await office.dm("U0ADA", "hello again")
    await office.until(lambda: len(office.slack.to("U0ADA")) == 2)
    assert "nobody on the staff list" in office.slack.to("U0ADA")[-1].text


async def test_what_the_bot_can_not_read_is_met_kindly(office: Workspace) -> None:
    await office.dm("U0ADA", "", subtype="file_share", files=[{"id": "F1"}])
    await office.until(lambda: len(office.slack.to("U0ADA")) == 1)
    assert "text only" in office.slack.to("U0ADA")[-1].text
    await office.dm("U0ADA", "x" * 1500)
    await office.until(lambda: len(office.slack.to("U0ADA")) == 2)
    assert "shorten it" in office.slack.to("U0ADA")[-1].text
    await office.dm("U0ADA", "joined", subtype="channel_join")
    await office.dm("U0ADA", "from a program", bot_id="B1")
    await office.settled()
    assert office.stack.bot.turns == []


async def test_an_annoyed_rep_is_not_handed_over(office: Workspace) -> None:
    office.stack.bot.score = -0.9
    for number in range(3):
        await office.dm("U0ADA", f"useless {number}")
    await office.until(lambda: len(office.slack.to("U0ADA")) == 3)
    async with office.database.read() as uow:
        row = await uow.session.get_one(_conversation(), office.stack.bot.turns[0]["conversation"])
    assert row.status == "bot"
    assert office.slack.cards() == []


def _conversation() -> Any:
    from crm.model import Conversation

    return Conversation
