"""What a change does to an order, in words: before it is made, after it was, and when it can't be."""

from __future__ import annotations

from typing import Any

from actions.support.own_order import day
from actions.support.reply import Reply, button, money, say
from crm.aftersales_views import Amended, Amendment, make_it, move_to, put_in
from crm.errors import (
    CrmError,
    InvalidInput,
    NotFound,
    NothingLeft,
    OutOfStock,
    PaidAlready,
    QuantityTooLarge,
    TooManyProducts,
    WrongStatus,
)
from crm.views import OrderView
from parley.bootstrap import ActionsContext

PERSON = button("Talk to a person", "human")


def amendment(plan: Any) -> Amendment:
    """The change that a slot holds. Raises InvalidInput for one that isn't complete."""
    match plan:
        case {"kind": "address", "address": str(address)}:
            return move_to(address)
        case {"kind": "quantity" | "removed", "position": int(position), "quantity": int(quantity)}:
            return make_it(quantity, position=position)
        case {"kind": "added", "sku": str(sku), "quantity": int(quantity)}:
            return put_in(sku, quantity)
        case _:
            raise InvalidInput("change", plan, "say what shall be different")


def what_changes(before: OrderView, after: Amended, plan: Any) -> str:
    """The difference that a customer agrees to, with sums that are the CRM's."""
    if plan.get("kind") == "address":
        address = ", ".join(after.address.splitlines())
        return (
            f"Order {after.number} would go to: {address}. Everything else stays, also the {_total(after)}."
        )
    lines = "\n".join(
        f"{line.quantity} × {line.name}: {money(line.line_total, after.currency)}" for line in after.lines
    )
    delivery = "free" if after.delivery == 0 else money(after.delivery, after.currency)
    text = (
        f"Order {after.number} would be:\n{lines}\nDelivery: {delivery}\n"
        f"Total: {money(after.total, after.currency)} instead of {money(before.total, before.currency)}."
    )
    if after.delivery > before.delivery:
        text += " The delivery is no longer free, since the goods are worth less than before."
    return f"{text}{_money_back(after)}"


def changed_text(after: Amended, plan: Any, context: ActionsContext) -> str:
    """What was done."""
    if plan.get("kind") == "address":
        address = ", ".join(after.address.splitlines())
        return f"Done: order {after.number} goes to {address}."
    due = "" if after.refund else " Please pay that amount; a new invoice is ready when you ask for it."
    back = (
        f" {money(after.refund, after.currency)} go back to you within {context.shop.refund_days} working days."
        if after.refund
        else ""
    )
    paid = "" if after.total == after.total_before else due
    total = money(after.total, after.currency)
    return f"Done: order {after.number} is changed. The total is {total}.{back}{paid}"


def _total(after: Amended) -> str:
    return f"total of {money(after.total, after.currency)}"


def _money_back(after: Amended) -> str:
    return f" {money(after.refund, after.currency)} go back to you." if after.refund else ""


def impossible(order: OrderView, state: str) -> Reply:
    """Why an order in this state can't be changed, and what can be done instead."""
    match order.status:
        case "shipped":
            left = f" on {day(order.shipped_at)}" if order.shipped_at else ""
            return say(
                f"Order {order.number} left our house{left}, so I can't change it any more. The courier's tracking "
                "e-mail has a link where you can name another place or day, and what you don't want can come back.",
                button("Send something back", "return_order"),
                PERSON,
            )
        case "delivered":
            return say(
                f"Order {order.number} has been delivered, so it can't be changed any more. You can send something "
                "back, or order something else besides.",
                button("Send something back", "return_order"),
                button("Find a product", "find_product", choice="keep_looking"),
            )
        case _:
            return say(f"{state} It can't be changed any more.", PERSON)


REFUSALS = (
    NothingLeft,
    PaidAlready,
    OutOfStock,
    QuantityTooLarge,
    TooManyProducts,
    NotFound,
    InvalidInput,
    WrongStatus,
)


def is_refusal(error: CrmError) -> bool:
    return isinstance(error, REFUSALS)


def refusal(error: CrmError, plan: Any, context: ActionsContext) -> Reply:
    """Why the change can't be made, and what is possible."""
    again = button("Change something else", "change_order")
    sku = plan.get("sku") if isinstance(plan, dict) else None
    match error:
        case NothingLeft():
            return say(
                "That would leave nothing of the order. Shall I cancel it as a whole?",
                button("Cancel the order", "cancel_order"),
                again,
            )
        case PaidAlready():
            more = [button("Put it into a new order", "add_to_cart", product=sku)] if sku else []
            return say(
                f"The order is paid already, and this would cost {money(error.difference, error.currency)} more, "
                "which I can't collect here. You can order it separately, or a colleague changes it with you.",
                *more,
                again,
                PERSON,
            )
        case OutOfStock():
            left = f"only {error.available} more" if error.available else "none"
            return say(
                f"I'm sorry, there {'are' if error.available > 1 else 'is'} {left} in stock.", again, PERSON
            )
        case TooManyProducts():
            return say(f"An order can hold {error.limit} different products.", again)
        case QuantityTooLarge():
            return say(f"In one order you can have up to {error.limit} of a product.", again, PERSON)
        case WrongStatus():
            return say(
                f"I'm sorry, order {error.number} has just been {error.status}, so it can't be changed any more.",
                PERSON,
            )
        case InvalidInput(field="address"):
            return say(f"I can't use that address: {error.fix}.", again)
        case _:
            return say("That isn't sold any more, so I can't put it into the order.", again, PERSON)
