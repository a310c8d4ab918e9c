"""The invoice, given in the chat as a link that prints well, with a company's name and VAT ID when asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar

from actions.support import fields
from actions.support.base import ShopAction
from actions.support.form import SKIP, Answer, Ask, FormValidator, unfinished_order
from actions.support.own_order import (
    LINK_DAYS,
    NUMBER,
    PAIR,
    OrderFormValidator,
    OwnOrderAction,
    begin,
    day,
    document,
)
from actions.support.reply import Reply, button, enter, money, say
from actions.support.turn import Turn
from actions.support.use_cases import Form, Reading, UseCase
from crm.database import UnitOfWork
from crm.errors import CrmError, InvalidInput, WrongStatus
from crm.links import INVOICE
from crm.people import checked_name
from crm.services import invoices
from crm.services.invoices import checked_vat_id
from crm.views import OrderView
from parley.bootstrap import ActionsContext

FORM = "invoice_form"
COMPANY_FORM = "invoice_company_form"
SLOTS = (*PAIR, "invoice_company", "invoice_vat_id", "invoice_for_company")
FOR_A_COMPANY = re.compile(
    r"\b(company|firm|business|employer|vat (id|no|number)|ust|tax (id|number)|on the name of|made out to)\b",
    re.IGNORECASE,
)
NAMED = re.compile(
    r"\b(?:company(?:'s)? (?:name )?(?:is|called)|made out to|in the name of|firm is"
    r"|(?:it is|it's|its|we are|we're))\s+(?P<name>.+)$",
    re.IGNORECASE,
)
LEAD = re.compile(
    r"^\W*(?:it'?s|it is|we are|we're|(?:the|my|our) company(?:'s name)? is(?: called)?|please use)\b",
    re.IGNORECASE,
)
TAIL = re.compile(r"[,;\n]|\s+(?:and (?:the|our)|vat|ust|tax)\b", re.IGNORECASE)
VAT_ID = re.compile(r"\b(?:[A-Z]{2}\s?U?\d[\dA-Z .]{6,13})\b", re.IGNORECASE)


class StartInvoice(ShopAction):
    """Begin with what was said, a company's name and VAT ID included."""

    action = "action_start_invoice"

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        company = turn.choice == "company" or bool(FOR_A_COMPANY.search(turn.words))
        return Reply(
            events=begin(
                FORM,
                turn,
                invoice_for_company=company or None,
                invoice_company=_named(turn) if company else None,
                invoice_vat_id=vat_id_in(turn.words) if company else None,
            )
        )


def vat_id_in(text: str) -> str | None:
    """The VAT ID in the text, as it is kept."""
    for found in VAT_ID.finditer(NUMBER.sub("", text)):
        try:
            return checked_vat_id(found[0])
        except InvalidInput:
            continue
    return None


def _named(turn: Turn) -> str | None:
    found = NAMED.search(VAT_ID.sub("", NUMBER.sub("", turn.words)))
    said = turn.value("company")
    return _company(found["name"]) if found else said if isinstance(said, str) else None


def _company(text: str) -> str | None:
    """A company's name in an answer such as "it's Forsthaus Lindner GmbH, DE123456789"."""
    rest = LEAD.sub("", VAT_ID.sub("", text))
    rest = TAIL.split(rest, maxsplit=1)[0].strip(" .,:-")
    try:
        return checked_name(rest) if rest else None
    except InvalidInput:
        return None


class ValidateInvoiceForm(OrderFormValidator):
    form = FORM
    own_intent = "invoice"


