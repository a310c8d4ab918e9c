"""What becomes of a quote: an order at its prices, or nothing."""

from sqlalchemy import update

from crm.database import UnitOfWork
from crm.errors import NotFound, WrongStatus
from crm.model.quote import Quote
from crm.pricing import vat_included
from crm.sales_views import QuoteView
from crm.services import audit, stock
from crm.services.orders import CheckoutDetails
from crm.services.orders.placing import placed_before, write_order
from crm.services.orders.reading import view as order_view
from crm.services.quotes.reading import get, one, status_of, view
from crm.views import CartLine, CartView, OrderView


async def accept(
    uow: UnitOfWork,
    conversation_id: str,
    number: str,
    *,
    phone: str | None,
    address: str,
    cause: str,
) -> OrderView:
    """Order what the conversation's quote offers, at its prices, whatever they are in the shop by now.

    Only the conversation that was given the quote can accept it. The same `cause` gives the same order, and a quote
    becomes one order. Raises InvalidInput for the details, NotFound for another's quote, WrongStatus when it is
    expired, accepted or withdrawn, OutOfStock when fewer are left than it offers; nothing is written then, and the
    quote stays open.
    """
    await stock.lock(uow)
    earlier = await placed_before(uow, conversation_id, cause)
    if earlier is not None:
        return earlier
    quote = await one(uow, (Quote.number == number) & (Quote.conversation_id == conversation_id))
    if quote is None:
        raise NotFound("quote", number)
    if (status := status_of(uow, quote)) != "open":
        raise WrongStatus(number, status, kind="quote")
    offered = await view(uow, quote)
    details = CheckoutDetails(offered.name, offered.email, phone, address).checked(uow.policy.region)
    async with uow.session.begin_nested():
        order = await write_order(uow, conversation_id, _as_cart(offered), details, cause)
        quote.status, quote.order_id, quote.closed_at = "accepted", order.id, uow.now()
        _note(uow, quote, "accepted", actor=audit.CUSTOMER)
        await uow.session.flush()
    return await order_view(uow, order)


async def withdraw(uow: UnitOfWork, number: str, *, actor: str = audit.SYSTEM) -> QuoteView:
    """Take an open quote back; a second time changes nothing. Raises NotFound, WrongStatus when it was accepted."""
    gone = await uow.session.scalar(
        update(Quote)
        .where(Quote.number == number, Quote.status == "open")
        .values(status="withdrawn", closed_at=uow.now())
        .returning(Quote)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    if gone is not None:
        _note(uow, gone, "withdrawn", actor=actor)
    found = await get(uow, number)
    if found.status != "withdrawn":
        raise WrongStatus(number, found.status, kind="quote")
    return found


def _as_cart(quote: QuoteView) -> CartView:
    lines = tuple(
        CartLine(line.sku, line.name, line.quantity, line.unit_price, line.line_total, stock=0)
        for line in quote.lines
    )
    return CartView(
        lines=lines,
        item_count=sum(line.quantity for line in lines),
        subtotal=quote.subtotal,
        delivery=quote.delivery,
        vat_rate=quote.vat_rate,
        vat_included=vat_included(quote.total, quote.vat_rate),
        total=quote.total,
        currency=quote.currency,
    )


def _note(uow: UnitOfWork, quote: Quote, what: str, *, actor: str) -> None:
    audit.note(
        uow,
        f"quote.{what}",
        f"Quote {quote.number} {what}",
        conversation_id=quote.conversation_id,
        contact_id=quote.contact_id,
        data={"quote": quote.number},
    )
    audit.record(uow, f"quote.{what}", f"quote:{quote.number}", actor=actor)
