"""Slack's side of the desk: a workspace, its people, and what they do, against the real part behind real HTTP."""

import copy
import itertools
import json
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx

from connectors.gateway import Gateway, GatewayPolicy
from connectors.rasa import RasaClient
from connectors.slack.app import PATH, SlackPart
from connectors.slack.settings import SlackSettings
from connectors.web.app import create_app
from connectors.web.server import server_config
from crm.database import Database
from crm.services import users
from crm.services.users import Role, UserView
from tests.fakes.bot import TOKEN, FakeBot, running, serving
from tests.fakes.slack import (
    ALERTS,
    APP_TOKEN,
    BOT_TOKEN,
    SIGNING_SECRET,
    SUBSCRIPTIONS,
    FakeSlack,
    Manifest,
    Posted,
    direct,
    signed,
)
from tests.integration.connectors.stack import BOT_SECONDS, QUICK, SETTINGS, Chat, Stack, until
from tests.postgres import free_port

FIXTURES = Path(__file__).parents[2] / "fixtures" / "slack"
Json = dict[str, Any]


def fixture(name: str) -> Json:
    """A captured payload."""
    told: Json = json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
    return told


@dataclass
class Workspace:
    """Everything, and what people of the workspace do."""

    stack: Stack
    slack: FakeSlack
    part: SlackPart
    _stamps: Iterator[int] = field(default_factory=lambda: itertools.count(int(time.time() * 1000)))

    @property
    def database(self) -> Database:
        return self.stack.database

    async def staff(self, slack_id: str, name: str, role: Role = "rep") -> UserView:
        """Somebody on the staff list, with a Slack account."""
        email = f"{name.split()[0].lower()}@plover.example.com"
        async with self.database.write() as uow:
            user = await users.ensure(uow, email=email, name=name, role=role)
            await uow.commit()
        self.slack.add_user(slack_id, email)
        return user

    def stamp(self) -> str:
        number = next(self._stamps)
        return f"{number // 1000}.{number % 1000:03d}100"

    async def post(self, body: str, kind: str, **headers: str) -> httpx.Response:
        return await self.stack.http.post(
            PATH, content=body, headers={"Content-Type": kind, **signed(body), **headers}
        )

    async def event(self, payload: Json) -> httpx.Response:
        """Deliver an event, signed, as Slack does: of those that it knows only what the manifest subscribes to."""
        told = payload.get("event", {})
        if told.get("type") in {kind for kind, _ in SUBSCRIPTIONS}:
            assert self.slack.manifest.delivers(told), f"the manifest doesn't subscribe to {told}"
        return await self.post(json.dumps(payload), "application/json")

    async def interact(self, payload: Json) -> httpx.Response:
        """Deliver a press or a submission."""
        return await self.post(
            urlencode({"payload": json.dumps(payload)}), "application/x-www-form-urlencoded"
        )

    async def dm(self, slack_id: str, text: str, **event: Any) -> Json:
        """Write to the bot; gives the delivered payload."""
        payload = fixture("message_im")
        stamp = self.stamp()
        payload["event_id"] = f"Ev{uuid.uuid4().hex[:10]}"
        payload["event"] |= {"user": slack_id, "text": text, "ts": stamp, "event_ts": stamp}
        payload["event"] |= {"channel": direct(slack_id), **event}
        answer = await self.event(payload)
        assert answer.status_code == 200, answer.text
        return payload

    def thread_message(self, slack_id: str, thread: str, text: str, **event: Any) -> Json:
        """Words in a thread, to be delivered."""
        payload = fixture("message_thread")
        stamp = self.stamp()
        payload["event_id"] = f"Ev{uuid.uuid4().hex[:10]}"
        payload["event"] |= {"user": slack_id, "text": text, "ts": stamp, "event_ts": stamp}
        payload["event"] |= {"thread_ts": thread, "channel": ALERTS, **event}
        return payload

    async def write(self, slack_id: str, thread: str, text: str, **event: Any) -> Json:
        """Write in a thread."""
        payload = self.thread_message(slack_id, thread, text, **event)
        answer = await self.event(payload)
        assert answer.status_code == 200
        return payload

    def press_payload(self, slack_id: str, message: Posted | None, button: Json, **more: Any) -> Json:
        payload = fixture("block_actions")
        payload["user"]["id"] = slack_id
        payload["trigger_id"] = f"{uuid.uuid4().int % 10**11}.{slack_id}"
        action = {
            "action_ts": self.stamp(),
            "action_id": button["action_id"],
            "value": button.get("value", ""),
        }
        payload["actions"] = [{**payload["actions"][0], **action}]
        if message is None:
            payload["container"] = {"type": "view", "view_id": "V0HOME"}
            del payload["channel"], payload["message"]
        else:
            payload["container"] |= {"message_ts": message.ts, "channel_id": message.channel}
            payload["channel"]["id"] = message.channel
            if message.thread:
                payload["container"]["thread_ts"] = message.thread
        return payload | more

    async def press(self, slack_id: str, message: Posted, title: str, **more: Any) -> Json:
        """Press a button of a message."""
        payload = self.press_payload(slack_id, message, message.buttons[title], **more)
        answer = await self.interact(payload)
        assert answer.status_code == 200
        return payload

    async def submit(self, slack_id: str, view: Json, value: str | None) -> Json:
        """Submit a modal that was opened."""
        payload = fixture("view_submission")
        payload["user"]["id"] = slack_id
        payload["view"] |= {"callback_id": view["callback_id"], "private_metadata": view["private_metadata"]}
        payload["view"] |= {"id": f"V{uuid.uuid4().hex[:8]}", "hash": self.stamp()}
        payload["view"]["state"]["values"]["text"]["text"]["value"] = value
        answer = await self.interact(payload)
        assert answer.status_code == 200
        return payload

    async def command(self, slack_id: str, text: str, *, channel: str = "C0SALES") -> Json:
        """Type a slash command."""
        payload = fixture("slash_command")
        payload |= {"user_id": slack_id, "text": text, "channel_id": channel}
        payload |= {"trigger_id": f"{uuid.uuid4().int % 10**11}.{slack_id}"}
        payload["response_url"] = f"{self.slack.url}/respond/{uuid.uuid4().hex}"
        answer = await self.post(urlencode(payload), "application/x-www-form-urlencoded")
        assert answer.status_code == 200
        return payload

    async def hand_over_silently(self, chat: Chat) -> None:
        """The customer asks for a person."""
        self.stack.bot.script = lambda turn: [
            {
                "text": "I've asked a person.",
                "custom": {"handoff": {"reason": "asked", "summary": "Wants a refund."}},
            }
        ]
        await chat.say("a person please")
        self.stack.bot.script = lambda turn: [{"text": f"You said: {turn['text'] or turn['payload']}"}]

    async def hand_over(self, chat: Chat) -> Posted:
        """The same; gives the card."""
        before = len(self.slack.cards())
        await self.hand_over_silently(chat)
        await self.until(lambda: len(self.slack.cards()) > before)
        return self.slack.cards()[-1]

    async def accepted(self, slack_id: str, chat: Chat) -> Posted:
        """A hand-over that this person accepted; gives the thread's summary."""
        card = await self.hand_over(chat)
        await self.press(slack_id, card, "Accept")
        await self.until(lambda: bool(self.slack.in_thread(card.ts)))
        return self.slack.in_thread(card.ts)[0]

    async def until(self, holds: Callable[[], bool], seconds: float = 8.0) -> None:
        """Return when it holds; fails when it doesn't in time, with what Slack refused."""

        async def look() -> bool:
            return holds()

        try:
            await until(look, seconds)
        except TimeoutError:
            raise AssertionError(f"not in time; refused: {self.slack.refused}") from None

    async def settled(self) -> None:
        """Everything that was delivered is dealt with."""

        async def done() -> bool:
            return self.part.intake.waiting == 0

        await until(done)


