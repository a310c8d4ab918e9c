"""Modals and the Home tab. Pure."""

from collections.abc import Sequence
from typing import Any

from connectors.slack import limits
from connectors.slack.cards import (
    ACCEPT,
    AUTHORS,
    NAMELESS,
    cart_in_short,
    conversation_state,
    mood_words,
    sentence_case,
    ways_to_reach,
)
from connectors.slack.limits import cut
from connectors.slack.render import Block, actions, button, context, fitting, header, sections
from connectors.slack.text import escaped, quoted
from crm.services.briefing import Briefing
from crm.services.conversation_views import InboxEntry
from crm.services.reps.views import Lead
from crm.services.users import UserView

View = dict[str, Any]
REPLY_VIEW = "reply"
RETURN_VIEW = "return"
TEXT = "text"
BY_CONVERSATION = "talk:"
BY_LEAD = "lead:"
NOTE_LENGTH = 500


def reply_view(conversation_id: str, who: str) -> View:
    """Words to the customer."""
    return _form(
        REPLY_VIEW, "Reply to customer", "Send", conversation_id,
        _input(f"What {who} reads", limits.INPUT_TEXT),
    )  # fmt: skip


def return_view(conversation_id: str) -> View:
    """Back to the bot, with a note if one is wanted."""
    return _form(
        RETURN_VIEW, "Return to bot", "Return", conversation_id,
        _input("What should the next colleague know? (stays internal)", NOTE_LENGTH, optional=True),
    )  # fmt: skip


def conversation_view(told: Briefing) -> View:
    """The conversation in full, as far as a modal holds it."""
    talk = told.conversation
    who = sentence_case(told.name or NAMELESS)
    state, _ = conversation_state(told)
    reach = ", ".join(ways_to_reach(told.phone, told.email))
    lines = [state, *([f"Reach them: {reach}"] if reach else []), f"Mood: {mood_words(talk.mood)}"]
    blocks = [header(who), *sections(escaped("\n".join(lines)))]
    if talk.handoff_summary:
        blocks += sections(quoted(talk.handoff_summary[:2000]))
    if told.cart.lines:
        blocks += sections(f"Cart: {cart_in_short(told.cart)}")
    for message in told.said:
        author = message.user_name or AUTHORS.get(message.author, message.author)
        blocks += sections(f"*{escaped(author)}* {message.created_at:%H:%M} UTC\n{quoted(message.text)}")
    return _modal("Conversation", blocks)


def lead_view(lead: Lead) -> View:
    """A lead in full."""
    reach = "\n".join(ways_to_reach(lead.phone, lead.email))
    owner = lead.owner or "nobody yet"
    text = f"*Status*: {lead.status}\n*Owner*: {escaped(owner)}\n*Reach them*:\n{escaped(reach)}"
    needs = sections(f"*Needs*\n{quoted(lead.needs)}") if lead.needs else []
    return _modal(f"Lead {lead.number}", [header(lead.name or "A customer"), *sections(text), *needs])


def home(
    user: UserView, *, own: Sequence[InboxEntry], waiting: Sequence[InboxEntry], leads: Sequence[Lead] | None
) -> View:
    """My open conversations, waiting hand-overs, new leads (None: this role sees none)."""
    blocks: list[Block] = [header(f"Hello {user.name.split()[0]}")]
    blocks += sections(f"*My open conversations*: {len(own)}")
    for entry in own[:10]:
        blocks += sections(_entry(entry))
    blocks += sections(f"*Waiting for a person*: {len(waiting)}")
    for entry in waiting[:10]:
        accept = button("Accept", ACCEPT, value=f"{BY_CONVERSATION}{entry.conversation.id}", style="primary")
        blocks += [*sections(_entry(entry)), *actions([accept])]
    if leads is not None:
        blocks += sections(f"*New leads*: {len(leads)}")
        for lead in leads[:10]:
            mine = button("Accept", ACCEPT, value=f"{BY_LEAD}{lead.id}")
            owner = f", {escaped(lead.owner)} has it" if lead.owner else ""
            blocks += sections(f"*{lead.number}* {escaped(lead.name)}{owner}: {escaped(lead.needs[:200])}")
            blocks += actions([mine]) if lead.owner_id is None else []
    blocks.append(context("Ask me anything in a message, or type `/parley help`."))
    return {"type": "home", "blocks": fitting(blocks, limits.VIEW_BLOCKS)}


def _entry(entry: InboxEntry) -> str:
    since = entry.conversation.waiting_since
    waits = f", waits since {since:%H:%M} UTC" if since else ""
    return f"{escaped(entry.contact_name or 'A customer')}{waits}\n{quoted(entry.last_text[:200])}"


def _form(callback: str, title: str, submit: str, conversation_id: str, block: Block) -> View:
    return {
        "type": "modal",
        "callback_id": callback,
        "private_metadata": conversation_id,
        "title": _plain(title, limits.VIEW_TITLE),
        "submit": _plain(submit, limits.VIEW_TITLE),
        "close": _plain("Cancel", limits.VIEW_TITLE),
        "blocks": [block],
    }


def _modal(title: str, blocks: list[Block]) -> View:
    return {
        "type": "modal",
        "title": _plain(title, limits.VIEW_TITLE),
        "close": _plain("Close", limits.VIEW_TITLE),
        "blocks": fitting(blocks, limits.VIEW_BLOCKS),
    }


def _input(label: str, length: int, *, optional: bool = False) -> Block:
    return {
        "type": "input",
        "block_id": TEXT,
        "optional": optional,
        "label": _plain(label, limits.INPUT_LABEL),
        "element": {
            "type": "plain_text_input",
            "action_id": TEXT,
            "multiline": True,
            "max_length": length,
        },
    }


def _plain(text: str, limit: int) -> Block:
    return {"type": "plain_text", "text": cut(text, limit)}
