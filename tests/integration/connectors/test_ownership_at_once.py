"""Ownership with everybody acting at the same moment: several reps, a customer, a late bot, a queue that expires.

Each step runs a handful of operations at once, each in a unit of work of its own, as processes do. What must hold is
read back from the transcript alone: its notices say who owned the conversation from which message on.
"""

import asyncio
import itertools
import json
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from crm.database import Database
from crm.errors import AlreadyClaimed, OwnershipChanged
from crm.model.conversation import Conversation, Message
from crm.services import conversations, inbox, users
from crm.services.conversation_views import Accepted, TurnResult
from tests.postgres import PostgresServer

NAMES = ("Ada Roth", "Ben Kuhn", "Cem Aydin")
reps = st.sampled_from(NAMES)
operations = st.one_of(
    st.just(("write",)),
    st.tuples(st.just("answer"), st.booleans()),
    st.tuples(st.just("claim"), reps),
    st.tuples(st.just("reply"), reps),
    st.tuples(st.just("note"), reps),
    st.tuples(st.just("return"), reps),
    st.tuples(st.just("resolve"), reps),
    st.just(("expire",)),
)


class AtOnce(RuleBasedStateMachine):
    """The services, and what everybody was told."""

    make_url: Callable[[], str]
    drop: Callable[[str], None]

    def __init__(self) -> None:
        super().__init__()
        self.url = self.make_url()
        self.runner = asyncio.Runner()
        self.database = Database.connect(self.url)
        self.pending: list[Accepted] = []
        self.numbers = itertools.count()
        self.written: list[str] = []
        self.sent: list[str] = []
        self.staff = {name: self.runner.run(self._hire(name)) for name in NAMES}
        self.id: str = self.runner.run(self._do(conversations.start, channel="web"))

    def teardown(self) -> None:
        self.runner.run(self.database.close())
        self.runner.close()
        self.drop(self.url)

    async def _hire(self, name: str) -> str:
        email = f"{name.split()[0].lower()}@plover.example.com"
        return str((await self._do(users.ensure, email=email, name=name, role="rep")).id)

    async def _do(self, act: Any, *args: Any, **options: Any) -> Any:
        async with self.database.write() as uow:
            result = await act(uow, *args, **options)
            await uow.commit()
            return result

    @rule(steps=st.lists(operations, min_size=2, max_size=6))
    def everybody_acts(self, steps: list[tuple[Any, ...]]) -> None:
        self.runner.run(self._all(steps))

    async def _all(self, steps: list[tuple[Any, ...]]) -> None:
        answers = [self.pending.pop(0) for kind, *_ in steps if kind == "answer" and self.pending]
        acts = []
        for kind, *rest in steps:
            if kind == "answer":
                if answers:
                    acts.append(self._answer(answers.pop(0), *rest))
            else:
                acts.append(getattr(self, f"_{kind}")(*rest))
        await asyncio.gather(*acts)

    async def _write(self) -> None:
        text = f"message {next(self.numbers)}"
        accepted = await self._do(
            conversations.accept,
            conversation_id=self.id,
            channel="web",
            delivery_id=str(uuid.uuid4()),
            text=text,
            holder="test",
            hold_for=timedelta(seconds=60),
        )
        self.written.append(text)
        if accepted.state == "pending":
            self.pending.append(accepted)

    async def _answer(self, turn: Accepted, hands_over: bool) -> None:
        result = TurnResult(
            message_id=turn.message_id,
            conversation_id=self.id,
            channel="web",
            version=turn.version,
            replies=({"text": f"answer to {turn.message_id}"},),
            mood=0.0,
            strong_negatives=0,
        )
        async with self.database.write() as uow:
            recorded = await conversations.record_turn(uow, result)
            assert recorded is not None
            if hands_over and not recorded.suppressed:
                await inbox.request_handoff(
                    uow, self.id, version=recorded.version, reason="asked", summary="wants help"
                )
            await uow.commit()

    async def _told(self, act: Any, name: str, *args: Any, **options: Any) -> bool:
        try:
            await self._do(act, self.id, self.staff[name], *args, **options)
        except AlreadyClaimed as error:
            assert error.by in NAMES  # noqa: PT017 - many may happen at once; each must make sense
            assert error.by != name  # noqa: PT017 - many may happen at once; each must make sense
            return False
        except OwnershipChanged as error:
            assert error.status in ("bot", "queued", "resolved")  # noqa: PT017 - many may happen at once; each must make sense
            return False
        return True

    async def _claim(self, name: str) -> None:
        await self._told(inbox.claim, name)

    async def _reply(self, name: str) -> None:
        text = f"words {next(self.numbers)}"
        if await self._told(inbox.reply, name, text, delivery_id=text):
            assert await self._told(inbox.reply, name, text, delivery_id=text) in (True, False)
            self.sent.append(text)

    async def _note(self, name: str) -> None:
        await self._told(inbox.note, name, "he sounds cross")

    async def _return(self, name: str) -> None:
        await self._told(inbox.return_to_bot, name)

    async def _resolve(self, name: str) -> None:
        await self._told(inbox.resolve, name)

    async def _expire(self) -> None:
        before = self.database.read().now() + timedelta(seconds=1)
        await self._do(inbox.expire_queue, before=before, content={"text": "sorry"})

    @invariant()
    def the_transcript_tells_one_owner_at_a_time(self) -> None:
        row, messages = self.runner.run(self._read())
        assert (row.status == "human") == (row.assignee_id is not None)
        assert [message.seq for message in messages] == list(range(1, row.last_seq + 1))
        owner: str | None = None
        for message in messages:
            if message.author == "system":
                if message.user_id is not None:
                    assert owner is None, "somebody took what a colleague had"
                    owner = message.user_id
                else:
                    assert owner is not None, "given back by nobody"
                    owner = None
            elif message.author == "agent" and message.direction == "out":
                assert message.user_id == owner, "words of somebody who didn't own it"
            elif message.author == "bot" and message.state != "suppressed":
                assert owner is None, "the bot spoke after a claim"
        assert owner == row.assignee_id
        said = [message.text for message in messages if message.author == "customer"]
        assert sorted(said) == sorted(self.written)
        agents = [
            message.text for message in messages if message.author == "agent" and message.direction == "out"
        ]
        assert sorted(agents) == sorted(self.sent)

    async def _read(self) -> tuple[Conversation, list[Message]]:
        async with self.database.read() as uow:
            row = await uow.session.get(Conversation, self.id)
            found = await uow.session.scalars(
                select(Message).where(Message.conversation_id == self.id).order_by(Message.seq)
            )
            assert row is not None
            return row, list(found)


