"""Telegram under load: what 200 chats are sent is compared with the transcripts, message by message."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr
from sqlalchemy import select

from connectors.telegram import to_telegram
from crm.database import Database
from crm.model.conversation import Message
from crm.services.conversation_views import MessageView
from crm.services.identities import current
from evaluation import texts
from evaluation.timing import console
from parley.settings import ROOT, Settings
from parley.stack import Stack, prepare, settings_for
from tests.fakes.telegram.api import TOKEN
from tests.fakes.telegram.person import Person
from tests.fakes.telegram.served import ServedBotApi

WORK = ROOT / "var" / "evaluation" / "channels"
CHATS, EACH, WARM_UP = 200, 5, 60
OTHERS = (
    "show my cart", "how long does delivery take?", "what can you do", "thanks", "do you ship abroad",
    "can I return things", "which payment methods are there", "how long is the warranty",
)  # fmt: skip
WITHIN = 240.0
QUIET = 150
"""Looks, ten a second, at which nothing came: then nothing more comes. Longer than any pause of a busy machine."""


@dataclass(frozen=True)
class Told:
    """What one chat's transcript says: for each of its messages the answers, as Telegram shows them, in order."""

    questions: int
    unanswered: int
    notices: int
    expected: list[str]
    in_order: bool


def measure() -> dict[str, Any]:
    """Figures of a burst on a stack of its own, on SQLite."""
    shutil.rmtree(WORK, ignore_errors=True)
    with ServedBotApi() as served:
        settings = settings_for(WORK, telegram_token=SecretStr(TOKEN), telegram_api_url=served.url)
        asyncio.run(prepare(settings))
        with Stack(settings):
            _burst(served, _people(served, WARM_UP // EACH), seed=1)
            people = _people(served, CHATS)
            began = time.monotonic()
            _burst(served, people, seed=2)
            return _figures(served, people, began, settings)


def _people(served: ServedBotApi, count: int) -> list[Person]:
    return [Person(served.api) for _ in range(count)]


def _burst(served: ServedBotApi, people: list[Person], *, seed: int) -> None:
    """Everybody writes everything at once; returns when as long as it takes nothing more comes."""
    count = len(people) * EACH
    searches = iter(texts.searches(count, seed=seed))
    greetings = iter(texts.greetings(count, seed=seed))

    def line(number: int) -> str:
        if number % 3 == 0:
            return next(searches)
        return next(greetings) if number % 3 == 1 else OTHERS[number % len(OTHERS)]

    def push() -> None:
        for number in range(count):
            people[number % len(people)].says(line(number))

    served.do(push)
    deadline, quiet = time.monotonic() + WITHIN, 0
    while quiet < QUIET and time.monotonic() < deadline:
        before = len(served.api.sent)
        time.sleep(0.1)
        quiet = quiet + 1 if len(served.api.sent) == before and before else 0


def _figures(served: ServedBotApi, people: list[Person], began: float, settings: Settings) -> dict[str, Any]:
    told = asyncio.run(_read(settings, people))
    lost = doubled = 0
    out_of_order = sum(not one.in_order for one in told)
    last = began
    for person, one in zip(people, told, strict=True):
        sent = [message.text for message in person.received]
        last = max([last, *(message.at for message in person.received)])
        missing, extra = Counter(one.expected) - Counter(sent), Counter(sent) - Counter(one.expected)
        lost += one.unanswered + EACH - one.questions + missing.total()
        doubled += extra.total()
        out_of_order += not missing and not extra and sent != one.expected
    answered = sum(one.questions - one.unanswered for one in told)
    console.print(f"  {answered} of {len(people) * EACH} answered in {last - began:.1f} s")
    return {
        "telegram_messages_per_second": round(answered / (last - began), 2),
        "telegram_lost": lost,
        "telegram_doubled": doubled,
        "telegram_out_of_order": out_of_order,
        "telegram_delayed_notices": sum(one.notices for one in told),
        "telegram_sent": sum(len(person.received) for person in people),
        "telegram_refused": len(served.api.refusals),
    }


async def _read(settings: Settings, people: list[Person]) -> list[Told]:
    database = Database.connect(settings.database_url)
    try:
        async with database.read() as uow:
            found = []
            for person in people:
                who = await current(uow, "telegram", str(person.id))
                if who is None:
                    found.append(Told(0, 0, 0, [], in_order=True))
                    continue
                rows = await uow.session.scalars(
                    select(Message)
                    .where(Message.conversation_id == who.conversation_id)
                    .order_by(Message.seq)
                )
                found.append(_told(list(rows)))
            return found
    finally:
        await database.close()


def _told(rows: list[Message]) -> Told:
    questions = [row.id for row in rows if row.direction == "in"]
    answers = [row for row in rows if row.direction == "out"]
    answered = list(dict.fromkeys(row.in_reply_to for row in answers))
    expected = [part.plain for row in answers if row.state == "delivered" for part in to_telegram(_view(row))]
    return Told(
        questions=len(questions),
        unanswered=len(set(questions) - set(answered)),
        notices=sum(row.author == "system" for row in answers),
        expected=expected,
        in_order=answered == [one for one in questions if one in answered],
    )


def _view(row: Message) -> MessageView:
    return MessageView(
        id=row.id, conversation_id=row.conversation_id, seq=row.seq, direction=row.direction, author=row.author,
        text=row.text, state=row.state, created_at=row.created_at, content=row.content,
    )  # fmt: skip
