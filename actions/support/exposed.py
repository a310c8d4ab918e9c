"""What a reply shows and what a customer opened, recorded so that a ranking can learn and an operator can read it.

An action says it in a message's `custom` part; it is written here, while the answer is on its way, and not sent on.
Counting may fail without harm: the customer's answer doesn't depend on it and doesn't wait for it. The next action of
the same conversation does, so that what was shown is known before it is put into the cart.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

import structlog

from actions.support.reply import Json, Reply
from actions.support.turn import Turn
from crm.errors import CrmError
from crm.services import exposures
from crm.services.exposures import Shown
from parley.bootstrap import ActionsContext

log = structlog.get_logger()

SHOWN, OPENED = "exposed", "opened"
_writing: dict[str, asyncio.Task[None]] = {}
"""By conversation; the last note that isn't written yet."""


def shown(strategy: str, skus: Sequence[str]) -> Json:
    """The part of `custom` that says which products a message shows, and by which strategy they were chosen."""
    return {SHOWN: {"strategy": strategy, "skus": list(skus)}}


def opened(sku: str) -> Json:
    """The part of `custom` that says that the customer looked closer at a product."""
    return {OPENED: sku}


def note(turn: Turn, reply: Reply, context: ActionsContext) -> None:
    """Write down what the reply shows and what it opens, beside everything else. The same message twice counts once."""
    showings, openings = list(_showings(reply)), list(_openings(reply))
    if not turn.message_id or not (showings or openings):
        return
    writing = asyncio.create_task(_record(turn, showings, openings, context))
    _writing[turn.conversation_id] = writing
    writing.add_done_callback(lambda done: _forget(turn.conversation_id, done))


async def noted(conversation_id: str) -> None:
    """Wait until what was said before in a conversation is written down, or could not be."""
    if writing := _writing.get(conversation_id):
        await asyncio.wait([writing])


async def all_noted() -> None:
    """The same of all conversations, before the process ends."""
    if _writing:
        await asyncio.wait(_writing.values())


def _forget(conversation_id: str, done: asyncio.Task[None]) -> None:
    if _writing.get(conversation_id) is done:
        del _writing[conversation_id]
    if not done.cancelled() and (error := done.exception()):
        log.error("exposures_broke", conversation=conversation_id, exc_info=error)


async def _record(
    turn: Turn, showings: Sequence[Shown], openings: Sequence[str], context: ActionsContext
) -> None:
    try:
        async with context.database.write(redone=True) as uow:
            for sku in openings:
                await exposures.opened(uow, turn.conversation_id, sku)
            await exposures.show(uow, turn.conversation_id, showings, cause=turn.message_id)
            await uow.commit()
    except CrmError:
        log.warning("exposures_not_recorded", conversation=turn.conversation_id, exc_info=True)


def _showings(reply: Reply) -> Iterator[Shown]:
    for message in reply.messages:
        told = (message.custom or {}).get(SHOWN)
        if isinstance(told, dict):
            yield from (Shown(str(sku), str(told["strategy"])) for sku in told["skus"])


def _openings(reply: Reply) -> Iterator[str]:
    for message in reply.messages:
        sku = (message.custom or {}).get(OPENED)
        if isinstance(sku, str):
            yield sku
