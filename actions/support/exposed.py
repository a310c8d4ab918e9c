"""What a reply shows and what a customer opened, recorded so that a ranking can learn and an operator can read it.

An action says it in a message's `custom` part; it is written here, after the answer, and not sent on. Counting may
fail without harm: the customer's answer doesn't depend on it.
"""

from __future__ import annotations

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


def shown(strategy: str, skus: Sequence[str]) -> Json:
    """The part of `custom` that says which products a message shows, and by which strategy they were chosen."""
    return {SHOWN: {"strategy": strategy, "skus": list(skus)}}


def opened(sku: str) -> Json:
    """The part of `custom` that says that the customer looked closer at a product."""
    return {OPENED: sku}


async def record(turn: Turn, reply: Reply, context: ActionsContext) -> None:
    """Write down what the reply shows and what it opens. The same message twice counts once."""
    showings, openings = list(_showings(reply)), list(_openings(reply))
    if not turn.message_id or not (showings or openings):
        return
    try:
        async with context.database.write() as uow:
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
