"""Changing an order that hasn't been sent: address, pieces, another product. The new sums are shown, then confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from actions.order_status import state
from actions.support import fields
from actions.support.base import ShopAction
from actions.support.change_reading import TAKE_OUT, change_said, first_plan, plan_for
from actions.support.change_texts import (
    PERSON,
    amendment,
    changed_text,
    impossible,
    is_refusal,
    refusal,
    what_changes,
)
from actions.support.form import Answer, unfinished_order
from actions.support.order_lines import Line, from_slot, picked
from actions.support.own_order import PAIR, ConfirmValidator, OrderFormValidator, OwnOrderAction, begin
from actions.support.reply import Reply, button, enter, say, set_slots
from actions.support.turn import Turn
from actions.support.use_cases import Form, Reading, UseCase
from crm.database import UnitOfWork
from crm.errors import CrmError, TotalChanged
from crm.services import orders
from crm.views import OrderView
from parley.bootstrap import ActionsContext

FORM = "change_order_form"
DETAILS = "change_order_details_form"
SLOTS = (*PAIR, "change_what", "change_plan", "change_confirm", "change_lines", "change_shown")


class StartChangeOrder(ShopAction):
    """Begin with what was said; what shall change is read once the order's lines are known."""

    action = "action_start_change_order"

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        fresh: dict[str, Any] = dict.fromkeys(SLOTS[2:])
        return Reply(events=begin(FORM, turn, **fresh, change_said=change_said(turn)))


class ValidateChangeOrderForm(OrderFormValidator):
    form = FORM
    own_intent = "change_order"


class OpenChangeOrder(OwnOrderAction):
    """The order is theirs: go on with what was asked for, or say why it can't be changed any more."""

    action = "action_open_change_order"
    intent = "change_order"
    slots = SLOTS

    async def act(self, turn: Turn, context: ActionsContext, uow: UnitOfWork, order: OrderView) -> Reply:
        if order.status not in uow.policy.changeable:
            reply = impossible(order, state(order))
            return reply.with_events(*self.done(turn)).then(unfinished_order(turn))
        lines = tuple(Line(one.position, one.sku, one.name, one.quantity) for one in order.lines)
        what, plan = first_plan(turn.slot("change_said"), lines)
        kept = [line.as_slot() for line in lines]
        return Reply(
            events=enter(DETAILS, change_lines=kept, change_what=what, change_plan=plan, change_confirm=None)
        )


class ValidateChangeDetails(ConfirmValidator):
    """Reads what to change, to what, and the confirmation."""

    form = DETAILS
    own_intent = "change_order"
    slot = "change_confirm"
    unclear = "Shall I change the order like that? Please say yes or no."
    why: ClassVar[Mapping[str, str]] = {
        "change_what": "So that I change the right thing.",
        "change_plan": "So that I change it to the right thing.",
        "change_confirm": "So that nothing is changed that you didn't mean.",
    }

    async def read(self, turn: Turn, context: ActionsContext) -> Answer | None:
        lines = from_slot(turn.slot("change_lines"))
        if turn.requested_slot == "change_what":
            return self._what(turn, lines)
        if turn.requested_slot == "change_plan":
            return self._plan(turn, lines)
        if fields.is_clearly_address(turn.words) and turn.slot("change_what") == "address":
            return Answer({"change_plan": {"kind": "address", "address": fields.address(turn.words)}})
        return self.confirmation(turn)

    def _what(self, turn: Turn, lines: tuple[Line, ...]) -> Answer | None:
        what, plan = first_plan(change_said(turn), lines)
        if what is None and fields.is_clearly_address(turn.words):
            what, plan = "address", {"kind": "address", "address": fields.address(turn.words)}
        if what is None and isinstance(line := picked(turn, lines), Line):
            what = f"line:{line.position}"
            out = TAKE_OUT.search(turn.words)
            plan = {"kind": "removed", "position": line.position, "quantity": 0} if out else None
        if what is not None:
            return Answer({"change_what": what, "change_plan": plan})
        if self.interrupts(turn) or fields.is_question(turn.words):
            return None
        return self.again(turn, "I didn't get what shall be different.")

    def _plan(self, turn: Turn, lines: tuple[Line, ...]) -> Answer | None:
        what = str(turn.slot("change_what"))
        if plan := plan_for(what, turn, lines):
            return Answer({"change_plan": plan})
        if self.interrupts(turn) or fields.is_question(turn.words):
            return None
        if what == "address":
            return self.again(turn, "For the courier I need street and number, postcode and town.")
        if what == "add":
            return self.again(turn, "I don't know that product; its name as in the shop helps.")
        return self.again(turn, "I need a number; 0 takes it out.")


