"""Invoices and return slips as HTML that stands by itself: saved or printed, it looks the same, in any alphabet.

Pure functions. Amounts are printed as the CRM has them; nothing is added up here but net = gross - VAT.
"""

import base64
import hashlib
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from html import escape
from pathlib import Path
from string import Template

from babel.numbers import format_currency

from connectors.web.barcode import code39
from connectors.web.settings import Seller
from crm.aftersales_views import InvoiceView, ReturnView

FILES = Path(__file__).parent / "static" / "documents"
REASONS = {
    "unsuitable": "doesn't suit",
    "defective": "defective",
    "damaged": "arrived damaged",
    "wrong_item": "wrong item",
    "unwanted": "changed mind",
    "unsaid": "not stated",
}


@cache
def style() -> str:
    """The pages' one style sheet."""
    return (FILES / "document.css").read_text(encoding="utf-8")


@cache
def content_security_policy() -> str:
    """Allows that style by its hash; nothing else loads, nothing runs."""
    digest = base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def invoice_page(invoice: InvoiceView, seller: Seller) -> str:
    """The invoice, with what it replaces or is replaced by, and how to pay what is still due."""
    order = invoice.order
    facts = [
        ("Invoice number", invoice.number),
        ("Date", _day(invoice.issued_at)),
        ("Order", order.number),
        ("Ordered on", _day(order.placed_at)),
    ]
    recipient = [line for line in (invoice.company, order.name) if line] + order.address.splitlines()
    recipient += [f"VAT ID {invoice.vat_id}"] if invoice.vat_id else []
    body = (
        f"{_notes(invoice)}<address>{_spans(recipient)}</address>{_lines(invoice)}{_payment(invoice, seller)}"
    )
    return _page(f"Invoice {invoice.number}", "Invoice", facts, body, seller)


def return_slip(returned: ReturnView, seller: Seller) -> str:
    """What to put into the parcel and on it: the return's number, also as a barcode, and where it goes."""
    facts = [
        ("Return number", returned.number),
        ("Order", returned.order_number),
        ("Announced on", _day(returned.created_at)),
        ("Hand in by", _day(returned.send_by)),
    ]
    rows = "".join(f"<tr><td>{escape(line.name)}</td><td>{line.left}</td></tr>" for line in returned.lines)
    carrier = escape(seller.carrier or "the courier")
    body = (
        f'<section class="label"><p>Return to</p><address>{_spans([seller.name, *seller.address])}</address>'
        f'<p class="number">{escape(returned.number)}</p>{code39(returned.number)}'
        f"<p>From: {escape(', '.join([returned.sender, *returned.address.splitlines()]))}</p></section>"
        f"<table><caption>What comes back</caption><thead><tr><th scope='col'>Product</th>"
        f"<th scope='col'>Pieces</th></tr></thead><tbody>{rows}</tbody></table>"
        f"<p>Reason: {REASONS[returned.reason]}.</p><h2>How to send it</h2><ol>"
        "<li>Put this page, or its lower part, into the parcel.</li>"
        "<li>Fix the part with the number to the outside; without a printer, write the number on the parcel.</li>"
        f"<li>Hand it in at any {carrier} point by {_day(returned.send_by)} and keep the receipt.</li></ol>"
    )
    return _page(f"Return {returned.number}", "Return slip", facts, body, seller)


def _notes(invoice: InvoiceView) -> str:
    told = []
    if invoice.replaces:
        told.append(f"This invoice replaces invoice {escape(invoice.replaces)}.")
    if invoice.replaced_by:
        told.append(f"This invoice was replaced by invoice {escape(invoice.replaced_by)}.")
    if invoice.status == "cancelled":
        told.append("The order was cancelled after this invoice was issued.")
    return "".join(f'<p class="note">{text}</p>' for text in told)


def _lines(invoice: InvoiceView) -> str:
    order = invoice.order

    def money(amount: Decimal) -> str:
        return escape(format_currency(amount, order.currency, locale="en"))

    rows = "".join(
        f"<tr><td>{escape(line.name)}<br><small>{escape(line.sku)}</small></td><td>{line.quantity}</td>"
        f"<td>{money(line.unit_price)}</td><td>{money(line.line_total)}</td></tr>"
        for line in order.lines
    )
    rate = f"{(order.vat_rate * 100).normalize():f}"
    sums = [
        ("Delivery", money(order.delivery), ""),
        ("Net", money(order.total - order.vat_included), ""),
        (f"VAT {rate}%", money(order.vat_included), ""),
        ("Total", money(order.total), ' class="total"'),
    ]
    foot = "".join(
        f'<tr{kind}><th scope="row" colspan="3">{name}</th><td>{amount}</td></tr>'
        for name, amount, kind in sums
    )
    heads = "".join(f'<th scope="col">{name}</th>' for name in ("Product", "Pieces", "Price", "Amount"))
    return (
        f"<table><caption>All prices include VAT</caption><thead><tr>{heads}</tr></thead>"
        f"<tbody>{rows}</tbody><tfoot>{foot}</tfoot></table>"
    )


def _payment(invoice: InvoiceView, seller: Seller) -> str:
    order = invoice.order
    if invoice.status == "cancelled":
        return "<p>Nothing is to be paid.</p>"
    if order.paid_at is not None:
        return f"<p>Paid on {_day(order.paid_at)}. Thank you.</p>"
    due = f" by {_day(order.payment_due)}" if order.payment_due else ""
    account = f" to {escape(seller.iban)}" if seller.iban else ""
    return f"<p>Please pay{due} by bank transfer{account}, naming {escape(order.number)}.</p>"


def _page(title: str, heading: str, facts: list[tuple[str, str]], body: str, seller: Seller) -> str:
    vat = f"VAT ID {seller.vat_id}" if seller.vat_id else ""
    return Template((FILES / "document.html").read_text(encoding="utf-8")).substitute(
        title=escape(f"{title} · {seller.name}"),
        style=style(),
        seller=escape(seller.name),
        seller_lines=_spans(seller.address),
        heading=escape(heading),
        facts="".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts),
        body=body,
        footer=escape(" · ".join(part for part in (seller.name, seller.email, seller.phone, vat) if part)),
    )


def _spans(lines: Iterable[str]) -> str:
    return "".join(f"<span>{escape(line)}</span>" for line in lines if line)


def _day(moment: date | datetime) -> str:
    return f"{moment:%-d %B %Y}"
