"""Quotes as views."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select

from crm.database import UnitOfWork
from crm.errors import NotFound
from crm.model.order import Order
from crm.model.quote import Quote, QuoteLine
from crm.sales_views import QuoteLineView, QuoteStatus, QuoteView


async def get(uow: UnitOfWork, number: str) -> QuoteView:
    """The quote, for staff and for code that knows who asks. Raises NotFound."""
    quote = await one(uow, Quote.number == number)
    if quote is None:
        raise NotFound("quote", number)
    return await view(uow, quote)


async def latest_of_conversation(
    uow: UnitOfWork, conversation_id: str, *, number: str | None = None
) -> QuoteView | None:
    """The conversation's quote of that number, or its latest; None when it has none. Others' aren't seen."""
    query = select(Quote).where(Quote.conversation_id == conversation_id)
    if number is not None:
        query = query.where(Quote.number == number)
    quote = await uow.session.scalar(query.order_by(Quote.created_at.desc(), Quote.id).limit(1))
    return await view(uow, quote) if quote is not None else None


async def listed(
    uow: UnitOfWork, *, statuses: Sequence[QuoteStatus] = ("open",), limit: int = 100
) -> list[QuoteView]:
    """Quotes for staff, the newest first; `open` and `expired` are told apart by today's date."""
    stored = {"open" if status == "expired" else status for status in statuses}
    query = select(Quote).where(Quote.status.in_(stored)).order_by(Quote.created_at.desc(), Quote.id)
    today = uow.policy.selling.opening.local(uow.now()).date()
    if "open" in statuses and "expired" not in statuses:
        query = query.where((Quote.status != "open") | (Quote.valid_until >= today))
    elif "expired" in statuses and "open" not in statuses:
        query = query.where((Quote.status != "open") | (Quote.valid_until < today))
    return [await view(uow, quote) for quote in await uow.session.scalars(query.limit(limit))]


async def one(uow: UnitOfWork, condition: ColumnElement[bool]) -> Quote | None:
    """The quote as it is now in the database."""
    quote: Quote | None = await uow.session.scalar(
        select(Quote).where(condition).execution_options(populate_existing=True)
    )
    return quote


async def view(uow: UnitOfWork, quote: Quote) -> QuoteView:
    """The quote with its lines; what was erased is empty."""
    lines = await uow.session.scalars(
        select(QuoteLine).where(QuoteLine.quote_id == quote.id).order_by(QuoteLine.position)
    )
    order = (
        await uow.session.scalar(select(Order.number).where(Order.id == quote.order_id))
        if quote.order_id
        else None
    )
    return QuoteView(
        id=quote.id,
        number=quote.number,
        status=status_of(uow, quote),
        lines=tuple(
            QuoteLineView(
                line.sku, line.name, line.quantity, line.list_price, line.unit_price, line.line_total
            )
            for line in lines
        ),
        subtotal=quote.subtotal,
        delivery=quote.delivery,
        vat_rate=quote.vat_rate,
        vat_included=quote.vat_included,
        total=quote.total,
        currency=quote.currency,
        name=quote.name or "",
        email=quote.email or "",
        company=quote.company,
        valid_until=quote.valid_until,
        created_at=quote.created_at,
        order=order,
    )


def status_of(uow: UnitOfWork, quote: Quote) -> QuoteStatus:
    """The status today: an open quote is expired after its last day, by the shop's clock."""
    today = uow.policy.selling.opening.local(uow.now()).date()
    if quote.status == "open" and quote.valid_until < today:
        return "expired"
    status: QuoteStatus = quote.status  # type: ignore[assignment]  # the table's CHECK allows nothing else
    return status
