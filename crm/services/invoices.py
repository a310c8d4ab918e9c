"""Invoices: numbered without a gap, never rewritten; an order that changed gets a new one that replaces the old.

A number is only taken with its invoice: whoever issues one holds the series until the commit, and a rollback
gives the number back.
"""

import re
from typing import Any

from sqlalchemy import func, select

from crm.aftersales_views import InvoiceView
from crm.database import UnitOfWork
from crm.errors import InvalidInput, NotFound, WrongStatus
from crm.model.aftersales import Invoice
from crm.model.order import Order
from crm.people import checked_name
from crm.services import audit
from crm.services.orders import reading
from crm.services.orders.reading import as_sold

# Any number, as long as every version of this program uses the same one.
SERIES_LOCK = 0x696E766F696365
# A country, then what its tax office gives; which digits are right is for the country's own register (VIES).
VAT_ID = re.compile(r"[A-Z]{2}[0-9A-Z]{2,13}")


def checked_vat_id(text: str) -> str:
    """A VAT number in its written form. Raises InvalidInput("vat_id", …)."""
    plain = re.sub(r"[\s.\-/]", "", text).upper()
    if not VAT_ID.fullmatch(plain) or not any(character.isdigit() for character in plain):
        raise InvalidInput("vat_id", text, "write it with its country, such as DE123456789")
    return plain


async def issue(
    uow: UnitOfWork,
    number: str,
    *,
    conversation_id: str | None,
    company: str | None = None,
    vat_id: str | None = None,
) -> InvoiceView:
    """The order's invoice: the last one, if it still says what the order is, else a new one.

    `company` and `vat_id` are put on it, and kept by later ones. Raises NotFound, WrongStatus for a cancelled
    order, InvalidInput for the two.
    """
    company = checked_name(company) if company else None
    vat_id = checked_vat_id(vat_id) if vat_id else None
    await _hold_series(uow)
    order = await reading.one(uow, Order.number == number)
    if order is None:
        raise NotFound("order", number)
    if order.status == "cancelled":
        raise WrongStatus(number, order.status)
    last = await _last(uow, order)
    company = company or (last.company if last else None)
    vat_id = vat_id or (last.vat_id if last else None)
    content = await _content(uow, order)
    if last is not None and (last.content, last.company, last.vat_id) == (content, company, vat_id):
        return await _view(uow, last, order)
    invoice = await _new(uow, order, content, last)
    invoice.company, invoice.vat_id, invoice.conversation_id = company, vat_id, conversation_id
    uow.session.add(invoice)
    await uow.session.flush()
    facts = {"order": number, "invoice": invoice.number, "replaces": invoice.replaces}
    audit.note(
        uow,
        "invoice.issued",
        f"Invoice {invoice.number} issued for order {number}",
        conversation_id=conversation_id,
        contact_id=order.contact_id,
        data=facts,
    )
    audit.record(uow, "invoice.issued", f"order:{number}", actor=audit.CUSTOMER, data=facts)
    return await _view(uow, invoice, order)


async def get(uow: UnitOfWork, invoice_number: str) -> InvoiceView:
    """The invoice of this number, for whoever holds its link. Raises NotFound."""
    row = (
        await uow.session.execute(
            select(Invoice, Order)
            .join(Order, Order.id == Invoice.order_id)
            .where(Invoice.number == invoice_number)
        )
    ).one_or_none()
    if row is None:
        raise NotFound("invoice", invoice_number)
    return await _view(uow, row[0], row[1])


async def _new(uow: UnitOfWork, order: Order, content: dict[str, Any], last: Invoice | None) -> Invoice:
    year = uow.now().year
    highest = await uow.session.scalar(select(func.max(Invoice.sequence)).where(Invoice.year == year))
    sequence = (highest or 0) + 1
    return Invoice(
        number=f"{year}-{sequence:06d}",
        year=year,
        sequence=sequence,
        order_id=order.id,
        replaces=last.number if last else None,
        content=content,
        issued_at=uow.now(),
    )


async def _last(uow: UnitOfWork, order: Order) -> Invoice | None:
    found: Invoice | None = await uow.session.scalar(
        select(Invoice)
        .where(Invoice.order_id == order.id)
        .order_by(Invoice.year.desc(), Invoice.sequence.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )
    return found


async def _content(uow: UnitOfWork, order: Order) -> dict[str, Any]:
    """What was sold, as JSON with amounts as text."""
    view = await reading.view(uow, order)
    return {
        "lines": [
            [line.sku, line.name, line.quantity, str(line.unit_price), str(line.line_total)]
            for line in view.lines
        ],
        "subtotal": str(view.subtotal),
        "delivery": str(view.delivery),
        "vat_rate": str(view.vat_rate),
        "vat_included": str(view.vat_included),
        "total": str(view.total),
        "currency": view.currency,
    }


async def _view(uow: UnitOfWork, invoice: Invoice, order: Order) -> InvoiceView:
    replaced_by = await uow.session.scalar(
        select(Invoice.number).where(Invoice.replaces == invoice.number).limit(1)
    )
    return InvoiceView(
        number=invoice.number,
        issued_at=invoice.issued_at,
        replaces=invoice.replaces,
        replaced_by=replaced_by,
        company=invoice.company,
        vat_id=invoice.vat_id,
        order=as_sold(await reading.view(uow, order), invoice.content),
        status=order.status,  # type: ignore[arg-type]  # the table's CHECK allows nothing else
    )


async def _hold_series(uow: UnitOfWork) -> None:
    if uow.session.get_bind().dialect.name == "postgresql":
        await uow.session.execute(select(func.pg_advisory_xact_lock(SERIES_LOCK)))
