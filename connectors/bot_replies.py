"""Rasa's messages as replies: pure translation, the bot's counterpart of a channel's pair of functions.

A message that can't be shown is reported and left out piece by piece, never the whole turn: repeating the
turn would give the same message again.
"""

from dataclasses import dataclass
from typing import Any

import structlog
from pydantic import ValidationError

from connectors.messages import Card, Choice, Reply, Table

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Handoff:
    """The bot asks for a human: `reason` is a word for programs, `summary` is for the agent."""

    reason: str
    summary: str


def to_reply(bot_message: dict[str, Any]) -> Reply:
    """The reply in one message of the bot: text, buttons, `cards` and `table` in `custom`. Empty if it has none."""
    custom = bot_message.get("custom")
    custom = custom if isinstance(custom, dict) else {}
    asks = custom.get("asks")
    text = bot_message.get("text")
    return Reply(
        text=text.strip() if isinstance(text, str) else "",
        choices=_choices(bot_message.get("buttons")),
        cards=tuple(card for raw in _list(custom.get("cards")) if (card := _card(raw))),
        table=_table(custom.get("table")),
        asks=asks if asks in ("phone", "address") else None,
    )


def to_handoff(bot_message: dict[str, Any]) -> Handoff | None:
    """The request for a human in one message of the bot, if it holds one."""
    custom = bot_message.get("custom")
    asked = custom.get("handoff") if isinstance(custom, dict) else None
    if not isinstance(asked, dict):
        return None
    return Handoff(str(asked.get("reason") or "asked")[:40], str(asked.get("summary") or "")[:2000])


def is_empty(reply: Reply) -> bool:
    """Whether there is nothing to show."""
    return not (reply.text or reply.choices or reply.cards or reply.table)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _choices(raw: object) -> tuple[Choice, ...]:
    found = []
    for item in _list(raw):
        try:
            found.append(Choice.model_validate(item))
        except ValidationError as exc:
            log.warning("bot_choice_malformed", fields=_fields(exc))
    return tuple(found)


def _card(raw: object) -> Card | None:
    if not isinstance(raw, dict):
        log.warning("bot_card_malformed", fields=["card"])
        return None
    try:
        return Card.model_validate({**raw, "choices": _choices(raw.get("choices"))})
    except ValidationError as exc:
        log.warning("bot_card_malformed", fields=_fields(exc))
        return None


def _table(raw: object) -> Table | None:
    if raw is None:
        return None
    try:
        return Table.model_validate(raw)
    except ValidationError as exc:
        log.warning("bot_table_malformed", fields=_fields(exc))
        return None


def _fields(exc: ValidationError) -> list[str]:
    return [".".join(map(str, error["loc"])) for error in exc.errors()]
