"""What the gateway itself says to customers. Everything else is the bot's or an agent's."""

from connectors.messages import Choice, Reply

CALL_BACK = Choice(title="Ask for a call-back", payload="/callback")
HUMAN = Choice(title="Talk to a person", payload="/human")

DELAYED = Reply(
    text="I'm having trouble answering right now. Your message is safe, and I'll reply as soon as I can.",
    kind="notice",
)
SLOW = Reply(text="This takes longer than usual. I'm still on it and will reply here.", kind="notice")
GAVE_UP = Reply(
    text="I'm sorry, I couldn't answer that message. Please try again in other words, or ask for a person.",
    kind="notice",
    choices=(HUMAN, CALL_BACK),
)
NOTHING_TO_SAY = Reply(
    text="I'm sorry, I have no answer to that. Could you put it in other words?", choices=(HUMAN,)
)
HANDED_OVER = Reply(
    text="I've asked a colleague to take over. You can keep writing here: they will see all of it.",
    kind="notice",
)
HANDED_OVER_BY_MOOD = Reply(
    text="I'm sorry this is going badly. I've asked a colleague to take over; they will see what you wrote.",
    kind="notice",
)
NOBODY_FREE = Reply(
    text="I'm sorry, nobody is free at the moment. I can have somebody call you back, or go on helping here.",
    choices=(CALL_BACK,),
)


def for_role(reply: Reply, role: str) -> Reply:
    """Without the choices of customers where a member of staff reads it."""
    return reply if role == "customer" else reply.model_copy(update={"choices": ()})
