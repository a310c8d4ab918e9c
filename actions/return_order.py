"""Sending something back: which piece, why (if they like), a summary to confirm, and a number with a slip to print."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from actions.order_status import refund_text
from actions.support import fields
from actions.support.base import ShopAction
from actions.support.form import Answer, unfinished_order
from actions.support.order_lines import ALL, Line, counted, from_slot, picked
from actions.support.own_order import (
    PAIR,
    ConfirmValidator,
    OrderFormValidator,
    OwnOrderAction,
    begin,
    day,
    document,
)
from actions.support.reply import Reply, button, enter, listed, money, say
from actions.support.return_texts import (
    EXCHANGE,
    NO_REASON,
    SAID,
    TITLES,
    is_refusal,
    not_sent,
    overtaken,
    reason_in,
    too_late,
)
from actions.support.turn import Turn
from actions.support.use_cases import Form, Reading, UseCase
from crm.after_delivery import money_back, return_until
from crm.aftersales_views import Returnable, Wants
from crm.database import UnitOfWork
from crm.errors import AlreadyReturned, CrmError, TooLate, WrongStatus
from crm.links import RETURN
from crm.services import catalogue, refunds, returns
from crm.views import OrderView
from parley.bootstrap import ActionsContext

FORM = "return_order_form"
DETAILS = "return_order_details_form"
# What the details' form fills, and what is remembered from the first sentence until then.
SLOTS = (
    *PAIR,
    "return_line",
    "return_quantity",
    "return_reason",
    "return_confirm",
    "return_lines",
    "return_said",
)
PERSON = button("Talk to a person", "human")


class StartReturnOrder(ShopAction):
    """Begin with what was said: the order, the product, the reason, and whether something else shall come instead."""

    action = "action_start_return_order"

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        product = turn.any_of("product")
        said = {
            "skus": [product.value, *product.candidates] if product is not None else [],
            "kind": turn.value("category"),
            "text": "" if turn.pressed else turn.words[:300],
            "reason": reason_in(turn.words),
            "wants": "exchange" if EXCHANGE.search(turn.words) else "refund",
        }
        fresh: dict[str, Any] = dict.fromkeys(SLOTS[2:])
        return Reply(events=begin(FORM, turn, **{**fresh, "return_said": said}))


class ValidateReturnOrderForm(OrderFormValidator):
    form = FORM
    own_intent = "return_order"


class OpenReturnOrder(OwnOrderAction):
    """The order is theirs: go on with what may be sent back, or say exactly why nothing may."""

    action = "action_open_return_order"
    intent = "return_order"
    slots = SLOTS

    async def act(self, turn: Turn, context: ActionsContext, uow: UnitOfWork, order: OrderView) -> Reply:
        try:
            left = await returns.returnable(uow, order.number)
        except WrongStatus:
            owed = await refunds.of_order(uow, order.number)
            told = " ".join(refund_text(refund) for refund in owed)
            return not_sent(order, told).with_events(*self.done(turn)).then(unfinished_order(turn))
        except TooLate as late:
            return too_late(order, late, context).with_events(*self.done(turn)).then(unfinished_order(turn))
        except AlreadyReturned:
            reply = await self._announced(context, uow, order)
            return reply.with_events(*self.done(turn)).then(unfinished_order(turn))
        lines = tuple(Line(one.position, one.sku, one.name, one.left) for one in left)
        products = await catalogue.get_many(uow, [line.sku for line in lines])
        kinds = {sku: product.category for sku, product in products.items()}
        return Reply(events=enter(DETAILS, **_begin_with(turn.slot("return_said"), lines, kinds)))

    async def _announced(self, context: ActionsContext, uow: UnitOfWork, order: OrderView) -> Reply:
        backs = [back for back in await returns.of_order(uow, order.number) if back.status == "announced"]
        if not backs:
            return say(f"Everything of order {order.number} has come back to us already.", PERSON)
        slips = "\n".join(
            f"{back.number}, by {day(back.send_by)}: {document(context, RETURN, back.number)}"
            for back in backs
        )
        return say(
            f"Everything of order {order.number} is announced as a return already. The slips:\n{slips}",
            PERSON,
        )


def _begin_with(said: Any, lines: tuple[Line, ...], kinds: Mapping[str, str]) -> dict[str, Any]:
    """The details' slots, filled with what the first sentence said and what leaves no choice."""
    known: Mapping[str, Any] = said if isinstance(said, dict) else {}
    named = [line for line in lines if line.sku in known.get("skus", ())]
    named = named or [line for line in lines if known.get("kind") and kinds.get(line.sku) == known["kind"]]
    line = named[0] if len(named) == 1 else lines[0] if len(lines) == 1 else None
    return {
        "return_lines": [line.as_slot() for line in lines],
        "return_line": line.position if line else None,
        "return_quantity": 1 if line and line.quantity == 1 else None,
        "return_reason": known.get("reason"),
        "return_confirm": None,
    }


