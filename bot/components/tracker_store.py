"""Conversations in SQLite or PostgreSQL: one row each, of bounded size, with the last answers in the same row.

Rasa's own SQL store keeps an event a row and reads them all for each turn. Here a turn costs one read and one write,
however long the conversation is (see `tracker_tail`), and the answer is stored in the same statement as the tracker: a
message that is sent twice is answered twice and acted upon once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
import ujson
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException

from components.tracker_tail import bounded
from components.turn import AlreadyAnswered, TrackerUnavailable, current_turn

DEFAULT_URL = "sqlite:///../var/bot.db"
KEPT_ANSWERS = 4
DATABASE_SECONDS = 2
EACH_ITS_OWN = "AUTOCOMMIT"
"""A turn reads by one statement and writes by one: a transaction around each would only cost two round trips."""
Result = TypeVar("Result")

metadata = sa.MetaData()
trackers = sa.Table(
    "bot_tracker",
    metadata,
    sa.Column("conversation", sa.String(64), primary_key=True),
    sa.Column("events", sa.Text, nullable=False),
    sa.Column("answers", sa.Text, nullable=False),
    sa.Column("updated_at", sa.Float, nullable=False),
)
_READ = sa.select([trackers.c.events, trackers.c.answers]).where(
    trackers.c.conversation == sa.bindparam("conversation")
)
# Both databases understand it; as text it isn't compiled anew for every turn.
_STORE = sa.text(
    "INSERT INTO bot_tracker (conversation, events, answers, updated_at) "
    "VALUES (:conversation, :events, :answers, :updated_at) "
    "ON CONFLICT (conversation) DO UPDATE SET "
    "events = excluded.events, answers = excluded.answers, updated_at = excluded.updated_at"
)
_FORGET = sa.delete(trackers).where(trackers.c.conversation == sa.bindparam("of"))


class BoundedTrackerStore(TrackerStore):
    """Keeps the last turns and the state before them.

    `retrieve` and `save` raise TrackerUnavailable when the database can't be used; Rasa's fail-safe wrapper,
    which would answer from a blank conversation instead, is left out (`components.overrides`).
    """

    def __init__(
        self,
        domain: Domain | None = None,
        host: str | None = None,
        event_broker: EventBroker | None = None,
        url: str | None = None,
        **kwargs: Any,
    ) -> None:
        self._engine = _engine(url or host or DEFAULT_URL)
        self._in_thread = self._engine.dialect.name != "sqlite"
        self._has_table = False
        super().__init__(domain, event_broker)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The conversation as of its last completed turn.

        Raises:
            AlreadyAnswered: the current turn's message is one of the last that were answered.
            TrackerUnavailable: the database can't be read.
        """
        row = await self._run(
            lambda connection: connection.execute(_READ, {"conversation": sender_id}).first()
        )
        if row is None:
            return None
        turn = current_turn.get()
        if turn is not None:
            turn.earlier = ujson.loads(row[1])
            for known in turn.earlier:
                if known["id"] == turn.message_id:
                    raise AlreadyAnswered(known["answer"])
        events = ujson.loads(row[0])
        return DialogueStateTracker.from_dict(sender_id, events, self.domain.slots)

    async def create_tracker(self, sender_id: str, append_action_listen: bool = True) -> DialogueStateTracker:
        """A blank tracker. Nothing is stored before the first turn is complete."""
        tracker = self.init_tracker(sender_id)
        if append_action_listen:
            tracker.update(ActionExecuted(ACTION_LISTEN_NAME))
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Stores the bounded tracker and the current turn's answer in one statement."""
        turn = current_turn.get()
        answers: list[dict[str, Any]] = []
        if turn is not None:
            answers = [*turn.earlier, {"id": turn.message_id, "answer": turn.answer()}][-KEPT_ANSWERS:]
        events = [event.as_dict() for event in bounded(tracker, self.domain.slots)]
        row = {
            "conversation": tracker.sender_id,
            "events": ujson.dumps(events, ensure_ascii=False, escape_forward_slashes=False),
            "answers": ujson.dumps(answers, ensure_ascii=False, escape_forward_slashes=False),
            "updated_at": time.time(),
        }
        await self._run(lambda connection: connection.execute(_STORE, row))
        if self.event_broker is not None:
            await self._stream_new_events(self.event_broker, list(tracker.events), tracker.sender_id)

    async def forget(self, sender_id: str) -> bool:
        """Erases the conversation; False when there was none."""
        result = await self._run(lambda connection: connection.execute(_FORGET, {"of": sender_id}))
        return bool(result.rowcount)

    async def keys(self) -> Iterable[str]:
        """All conversation ids."""
        query = sa.select([trackers.c.conversation])
        return list(await self._run(lambda connection: connection.execute(query).scalars().all()))

    async def _run(self, work: Callable[[sa.engine.Connection], Result]) -> Result:
        """One statement. SQLite answers within microseconds; a server's wait must not hold up other conversations."""
        try:
            if self._in_thread:
                return await asyncio.get_running_loop().run_in_executor(None, self._transact, work)
            return self._transact(work)
        except sa.exc.SQLAlchemyError as error:
            raise TrackerUnavailable(f"{type(error).__name__} in the tracker database") from error

    def _transact(self, work: Callable[[sa.engine.Connection], Result]) -> Result:
        with self._engine.connect() as connection:
            if not self._has_table:
                metadata.create_all(connection)
                self._has_table = True
            return work(connection)


def _engine(url: str) -> sa.engine.Engine:
    parsed = sa.engine.make_url(url)
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        return sa.create_engine(
            parsed.set(drivername="postgresql+psycopg2"),
            isolation_level=EACH_ITS_OWN,
            pool_pre_ping=True,
            pool_timeout=DATABASE_SECONDS,
            connect_args={
                "connect_timeout": DATABASE_SECONDS,
                "options": f"-c statement_timeout={DATABASE_SECONDS * 1000}",
            },
        )
    if backend != "sqlite":
        raise RasaException(
            f"PARLEY_TRACKER_URL begins with {backend}: it must be sqlite:///path or postgresql://…"
        )
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(
        parsed.set(drivername="sqlite"),
        isolation_level=EACH_ITS_OWN,
        poolclass=sa.pool.SingletonThreadPool,
        connect_args={"timeout": DATABASE_SECONDS},
    )

    @sa.event.listens_for(engine, "connect")
    def _settings(connection: Any, _: Any) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")

    return engine