def run(machine: type[AtOnce], *, examples: int, steps: int) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_on_sqlite_nobody_talks_over_anybody_and_nothing_is_lost(sqlite_template: Path) -> None:
    folder = Path(tempfile.mkdtemp(prefix="parley-at-once-"))

    class OnSqlite(AtOnce):
        @staticmethod
        def make_url() -> str:
            path = folder / f"{uuid.uuid4().hex}.db"
            shutil.copy(sqlite_template, path)
            return f"sqlite:///{path}"

        @staticmethod
        def drop(url: str) -> None:
            Path(url.removeprefix("sqlite:///")).unlink()

    try:
        run(OnSqlite, examples=12, steps=12)
    finally:
        shutil.rmtree(folder)


def test_on_postgresql_nobody_talks_over_anybody_and_nothing_is_lost(
    postgres: PostgresServer, postgres_template: str
) -> None:
    class OnPostgres(AtOnce):
        @staticmethod
        def make_url() -> str:
            return postgres.create_database(f"parley_{uuid.uuid4().hex}", template=postgres_template)

        @staticmethod
        def drop(url: str) -> None:
            postgres.drop_database(url.rpartition("/")[2].partition("?")[0])

    run(OnPostgres, examples=8, steps=10)


CLAIM = """
import asyncio, json, sys, time
from crm.database import Database
from crm.errors import AlreadyClaimed
from crm.services import inbox

url, talk, at, *staff = sys.argv[1:]

async def claim(database, user):
    try:
        async with database.write() as uow:
            taken = await inbox.claim(uow, talk, user)
            await uow.commit()
            return ["won", taken.assignee]
    except AlreadyClaimed as error:
        return ["lost", error.by]

async def main():
    database = Database.connect(url)
    async with database.read() as uow:
        pass
    await asyncio.sleep(max(0.0, float(at) - time.time()))
    told = await asyncio.gather(*(claim(database, user) for user in staff))
    await database.close()
    print(json.dumps(told))

asyncio.run(main())
"""


async def test_of_fifty_claims_from_five_processes_one_wins_and_the_others_are_told_who(
    postgres_url: str,
) -> None:
    import time

    database = Database.connect(postgres_url)
    async with database.write() as uow:
        staff = [
            await users.ensure(
                uow, email=f"rep{number}@plover.example.com", name=f"Rep {number}x", role="rep"
            )
            for number in range(50)
        ]
        talk = await conversations.start(uow, channel="web")
        await inbox.request_handoff(uow, talk, version=1, reason="asked", summary="wants help")
        await uow.commit()
    at = str(time.time() + 6)
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            CLAIM,
            postgres_url,
            talk,
            at,
            *(one.id for one in staff[number::5]),
            stdout=subprocess.PIPE,
        )
        for number in range(5)
    ]
    outputs = await asyncio.gather(*(process.communicate() for process in processes))
    told = [tuple(one) for output, _ in outputs for one in json.loads(output)]
    winners = [name for result, name in told if result == "won"]
    assert len(told) == 50
    assert len(winners) == 1
    assert {name for result, name in told if result == "lost"} == {winners[0]}
    async with database.read() as uow:
        found = await conversations.get(uow, talk)
        notices = await uow.session.scalars(select(Message.text).where(Message.conversation_id == talk))
        assert found is not None
        assert found.assignee == winners[0]
        assert len(list(notices)) == 1
    await database.close()