class ValidateReturnDetails(ConfirmValidator):
    """Reads line, quantity, reason and confirmation; the first three may still be changed at the end."""

    form = DETAILS
    own_intent = "return_order"
    slot = "return_confirm"
    unclear = "Shall I set the return up? Please say yes or no."
    why: ClassVar[Mapping[str, str]] = {
        "return_line": "So that the right money goes back to you.",
        "return_quantity": "So that the right money goes back to you.",
        "return_reason": "Only so that we learn from it; you needn't say.",
        "return_confirm": "So that nothing is announced that you didn't mean.",
    }

    async def read(self, turn: Turn, context: ActionsContext) -> Answer | None:
        match turn.requested_slot:
            case "return_line":
                return self._line(turn)
            case "return_quantity":
                return self._quantity(turn)
            case "return_reason":
                return self._reason(turn)
        return self.confirmation(turn)

    def _line(self, turn: Turn) -> Answer | None:
        lines = from_slot(turn.slot("return_lines"))
        chosen = picked(turn, lines)
        if chosen == ALL:
            return Answer({"return_line": ALL, "return_quantity": ALL})
        if isinstance(chosen, Line):
            return Answer({"return_line": chosen.position, "return_quantity": _pieces(turn, chosen)})
        if self.interrupts(turn) or fields.is_question(turn.words):
            return None
        return self.again(turn, "I can't tell which of them you mean.")

    def _quantity(self, turn: Turn) -> Answer | None:
        lines = from_slot(turn.slot("return_lines"))
        most = next((line.quantity for line in lines if line.position == turn.slot("return_line")), 1)
        if picked(turn, lines) == ALL or turn.choice == ALL:
            return Answer({"return_quantity": most})
        count = int(turn.choice) if turn.choice and turn.choice.isdigit() else counted(turn)
        if count is not None and 1 <= count <= most:
            return Answer({"return_quantity": count})
        if count is not None:
            return self.again(turn, f"You can send back up to {most} of them.")
        if self.interrupts(turn) or fields.is_question(turn.words):
            return None
        return self.again(turn, f"I need a number from 1 to {most}.")

    def _reason(self, turn: Turn) -> Answer | None:
        if turn.choice in SAID:
            return Answer({"return_reason": turn.choice})
        if turn.intent in ("stop", "human", "start_over") and self.interrupts(turn):
            return None
        if found := reason_in(turn.words):
            return Answer({"return_reason": found, **_noted(turn)})
        if NO_REASON.search(turn.words) or turn.intent == "deny":
            return Answer({"return_reason": "unsaid"})
        if self.interrupts(turn) or fields.is_question(turn.words):
            return None
        return Answer({"return_reason": "unsaid", **_noted(turn)})


def _noted(turn: Turn) -> dict[str, Any]:
    said = turn.slot("return_said")
    return {"return_said": {**(said if isinstance(said, dict) else {}), "text": turn.words[:300]}}


def _pieces(turn: Turn, line: Line) -> int | None:
    """How many of the line, when that is clear."""
    if line.quantity == 1:
        return 1
    count = counted(turn)
    return count if count is not None and 1 <= count <= line.quantity else None


class AskReturnLine(ShopAction):
    action = "action_ask_return_order_details_form_return_line"
    ends_search = False

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        lines = from_slot(turn.slot("return_lines"))
        buttons = [
            button(f"{line.quantity} × {line.name}", "inform", choice=f"line:{line.position}")
            for line in lines[:6]
        ]
        return say(
            "Which of these would you like to send back?",
            *buttons,
            button("Everything", "inform", choice=f"line:{ALL}"),
        )


class AskReturnQuantity(ShopAction):
    action = "action_ask_return_order_details_form_return_quantity"
    ends_search = False

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        lines = from_slot(turn.slot("return_lines"))
        line = next((one for one in lines if one.position == turn.slot("return_line")), None)
        most, name = (line.quantity, line.name) if line else (1, "them")
        few = [button(str(count), "inform", choice=str(count)) for count in range(1, min(most, 5))]
        return say(
            f"You bought {most} × {name}. How many come back?",
            *few,
            button("All of them", "inform", choice=ALL),
        )


class AskReturnReason(ShopAction):
    action = "action_ask_return_order_details_form_return_reason"
    ends_search = False

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        return say(
            "May I ask why? You needn't give a reason, but it helps us.",
            *(button(title, "inform", choice=reason) for reason, title in TITLES.items()),
            button("Rather not say", "inform", choice="unsaid"),
        )