class ValidateInvoiceCompany(FormValidator):
    """Reads the company's name and its VAT ID, also both at once; the second may be left out."""

    form = COMPANY_FORM
    own_intent = "invoice"
    why: ClassVar[Mapping[str, str]] = {
        "invoice_company": "So that the invoice is made out to it.",
        "invoice_vat_id": "Your accountant may need it on the invoice. You can leave it out.",
    }

    async def read(self, turn: Turn, context: ActionsContext) -> Answer | None:
        vat_id = vat_id_in(turn.words)
        if turn.requested_slot == "invoice_company":
            if self._is_elsewhere(turn):
                return None
            company = _company(turn.words)
            if company:
                return Answer({"invoice_company": company, **({"invoice_vat_id": vat_id} if vat_id else {})})
            return self.again(turn, "I didn't catch the company's name.")
        if vat_id:
            return Answer({"invoice_vat_id": vat_id})
        if turn.choice == "skip" or turn.intent == "deny" or SKIP.search(turn.words):
            return Answer({"invoice_vat_id": False})
        if self.interrupts(turn) or fields.is_question(turn.words):
            return None
        return self.again(
            turn, "That isn't a VAT ID I can read; it begins with the country, such as DE123456789."
        )

    def _is_elsewhere(self, turn: Turn) -> bool:
        if fields.is_question(turn.words) or turn.pressed:
            return True
        return turn.intent in ("stop", "human", "start_over") and self.interrupts(turn)


class AskInvoiceCompany(Ask):
    action = "action_ask_invoice_company_form_invoice_company"
    text = "Which company shall the invoice be made out to?"


class AskInvoiceVatId(Ask):
    action = "action_ask_invoice_company_form_invoice_vat_id"
    text = "And its VAT ID, if it shall be on the invoice?"
    buttons = (button("Leave it out", "inform", choice="skip"),)


class GiveInvoice(OwnOrderAction):
    """Issues the invoice, or gives the one there is, as a link that works for some days."""

    action = "action_give_invoice"
    intent = "invoice"
    slots = SLOTS

    async def act(self, turn: Turn, context: ActionsContext, uow: UnitOfWork, order: OrderView) -> Reply:
        company, vat_id = turn.slot("invoice_company"), turn.slot("invoice_vat_id")
        if turn.slot("invoice_for_company") and not (company and vat_id is not None):
            return Reply(events=enter(COMPANY_FORM))
        invoice = await invoices.issue(
            uow,
            order.number,
            conversation_id=turn.conversation_id,
            company=company if isinstance(company, str) else None,
            vat_id=vat_id if isinstance(vat_id, str) else None,
        )
        made_out = f" to {invoice.company}" if invoice.company else ""
        replaced = f" It replaces invoice {invoice.replaces}." if invoice.replaces else ""
        due = f" It is due by {day(order.payment_due)}." if order.payment_due and not order.paid_at else ""
        vat = money(invoice.order.vat_included, order.currency)
        return say(
            f"Here is invoice {invoice.number} for order {order.number}{made_out}, "
            f"{money(invoice.order.total, order.currency)} including {vat} VAT:\n"
            f"{document(context, INVOICE, invoice.number)}\n"
            f"Print it or save it as PDF from there; the link works for {LINK_DAYS} days.{due}{replaced}",
            *(() if invoice.company else (button("Put a company on it", "invoice", choice="company"),)),
            events=self.done(turn),
        ).then(unfinished_order(turn))

    async def explain(self, turn: Turn, context: ActionsContext, error: CrmError) -> Reply:
        if isinstance(error, WrongStatus):
            return say(
                f"Order {error.number} was cancelled, so there is no invoice to pay. If you need a credit note for "
                "one that you had, a colleague makes it out.",
                button("Where is my refund?", "refund_status"),
                button("Talk to a person", "human"),
                events=self.done(turn),
            )
        if isinstance(error, InvalidInput) and error.field in ("name", "vat_id"):
            return say(
                f"I can't put that on an invoice: {error.fix}.",
                button("Try again", "invoice", choice="company"),
                button("Talk to a person", "human"),
                events=self.done(turn),
            )
        return await super().explain(turn, context, error)


USE_CASE = UseCase(
    readings={"invoice": Reading("Get an invoice", StartInvoice(), about_order=True)},
    forms={
        FORM: Form("OK, we'll leave the invoice.", "asking for an invoice", SLOTS),
        COMPANY_FORM: Form("OK, we'll leave the invoice as it is.", "putting a company on an invoice", SLOTS),
    },
)
