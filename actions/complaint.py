"""A complaint: heard, kept as a ticket for the team with the order if it is proven, and asked what would help."""

from __future__ import annotations

import re

from actions.human import RequestHuman
from actions.support.base import ShopAction, WritingAction
from actions.support.form import Answer, FormValidator
from actions.support.order_named import order_in
from actions.support.reply import Button, Reply, button, enter, leave, say, set_slots
from actions.support.turn import Turn
from actions.support.use_cases import STILL_HERE, Form, Offer, Reading, UseCase, to
from crm.database import UnitOfWork
from crm.services import tickets
from parley.bootstrap import ActionsContext

FORM = "complaint_form"
# In order: who complains about the courier's manners complains about the delivery.
TOPICS = {
    "delivery": re.compile(
        r"\b(deliver\w*|parcel|package|courier|driver|shipping|shipp?ed|post(man)?|arriv\w*|late|box|carton|packag\w*"
        r"|fence|doorstep|neighbou?r)\b",
        re.IGNORECASE,
    ),
    "payment": re.compile(
        r"\b(charged|invoice|refund\w*|money back|payment|paid twice|bill(ed)?)\b", re.IGNORECASE
    ),
    "service": re.compile(
        r"\b(service|staff|support|phone call|called|hung up|rude|answer\w*|reply|replied|e?mails?|nobody|no one"
        r"|employee|store|shop|company|people)\b",
        re.IGNORECASE,
    ),
    "product": re.compile(
        r"\b(broken?|broke|faulty|defect\w*|scratch\w*|crack\w*|damaged|battery|quality|screen|sound|camera|product"
        r"|overheats?|leaks?|missing|wrong (one|colou?r|item)|works?|stopped|junk|rubbish|piece of)\b",
        re.IGNORECASE,
    ),
}
REGRETS = {
    "delivery": "I'm sorry about the delivery; that shouldn't have happened.",
    "payment": "I'm sorry that something went wrong with the money.",
    "service": "I'm sorry for how you were treated.",
    "product": "I'm sorry that it lets you down.",
    "other": "I'm sorry to hear that.",
}
WISHES = {
    "replacement": "A replacement",
    "money_back": "My money back",
    "answer": "An answer from the team",
}
# Said when asked what would help, these are answers: "a voucher", "a new one", "not such rubbish".
WISHED = frozenset({"abuse", "ask_discount", "find_product", "price_objection", "refine_search"})
LOOKS = re.compile(r"\b(find|show|search|look(ing)?|see|got|sell|recommend)\b", re.IGNORECASE)
NOTHING = re.compile(
    r"^\W*(i )?(nothing|no|nope|never ?mind|forget it|it.s fine|don.?t know|dunno)\b", re.IGNORECASE
)


class Complain(WritingAction):
    """Opens a ticket, apologises once, and asks what would help. More about the same goes into the same ticket."""

    action = "action_complain"

    async def write(self, turn: Turn, context: ActionsContext, uow: UnitOfWork) -> Reply:
        if not turn.words:
            return Reply(events=leave()).then(
                say(
                    "I'm listening. What happened? A sentence or two is enough; I'll pass it on word for word."
                )
            )
        known = turn.slot("ticket")
        if isinstance(known, str):
            await tickets.add_to(uow, known, about=turn.words)
            return say(
                "I've added that to your complaint. A colleague can take it from here, now if you like.",
                *_people(),
                events=(*leave(), *set_slots(offer={"kind": "human"})),
            )
        topic = topic_of(turn)
        ticket = await tickets.open_ticket(
            uow,
            conversation_id=turn.conversation_id,
            about=turn.words,
            topic=topic,
            cause=turn.message_id,
            order=_order(turn),
        )
        text = f"{REGRETS[topic]} I've passed it on to our team in your own words"
        text += f", together with your order {ticket.order}." if ticket.order else "."
        if not ticket.order and (named := order_in(turn)):
            text += f" (You mention {named}: a colleague will ask you to confirm that it's yours.)"
        return say(text, events=enter(FORM, ticket=ticket.id, complaint_wish=None))


def topic_of(turn: Turn) -> str:
    """What it is about, from the words; a product that is named and nothing else said makes it the product."""
    said = {name: len(pattern.findall(turn.words)) for name, pattern in TOPICS.items()}
    if turn.any_of("product") or turn.any_of("category"):
        said["product"] += 1
    best = max(said, key=lambda name: said[name])
    return best if said[best] else "other"


def _order(turn: Turn) -> tuple[str, str] | None:
    """The order that this chat has proven: one placed in it, unless another is named."""
    last = turn.slot("last_order")
    if not isinstance(last, dict) or not last.get("number") or not last.get("email"):
        return None
    return (last["number"], last["email"]) if order_in(turn) in (None, last["number"]) else None


class ValidateComplaintForm(FormValidator):
    """Whatever is said next and isn't a request of its own is what would help."""

    form = FORM
    own_intent = "complaint"

    async def read(self, turn: Turn, context: ActionsContext) -> Answer | None:
        if turn.choice in WISHES:
            return Answer({"complaint_wish": WISHES[turn.choice]})
        looks_for = (
            turn.intent in ("find_product", "refine_search")
            and turn.any_of("category")
            and LOOKS.search(turn.words)
        )
        if turn.intent == "thanks" or looks_for or (self.interrupts(turn) and turn.intent not in WISHED):
            return None
        if turn.intent == "deny" or NOTHING.search(turn.words):
            return Answer({"complaint_wish": "nothing"})
        if turn.intent == "affirm" or not turn.words:
            return None
        return Answer({"complaint_wish": turn.words})


class AskComplaintWish(ShopAction):
    """The one question."""

    action = "action_ask_complaint_wish"
    ends_search = False

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        wishes = (button(title, "complaint", choice=choice) for choice, title in WISHES.items())
        return say("What would help you most now?", *wishes, button("Talk to a person", "human"))


class KeepComplaintWish(WritingAction):
    """Adds the wish to the ticket, says what happens next, and shows the way to do it at once where there is one."""

    action = "action_keep_complaint_wish"

    async def write(self, turn: Turn, context: ActionsContext, uow: UnitOfWork) -> Reply:
        wish, ticket = turn.slot("complaint_wish"), turn.slot("ticket")
        if not isinstance(wish, str) or not isinstance(ticket, str):
            return Reply()
        cleared = set_slots(complaint_wish=None)
        if wish == "nothing":
            return say(
                "All right. Your complaint is with the team all the same. Would you like to talk to somebody?",
                *_people(),
                events=(*cleared, *set_slots(offer={"kind": "human"})),
            )
        await tickets.add_to(uow, ticket, wish=wish)
        return say(
            "Thank you; your wish stands with your complaint, and a colleague will decide on it. That's nothing I may "
            "do by myself. Shall I fetch a person right now?",
            *_people(),
            *(to("return_order") if wish in (WISHES["replacement"], WISHES["money_back"]) else ()),
            events=(*cleared, *set_slots(offer={"kind": "human"})),
        )


def _people() -> tuple[Button, ...]:
    return button("Talk to a person", "human"), button("Call me back", "callback")


USE_CASE = UseCase(
    readings={"complaint": Reading("Make a complaint", Complain(), guessed=False)},
    offers={"complaint": Offer(RequestHuman(), STILL_HERE)},
    forms={
        FORM: Form(
            stopped="OK. Your complaint stays with the team.",
            doing="making a complaint",
            cleared=("complaint_wish",),
        )
    },
)
