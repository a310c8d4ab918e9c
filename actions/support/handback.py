"""The bot's first words after a person gave the conversation back: it knows, says so once, and goes on."""

from __future__ import annotations

from dataclasses import replace

from actions.support.reply import Reply, set_slots
from actions.support.turn import Turn

HELPED = "I'm back; I hope my colleague could help you."
BRIEFED = "I'm back, and my colleague has told me where you two left off."


def with_return(turn: Turn, reply: Reply) -> Reply:
    """The reply, opened by one sentence when it is the first since a person helped; otherwise as it is.

    The person's note is theirs and the team's: it isn't read out, but stands in the summary of the next hand-over.
    """
    if not turn.slot("human_helped"):
        return reply
    if not turn.returned:
        return reply.with_events(*set_slots(human_helped=None))
    for place, message in enumerate(reply.messages):
        if message.text:
            opening = BRIEFED if turn.slot("human_note") else HELPED
            opened = replace(message, text=f"{opening}\n{message.text}")
            messages = (*reply.messages[:place], opened, *reply.messages[place + 1 :])
            return Reply(messages, reply.events).with_events(*set_slots(human_helped=None))
    return reply


def note_so_far(turn: Turn) -> str:
    """What the last person noted, for the next one; empty without a note."""
    note = turn.slot("human_note")
    words = note.strip().rstrip(".") if isinstance(note, str) else ""
    return f"A colleague helped before and noted: “{words}”." if words else ""
