"""Placing an order: once per cause, at the prices shown, with the stock taken in the same breath."""

from datetime import timedelta

from sqlalchemy import select

from crm import order_number, payment
from crm.database import UnitOfWork
from crm.errors import CartChanged, EmptyCart, InvalidInput
from crm.model.base import new_id
from crm.model.order import Order, OrderLine
from crm.services import audit, carts, contacts, deals, exposures, stock
from crm.services.orders.details import CheckoutDetails
from crm.services.orders.reading import one, view
from crm.views import CartView, OrderView


async def place(uow: UnitOfWork, conversation_id: str, details: CheckoutDetails, *, cause: str) -> OrderView:
    """Order what is in the conversation's cart, and empty the cart.

    `cause` is the id of the message that confirmed it: the same cause gives the same order, however often
    and however concurrently it arrives. Raises InvalidInput for the details, EmptyCart, and CartChanged when
    price, stock or availability isn't what the customer was shown; nothing is written then, and stays so when
    the caller commits something else.
    """
    checked = details.checked(uow.policy.region)
    # From here on no product changes but by us, and another "yes" waits until this one is committed.
    await stock.lock(uow)
    earlier = await placed_before(uow, conversation_id, cause)
    if earlier is not None:
        return earlier
    changes = await carts.changes(uow, conversation_id)
    if changes:
        raise CartChanged(changes)
    cart = await carts.view(uow, conversation_id)
    if not cart.lines:
        raise EmptyCart
    async with uow.session.begin_nested():
        order = await write_order(uow, conversation_id, cart, checked, cause)
        await carts.clear(uow, conversation_id)
    return await view(uow, order)


async def placed_before(uow: UnitOfWork, conversation_id: str, cause: str) -> OrderView | None:
    """The order that this cause has placed already. Raises InvalidInput for another conversation's."""
    earlier = await one(uow, Order.cause == cause)
    if earlier is None:
        return None
    if earlier.conversation_id not in (conversation_id, None):
        raise InvalidInput("cause", cause, "use the id of a message of this conversation")
    return await view(uow, earlier)


async def write_order(
    uow: UnitOfWork, conversation_id: str, cart: CartView, details: CheckoutDetails, cause: str
) -> Order:
    """Order these lines at their prices, for code that holds `stock.lock` and has checked who asks for what.

    Raises OutOfStock; roll back then.
    """
    await stock.take(uow, {line.sku: line.quantity for line in cart.lines})
    contact_id = await contacts.of_conversation(
        uow, conversation_id, name=details.name, email=details.email, phone=details.phone
    )
    order = await _new_order(uow, cart, details)
    order.cause = cause
    order.conversation_id = conversation_id
    order.contact_id = contact_id
    uow.session.add(order)
    await uow.session.flush()
    uow.session.add_all(_lines(order.id, cart))
    deal = await deals.win(uow, order)
    await exposures.bought(uow, conversation_id, [line.sku for line in cart.lines])
    facts = {"order": order.number, "total": str(order.total), "currency": order.currency}
    audit.note(
        uow,
        "order.placed",
        f"Order {order.number} placed: {order.total} {order.currency}",
        conversation_id=conversation_id,
        contact_id=contact_id,
        deal_id=deal.id,
        data=facts,
    )
    audit.record(uow, "order.placed", f"order:{order.number}", actor=audit.CUSTOMER, data=facts)
    await uow.session.flush()
    return order


async def _new_order(uow: UnitOfWork, cart: CartView, details: CheckoutDetails) -> Order:
    number, now = await _free_number(uow), uow.now()
    provider = payment.provider(uow.policy.payment)
    terms = provider.terms(payment.Charge(number, cart.total, cart.currency, now), uow.policy)
    return Order(
        id=new_id(),
        number=number,
        status="placed",
        currency=cart.currency,
        subtotal=cart.subtotal,
        delivery=cart.delivery,
        vat_rate=cart.vat_rate,
        vat_included=cart.vat_included,
        total=cart.total,
        name=details.name,
        email=details.email,
        phone=details.phone,
        address=details.address,
        payment=provider.name,
        payment_reference=terms.reference,
        payment_due=terms.due,
        placed_at=now,
        release_at=now + timedelta(hours=uow.policy.unpaid_release_hours),
    )


async def _free_number(uow: UnitOfWork) -> str:
    """A number nobody has; whoever places an order holds the catalogue's row, so it stays free."""
    while True:
        number = order_number.generate()
        if await uow.session.scalar(select(Order.id).where(Order.number == number)) is None:
            return number


def _lines(order_id: str, cart: CartView) -> list[OrderLine]:
    return [
        OrderLine(
            order_id=order_id,
            position=position,
            sku=line.sku,
            name=line.name,
            quantity=line.quantity,
            unit_price=line.unit_price,
            line_total=line.line_total,
        )
        for position, line in enumerate(cart.lines, start=1)
    ]
