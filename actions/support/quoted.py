"""What can be done with a quote that there is: look at it, and order what it offers."""

from __future__ import annotations

from actions.support.quote_text import quote_head, quote_table
from actions.support.reply import Reply, button, enter, say
from crm.sales_views import QuoteView

INTENT = "request_quote"
ORDER_FORM = "quote_order_form"


def seen_again(quote: QuoteView) -> Reply:
    """The quote as it stands today."""
    told = {
        "open": "",
        "expired": "It has expired; I can make you a new one at today's prices.",
        "withdrawn": "It has been withdrawn by our team; a colleague can tell you why.",
        "accepted": f"You have ordered it: {quote.order}.",
    }[quote.status]
    buttons = {
        "open": (button("Accept the quote", INTENT, choice="accept"),),
        "expired": (button("New quote", INTENT),),
        "withdrawn": (button("Talk to a person", "human"),),
        "accepted": (button("Track this order", "order_status", order_number=quote.order),),
    }[quote.status]
    return say(f"{quote_head(quote)} {told}".strip(), *buttons, custom={"table": quote_table(quote)})


def start_order(quote: QuoteView | None, number: str | None) -> Reply:
    """From a quote to its order: an address and a yes are missing."""
    if quote is None:
        which = f"quote {number}" if number else "quote"
        return say(
            f"There is no {which} in this chat that I could order from. A quote can be accepted where it was given; "
            "a colleague can help with others.",
            button("New quote", INTENT),
            button("Talk to a person", "human"),
        )
    if quote.status != "open":
        return seen_again(quote)
    return Reply(events=enter(ORDER_FORM, quote_number=quote.number, quote_confirm=None))
