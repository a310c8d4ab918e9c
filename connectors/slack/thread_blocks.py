"""What stands in the thread of a live chat. Pure."""

from collections.abc import Sequence

from connectors.slack.cards import AUTHORS, NAMELESS, money, mood_words, sentence_case, ways_to_reach
from connectors.slack.render import Block, SlackMessage, actions, button, context, header, sections
from connectors.slack.text import escaped, quoted
from crm.services.briefing import Briefing
from crm.services.conversation_views import MessageView

REPLY = "reply"
RETURN = "return"
RESOLVE = "resolve"
HOW = "What you type here stays among you. `!r your words` sends your words to the customer, and so does the button."


def opening(told: Briefing) -> SlackMessage:
    """The summary with which a live chat begins: who, what they want, what was tried, mood, cart, last words."""
    talk = told.conversation
    who = told.name or NAMELESS
    reach = ", ".join(ways_to_reach(told.phone, told.email))
    facts = [
        f"*Who*: {escaped(sentence_case(who))}{f' ({escaped(reach)})' if reach else ''}, on {escaped(talk.channel)}"
    ]
    wants = talk.handoff_summary or "Nothing was summed up; see their last words."
    facts.append(f"*What they want and what was tried*:\n{quoted(wants[:1500])}")
    facts.append(f"*Mood*: {mood_words(talk.mood)}")
    facts.append(f"*Cart*: {_cart(told)}")
    lines = [f"{_author(message)}: {escaped(message.text[:300])}" for message in told.said if message.text]
    text = f"{talk.assignee} answers {who}."
    return SlackMessage(
        escaped(text),
        [
            header(text),
            *sections("\n".join(facts)),
            *(sections("*Last words*\n" + "\n".join(f">{line}" for line in _flat(lines))) if lines else []),
            context(HOW),
            *buttons(talk.id),
        ],
    )


def buttons(conversation_id: str) -> list[Block]:
    """What can be done with a live chat."""
    return actions(
        [
            button("Reply to customer", REPLY, value=conversation_id, style="primary"),
            button("Return to bot", RETURN, value=conversation_id),
            button("Resolve", RESOLVE, value=conversation_id),
        ]
    )


def line(message: MessageView, conversation_id: str) -> SlackMessage:
    """A message of the customer's, or one of an agent's that was sent from elsewhere."""
    if message.author == "customer":
        said = message.text or "(pressed a button)"
        return SlackMessage(
            f"Customer: {escaped(said[:300])}",
            [
                *sections(f"*Customer*\n{quoted(said)}"),
                *actions([button("Reply to customer", REPLY, value=conversation_id)]),
            ],
        )
    who = message.user_name or "A colleague"
    text = f"{escaped(who)} → customer"
    return SlackMessage(
        f"{text}: {escaped(message.text[:300])}", sections(f"*{text}*\n{quoted(message.text)}")
    )


def transition(status: str) -> SlackMessage:
    """The live chat ended or went to somebody else."""
    text = {
        "bot": "The assistant has it again and knows that a person helped. This thread is closed for now.",
        "queued": "The customer asks for a person again: see the new card.",
        "resolved": "Resolved. When the customer writes again, the assistant answers.",
        "ended": "The customer ended the chat and had it erased. Please delete what you don't need from this thread.",
    }.get(status, "The conversation changed hands.")
    return SlackMessage(text, sections(text))


def sent_from_thread(message: MessageView) -> bool:
    """Whether the thread has it already: it was typed there behind `!r`."""
    return (message.delivery_id or "").startswith("agent:slack:m|")


def _cart(told: Briefing) -> str:
    if not told.cart.lines:
        return "empty"
    items = ", ".join(f"{one.quantity} × {escaped(one.name)}" for one in told.cart.lines[:6])
    return f"{items}; {money(told.cart.total, told.cart.currency)} in all"


def _author(message: MessageView) -> str:
    return f"_{escaped(message.user_name or AUTHORS.get(message.author, message.author))}_"


def _flat(lines: Sequence[str]) -> list[str]:
    return [" ".join(one.splitlines()) for one in lines]