def slack_settings(slack: FakeSlack, **more: Any) -> SlackSettings:
    """Quick, and pointed at the tests' workspace."""
    base = SlackSettings(
        bot_token=BOT_TOKEN,
        signing_secret=SIGNING_SECRET,
        alert_channel=ALERTS,
        api_url=f"{slack.url}/api/",
        api_seconds=2,
        settle_seconds=0.1,
        alerts_every=0.1,
        threads_every=0.1,
    )
    return replace(base, **more)


@asynccontextmanager
async def workspace(
    database_url: str, *, policy: GatewayPolicy = QUICK, holder: str | None = None, **more: Any
) -> AsyncIterator[Workspace]:
    """The whole: web, Slack's part, a bot, a workspace."""
    bot, slack = FakeBot(), FakeSlack()
    slack.channels |= {"C0SALES"}
    async with serving(bot.app) as bot_url, serving(slack.app) as slack_url:
        slack.url = slack_url
        database = Database.connect(database_url)
        async with RasaClient(bot_url, token=TOKEN, turn_seconds=BOT_SECONDS) as client:
            configured = slack_settings(slack, **more)
            slack.manifest = Manifest.read("socket-mode" if configured.app_token else "http")
            part = SlackPart(configured)
            gateway = Gateway(database, client, policy=policy, channels=(part.channel,), holder=holder)
            part.join(gateway)
            app = create_app(gateway, settings=SETTINGS, parts=(part,))
            port = free_port()
            async with running(server_config(app, host="127.0.0.1", port=port, log_level="critical")):
                url = f"http://127.0.0.1:{port}"
                async with httpx.AsyncClient(base_url=url, timeout=20, trust_env=False) as http:
                    yield Workspace(Stack(url, database, bot, gateway, app, http), slack, part)
        await database.close()


def copied(payload: Json) -> Json:
    """The same delivery again."""
    return copy.deepcopy(payload)


def socket_settings() -> Json:
    """For Socket Mode instead of HTTP."""
    return {"app_token": APP_TOKEN, "signing_secret": ""}
