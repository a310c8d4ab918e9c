"""One message of a conversation at a time, woken at once.

Rasa's ticket lock lets a waiting message look again once a second; in one process an asyncio lock does the same without
the wait. Asyncio locks are fair: messages are served in the order in which they came.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from rasa.core.lock import TicketLock
from rasa.core.lock_store import LockStore


class ProcessLockStore(LockStore):
    """Locks for one process. A conversation's lock lives as long as somebody holds it or waits for it."""

    def __init__(self, endpoint_config: Any = None) -> None:
        self._locks: dict[str, tuple[asyncio.Lock, int]] = {}
        super().__init__()

    @asynccontextmanager
    async def lock(
        self, conversation_id: str, lock_lifetime: float = 0, wait_time_in_seconds: float = 0
    ) -> AsyncGenerator[TicketLock, None]:
        """Holds the conversation. Who waits bounds the wait: the channel cancels a turn that exceeds its budget."""
        lock, users = self._locks.get(conversation_id) or (asyncio.Lock(), 0)
        self._locks[conversation_id] = (lock, users + 1)
        try:
            async with lock:
                yield TicketLock(conversation_id)
        finally:
            lock, users = self._locks.pop(conversation_id)
            if users > 1:
                self._locks[conversation_id] = (lock, users - 1)

    def is_someone_waiting(self, conversation_id: str) -> bool:
        """Whether the conversation is held or waited for."""
        return conversation_id in self._locks
