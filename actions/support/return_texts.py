"""Why things are sent back, read from what people say, and the sentences for what can't be."""

from __future__ import annotations

import re

from actions.support.own_order import day
from actions.support.reply import Reply, button, say
from crm.after_delivery import warranty_until
from crm.aftersales_views import Reason
from crm.errors import AlreadyReturned, CrmError, TooLate, WrongStatus
from crm.views import OrderView
from parley.bootstrap import ActionsContext

PERSON = button("Talk to a person", "human")
EXCHANGE = re.compile(
    r"\b(exchang\w*|swap\w*|replac\w*|another (size|colou?r|model|one)|different (one|model|colou?r))\b",
    re.IGNORECASE,
)
# The first that fits counts: who says what is wrong with it means that, whatever else they say.
PATTERNS: dict[Reason, re.Pattern[str]] = {
    "damaged": re.compile(
        r"\b(damaged?|crushed|smashed|dent(ed)?|scratch\w*|cracked|(arrived|came) broken|broken on arrival)\b",
        re.IGNORECASE,
    ),
    "wrong_item": re.compile(
        r"\b(wrong (item|product|one|thing|colou?r|model|size)|not what i ordered|something else"
        r"|sent me (a|the) (different|wrong))\b",
        re.IGNORECASE,
    ),
    "defective": re.compile(
        r"\b(defect\w*|faulty|broke\w*|(do(es)?n|didn|won).?t (work|turn on|start|charge)|not working|dead"
        r"|stopped working)\b",
        re.IGNORECASE,
    ),
    "unsuitable": re.compile(
        r"\b(fit|suit\w*|too (big|small|heavy|loud|slow|large|tight|quiet|dark|bright)|compatible|uncomfortable"
        r"|not as (described|expected))\b",
        re.IGNORECASE,
    ),
    "unwanted": re.compile(
        r"\b(changed? my mind|don.?t (want|need|like)|no longer (want|need)|found (a )?(better|cheaper)|by mistake"
        r"|(bought|got|have) (it )?twice|hate)\b",
        re.IGNORECASE,
    ),
}
TITLES: dict[Reason, str] = {
    "unsuitable": "It doesn't suit me",
    "defective": "It doesn't work",
    "damaged": "It arrived damaged",
    "wrong_item": "It's the wrong item",
    "unwanted": "I changed my mind",
}
SAID = {
    "damaged": "it arrived damaged",
    "wrong_item": "it's the wrong item",
    "defective": "it doesn't work",
    "unsuitable": "it doesn't suit you",
    "unwanted": "you changed your mind",
    "unsaid": "",
}
NO_REASON = re.compile(
    r"\b(rather not|no reason|skip|none of your|private|don.?t want to say|does it matter|just because)\b",
    re.IGNORECASE,
)


def reason_in(text: str) -> Reason | None:
    """The reason that the words give, if they give one."""
    return next((reason for reason, pattern in PATTERNS.items() if pattern.search(text)), None)


def is_refusal(error: CrmError) -> bool:
    return isinstance(error, AlreadyReturned | TooLate | WrongStatus)


def overtaken(error: CrmError) -> Reply:
    told = (
        "That has been announced as a return in the meantime."
        if isinstance(error, AlreadyReturned)
        else "That can't be sent back any more."
    )
    return say(
        f"{told} A colleague can look at it with you.", button("Where is my refund?", "refund_status"), PERSON
    )


def not_sent(order: OrderView, told: str) -> Reply:
    match order.status:
        case "placed" | "paid":
            return say(
                f"Order {order.number} hasn't been sent yet, so there is nothing to send back. "
                "I can cancel or change it.",
                button("Cancel it", "cancel_order"),
                button("Change it", "change_order"),
            )
        case "cancelled":
            money = told or "Nothing had been paid, so there is nothing to refund."
            return say(f"Order {order.number} was cancelled, so nothing needs to come back. {money}", PERSON)
        case _:
            return say(f"Order {order.number} has come back to us already. {told}".strip(), PERSON)


def too_late(order: OrderView, late: TooLate, context: ActionsContext) -> Reply:
    arrived = f" It arrived on {day(order.delivered_at)}." if order.delivered_at else ""
    text = (
        f"I'm sorry: order {order.number} could be sent back until {day(late.until)}, "
        f"{context.shop.return_days} days after it arrived.{arrived}"
    )
    buttons = [PERSON]
    if ends := warranty_until(order.delivered_at, context.shop):
        text += f" If something is wrong with it, the warranty still covers it until {day(ends)}."
        buttons.append(button("About the warranty", "ask_warranty"))
    return say(f"{text} A colleague can see whether an exception is possible.", *buttons)