class AskReturnConfirm(OwnOrderAction):
    """Names what comes back, what is refunded and until when it has to be handed in."""

    action = "action_ask_return_order_details_form_return_confirm"
    intent = "return_order"
    slots = SLOTS
    ends_search = False

    async def act(self, turn: Turn, context: ActionsContext, uow: UnitOfWork, order: OrderView) -> Reply:
        left = await returns.returnable(uow, order.number)
        pieces = chosen(turn, left)
        names = [f"{pieces[one.position]} × {one.name}" for one in left if one.position in pieces]
        goods = sum(
            (one.unit_price * pieces[one.position] for one in left if one.position in pieces), Decimal("0.00")
        )
        back = money_back(goods, subtotal=order.subtotal, delivery=order.delivery, policy=uow.policy)
        postage = (
            f"The postage of {money(uow.policy.return_postage, order.currency)} is taken off. "
            if uow.policy.return_postage
            else "Sending it costs you nothing. "
        )
        until = return_until(order.delivered_at, uow.policy)
        when = f"by {day(until)}" if until else f"within {uow.policy.return_days} days of its arrival"
        why = SAID.get(str(turn.slot("return_reason")), "")
        return say(
            f"So {listed(names)} of order {order.number} {'go' if sum(pieces.values()) > 1 else 'goes'} back"
            f"{f' because {why}' if why else ''}. {postage}"
            f"Hand it in {when}, and {money(back, order.currency)} are refunded within "
            f"{uow.policy.refund_days} working days of its reaching us. Shall I set the return up?",
            button("Yes, please", "affirm"),
            button("No", "deny"),
        )

    async def explain(self, turn: Turn, context: ActionsContext, error: CrmError) -> Reply:
        return (
            overtaken(error).with_events(*self.done(turn))
            if is_refusal(error)
            else await super().explain(turn, context, error)
        )


class ReturnOrder(OwnOrderAction):
    """Announces the return that was confirmed, once, and gives its number and slip."""

    action = "action_return_order"
    intent = "return_order"
    slots = SLOTS

    async def act(self, turn: Turn, context: ActionsContext, uow: UnitOfWork, order: OrderView) -> Reply:
        confirmed = turn.slot("return_confirm")
        if confirmed is not True:
            nothing = say("OK, nothing is sent back.", PERSON, events=self.done(turn))
            return nothing.then(unfinished_order(turn)) if confirmed is False else Reply()
        said = turn.slot("return_said") if isinstance(turn.slot("return_said"), dict) else {}
        wants: Wants = "exchange" if said.get("wants") == "exchange" else "refund"
        left = await returns.returnable(uow, order.number)
        back = await returns.announce(
            uow,
            order.number,
            chosen(turn, left),
            cause=turn.message_id,
            conversation_id=turn.conversation_id,
            reason=turn.slot("return_reason") or "unsaid",
            note=str(said.get("text") or ""),
            wants=wants,
        )
        instead = (
            " For what you'd like instead: order it right away, so that nobody else takes it; we refund this one."
            if wants == "exchange"
            else ""
        )
        more = sum(one.left for one in left) > sum(line.left for line in back.lines)
        buttons = [button("Find the other one", "find_product")] if wants == "exchange" else []
        buttons += [button("Send back something else", "return_order")] if more else []
        return say(
            f"Your return number is {back.number}. Print this slip and put it on the parcel, or write the number on "
            f"it:\n{document(context, RETURN, back.number)}\n"
            f"Please hand it in by {day(back.send_by)}. {money(back.amount, back.currency)} go back to you within "
            f"{uow.policy.refund_days} working days of its reaching us.{instead}",
            *buttons,
            events=self.done(turn),
        ).then(unfinished_order(turn))

    async def explain(self, turn: Turn, context: ActionsContext, error: CrmError) -> Reply:
        return (
            overtaken(error).with_events(*self.done(turn))
            if is_refusal(error)
            else await super().explain(turn, context, error)
        )


def chosen(turn: Turn, left: tuple[Returnable, ...]) -> dict[int, int]:
    """Pieces by position, as the slots have them."""
    if turn.slot("return_line") == ALL:
        return {one.position: one.left for one in left}
    quantity = turn.slot("return_quantity")
    return {
        one.position: quantity if isinstance(quantity, int) else one.left
        for one in left
        if one.position == turn.slot("return_line")
    }


USE_CASE = UseCase(
    readings={"return_order": Reading("Send something back", StartReturnOrder(), about_order=True)},
    forms={
        FORM: Form("OK, nothing is sent back.", "asking to send something back", SLOTS),
        DETAILS: Form("OK, no return was set up.", "setting up a return", SLOTS),
    },
)