class AskChangeWhat(ShopAction):
    action = "action_ask_change_order_details_form_change_what"
    ends_search = False

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        lines = from_slot(turn.slot("change_lines"))
        return say(
            "What would you like to change?",
            button("The delivery address", "inform", choice="address"),
            *(
                button(f"{line.quantity} × {line.name}", "inform", choice=f"line:{line.position}")
                for line in lines[:4]
            ),
            button("Add a product", "inform", choice="add"),
            button("The delivery day", "inform", choice="day"),
        )


class AskChangePlan(OwnOrderAction):
    """Asks for the new value. A day can't be chosen here, so that is answered at once."""

    action = "action_ask_change_order_details_form_change_plan"
    intent = "change_order"
    slots = SLOTS
    ends_search = False

    async def act(self, turn: Turn, context: ActionsContext, uow: UnitOfWork, order: OrderView) -> Reply:
        what = str(turn.slot("change_what"))
        if what == "day":
            return say(
                f"{state(order)} I can't promise another day: the parcel leaves as soon as it's ready. The courier's "
                "tracking e-mail has a link where you choose the day or a pick-up point; a colleague can also hold it.",
                PERSON,
                button("Change something else", "change_order"),
                events=self.done(turn),
            ).then(unfinished_order(turn))
        if what == "address":
            return say("Where should it go instead? Street and number, postcode and town, please.")
        if what == "add":
            return say("Which product shall I add? Tell me its name, and how many if it's more than one.")
        line = next((one for one in order.lines if f"line:{one.position}" == what), None)
        if line is None:
            return say("How many should it be?")
        return say(
            f"It's {line.quantity} × {line.name} so far. How many should it be?",
            button("Take it out", "inform", choice="out"),
            *(
                button(str(count), "inform", choice=str(count))
                for count in range(1, 4)
                if count != line.quantity
            ),
        )


class AskChangeConfirm(OwnOrderAction):
    """Shows the order as it would be, with its new sums; or says why it can't be so."""

    action = "action_ask_change_order_details_form_change_confirm"
    intent = "change_order"
    slots = SLOTS
    ends_search = False

    async def act(self, turn: Turn, context: ActionsContext, uow: UnitOfWork, order: OrderView) -> Reply:
        after = await orders.preview(uow, order.number, amendment(turn.slot("change_plan")))
        return say(
            what_changes(order, after, turn.slot("change_plan")) + " Shall I change it?",
            button("Yes, change it", "affirm"),
            button("No, leave it", "deny"),
            events=set_slots(change_shown=str(after.total)),
        )

    async def explain(self, turn: Turn, context: ActionsContext, error: CrmError) -> Reply:
        if is_refusal(error):
            return refusal(error, turn.slot("change_plan"), context).with_events(*self.done(turn))
        return await super().explain(turn, context, error)


class ChangeOrder(OwnOrderAction):
    """Makes the change that was confirmed, if the sums are still those that were shown."""

    action = "action_change_order"
    intent = "change_order"
    slots = SLOTS

    async def act(self, turn: Turn, context: ActionsContext, uow: UnitOfWork, order: OrderView) -> Reply:
        confirmed, shown = turn.slot("change_confirm"), turn.slot("change_shown")
        if confirmed is not True or not isinstance(shown, str):
            left = say(
                "OK, your order stays as it is.",
                button("Change something else", "change_order"),
                events=self.done(turn),
            )
            return left.then(unfinished_order(turn)) if confirmed is False else Reply()
        after = await orders.amend(
            uow,
            order.number,
            amendment(turn.slot("change_plan")),
            cause=turn.message_id,
            conversation_id=turn.conversation_id,
            shown=Decimal(shown),
        )
        return say(
            changed_text(after, turn.slot("change_plan"), context),
            button("Change something else", "change_order"),
            button("Invoice", "invoice"),
            events=self.done(turn),
        ).then(unfinished_order(turn))

    async def explain(self, turn: Turn, context: ActionsContext, error: CrmError) -> Reply:
        if isinstance(error, TotalChanged):
            # The new sums are shown again; only a new "yes" changes the order.
            return Reply(events=enter(DETAILS, change_confirm=None))
        if is_refusal(error):
            return refusal(error, turn.slot("change_plan"), context).with_events(*self.done(turn))
        return await super().explain(turn, context, error)


USE_CASE = UseCase(
    readings={"change_order": Reading("Change an order", StartChangeOrder(), about_order=True)},
    forms={
        FORM: Form("OK, nothing was changed.", "asking to change an order", (*SLOTS, "change_said")),
        DETAILS: Form(
            "OK, nothing was changed; your order stays as it is.",
            "changing an order",
            (*SLOTS, "change_said"),
        ),
    },
)
