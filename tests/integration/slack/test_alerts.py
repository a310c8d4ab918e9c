"""Cards for leads, carts and moods; the Home tab; who may see what."""

import asyncio
from decimal import Decimal

from sqlalchemy import update

from crm.model import Conversation
from crm.services import catalogue, conversations, leads
from crm.services.carts import add
from tests.integration.connectors.stack import Chat
from tests.integration.crm.conftest import record
from tests.integration.slack.workspace import Workspace, fixture, workspace


async def leave_lead(office: Workspace, needs: str = "A light laptop for <travel> & work") -> str:
    async with office.database.write() as uow:
        talk = await conversations.start(uow, channel="web")
        made = await leads.capture(
            uow,
            conversation_id=talk,
            name="Dana *Fischer*",
            email="dana@example.com",
            phone=None,
            needs=needs,
            consent="May we?",
            cause=talk,
        )
        await uow.commit()
    return made.id


async def test_a_new_lead_is_told_and_the_first_to_accept_has_it(office: Workspace) -> None:
    await leave_lead(office)
    await office.until(lambda: bool(office.slack.cards()))
    (card,) = office.slack.cards()
    assert "New lead 1" in card.text
    assert "&lt;travel&gt; &amp; work" in card.all_text
    await office.press("U0MARGOT", card, "Accept")
    await office.until(lambda: len(office.slack.whispered) == 1)
    assert "Your role is to answer chats" in office.slack.whispered[0][2]
    await office.press("U0ADA", card, "Accept")
    await office.until(lambda: "Ada Roth has it." in card.text)
    await office.until(lambda: len(office.slack.whispered) == 2)
    assert "is yours" in office.slack.whispered[1][2]
    accept = {"action_id": "accept", "value": card.buttons["Open"]["value"]}
    await office.interact(office.press_payload("U0BEN", card, accept))
    await office.until(lambda: len(office.slack.whispered) == 3)
    assert "Ada Roth was faster" in office.slack.whispered[2][2]
    await office.press("U0BEN", card, "Open")
    await office.until(lambda: len(office.slack.whispered) == 4)
    assert "Ada Roth's" in office.slack.whispered[3][2]
    await office.press("U0ADA", card, "Open")
    await office.until(lambda: bool(office.slack.views))
    assert "dana@example.com" in str(office.slack.views[-1])


async def test_a_card_catches_up_after_slack_was_away_and_slack_is_not_hammered(
    office: Workspace, chat: Chat
) -> None:
    card = await office.hand_over(chat)
    office.slack.failures["chat.update"].extend(["internal_error"] * 2)
    await office.press("U0ADA", card, "Accept")
    await chat.eventually(lambda told: told["status"] == "human")
    await asyncio.sleep(1.5)
    assert [method for method, _ in office.slack.calls].count("chat.update") == 1
    await office.until(lambda: "Ada Roth has it." in card.text, seconds=20)


async def test_a_lead_without_needs_is_no_alert(office: Workspace) -> None:
    await leave_lead(office, needs="")
    await office.settled()
    assert office.slack.cards() == []


async def test_a_full_cart_and_a_falling_mood_are_told_and_can_be_accepted(
    office: Workspace, chat: Chat
) -> None:
    async with office.database.write() as uow:
        await catalogue.import_products(uow, [record("LAP-0001", "1199.00", 5)])
        await add(uow, chat.id, "LAP-0001")
        await uow.commit()
    await office.until(lambda: bool(office.slack.cards()))
    (card,) = office.slack.cards()
    assert "full cart" in card.text
    assert "€1,199.00" in card.all_text
    other = await office.stack.chat()
    async with office.database.write() as uow:
        await uow.session.execute(update(Conversation).where(Conversation.id == other.id).values(mood=-0.5))
        await uow.commit()
    await office.until(lambda: len(office.slack.cards()) == 2)
    assert "annoyed" in office.slack.cards()[1].text
    await office.press("U0ADA", card, "Accept")
    await chat.eventually(lambda told: told["status"] == "human")
    await office.until(lambda: bool(office.slack.in_thread(card.ts)))
    assert "Product LAP-0001" in office.slack.in_thread(card.ts)[0].all_text


async def test_the_home_tab_shows_what_is_mine_who_waits_and_new_leads(office: Workspace, chat: Chat) -> None:
    mine = await office.stack.chat()
    await office.accepted("U0ADA", mine)
    await office.hand_over(chat)
    await leave_lead(office)
    assert (await office.event(fixture("app_home_opened"))).status_code == 200
    await office.until(lambda: "U0ADA" in office.slack.homes)
    shown = str(office.slack.homes["U0ADA"])
    for part in ("Hello Ada", "*My open conversations*: 1", "*Waiting for a person*: 1", "*New leads*: 1"):
        assert part in shown
    accept = {"action_id": "accept", "value": f"talk:{chat.id}"}
    await office.interact(office.press_payload("U0ADA", None, accept))
    await chat.eventually(lambda told: told["status"] == "human")
    await office.until(lambda: "*My open conversations*: 2" in str(office.slack.homes["U0ADA"]))


async def test_an_agents_home_tab_has_no_leads(office: Workspace) -> None:
    await leave_lead(office)
    opened = fixture("app_home_opened")
    opened["event"]["user"] = "U0MARGOT"
    await office.event(opened)
    await office.until(lambda: "U0MARGOT" in office.slack.homes)
    assert "New leads" not in str(office.slack.homes["U0MARGOT"])


async def test_without_an_alerts_channel_a_hand_over_is_accepted_at_home_and_goes_on_in_a_direct_message(
    sqlite_url: str,
) -> None:
    async with workspace(sqlite_url, alert_channel="") as office:
        await office.staff("U0ADA", "Ada Roth")
        chat = await office.stack.chat()
        office.stack.bot.script = lambda turn: [
            {"text": "Gladly.", "custom": {"handoff": {"reason": "asked", "summary": "Wants a refund."}}}
        ]
        await chat.say("a person please")
        accept = {"action_id": "accept", "value": f"talk:{chat.id}"}
        await office.interact(office.press_payload("U0ADA", None, accept))
        await office.until(lambda: any(one.thread for one in office.slack.to("U0ADA")))
        root = next(one for one in office.slack.to("U0ADA") if not one.thread and one.blocks)
        await office.write("U0ADA", root.ts, "!r Hello", channel=root.channel, channel_type="im")
        await chat.eventually(lambda told: told["messages"][-1]["text"] == "Hello")


async def test_a_cart_below_the_rule_is_no_alert(sqlite_url: str) -> None:
    async with workspace(sqlite_url, cart_from=Decimal(2000)) as office:
        chat = await office.stack.chat()
        async with office.database.write() as uow:
            await catalogue.import_products(uow, [record("LAP-0001", "1199.00", 5)])
            await add(uow, chat.id, "LAP-0001")
            await uow.commit()
        await chat.say("hello")
        assert office.slack.cards() == []
