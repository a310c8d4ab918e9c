"""Changing an order that hasn't been sent: totals and stock follow exactly, once per cause.

`preview` says what would be, `amend` does it if that is still so. Pieces that are added cost what the product costs
now; what was ordered keeps its price. A paid order may become cheaper (the difference goes back), never dearer.
"""

from collections import Counter
from dataclasses import replace
from decimal import Decimal

from sqlalchemy import delete, select

from crm.aftersales_views import Amended, Amendment
from crm.database import UnitOfWork
from crm.errors import (
    InvalidInput,
    NotFound,
    NothingLeft,
    OutOfStock,
    PaidAlready,
    QuantityTooLarge,
    TooManyProducts,
    TotalChanged,
    WrongStatus,
)
from crm.model.aftersales import OrderChange
from crm.model.order import Order, OrderLine
from crm.people import checked_address
from crm.pricing import delivery_cost, vat_included
from crm.services import audit, catalogue, deals, refunds, stock
from crm.services.orders.reading import view
from crm.views import OrderLineView, OrderView

Lines = tuple[OrderLineView, ...]


async def preview(uow: UnitOfWork, number: str, change: Amendment) -> Amended:
    """The order as it would be. Writes nothing.

    Raises NotFound, WrongStatus (it was sent or is over), InvalidInput, NothingLeft, PaidAlready, OutOfStock,
    QuantityTooLarge and TooManyProducts.
    """
    order = await _held(uow, number)
    return await _amended(uow, order, await view(uow, order), change)


async def amend(
    uow: UnitOfWork,
    number: str,
    change: Amendment,
    *,
    cause: str,
    conversation_id: str | None,
    shown: Decimal | None = None,
) -> Amended:
    """Change the order. `cause` is the message that confirmed it; `shown` the total that the customer agreed to.

    The same cause changes once. Raises as `preview`, and TotalChanged when the total isn't what was shown.
    """
    await stock.lock(uow)
    order = await _held(uow, number)
    before = await view(uow, order)
    done = await uow.session.scalar(select(OrderChange).where(OrderChange.cause == cause))
    if done is not None and done.order_id == order.id:
        return _unchanged(before, done.total_before)
    after = await _amended(uow, order, before, change)
    if shown is not None and shown != after.total:
        raise TotalChanged(after.total)
    async with uow.session.begin_nested():
        await _move_stock(uow, before.lines, after.lines)
        await _write_lines(uow, order, before.lines, after.lines)
        order.address = after.address
        order.subtotal, order.delivery = after.subtotal, after.delivery
        order.vat_included, order.total = after.vat_included, after.total
        await deals.adjust_order(uow, order)
        row = _record(uow, order, before, after, change, cause=cause, conversation_id=conversation_id)
        await uow.session.flush()
        await refunds.owe(
            uow,
            order,
            after.refund,
            reason="changed",
            source=f"change:{row.id}",
            conversation_id=conversation_id,
        )
        await uow.session.flush()
    return after


async def _held(uow: UnitOfWork, number: str) -> Order:
    """The order, locked against whoever would send or cancel it meanwhile."""
    order = await uow.session.scalar(
        select(Order)
        .where(Order.number == number)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if order is None:
        raise NotFound("order", number)
    return order


async def _amended(uow: UnitOfWork, order: Order, before: OrderView, change: Amendment) -> Amended:
    if order.status not in uow.policy.changeable:
        raise WrongStatus(order.number, order.status)
    if change.kind == "address":
        address = checked_address(change.address or "")
        return replace(_unchanged(before, before.total), address=address)
    lines = await _lines_after(uow, before, change)
    if not lines:
        raise NothingLeft(order.number)
    subtotal = sum((line.line_total for line in lines), Decimal("0.00"))
    delivery = delivery_cost(subtotal, uow.policy)
    total = subtotal + delivery
    if order.paid_at is not None and total > order.total:
        raise PaidAlready(order.number, total - order.total, order.currency)
    return Amended(
        number=order.number,
        lines=lines,
        subtotal=subtotal,
        delivery=delivery,
        vat_included=vat_included(total, order.vat_rate),
        total=total,
        total_before=before.total,
        currency=order.currency,
        address=before.address,
        refund=before.total - total if order.paid_at is not None else Decimal("0.00"),
    )


async def _lines_after(uow: UnitOfWork, before: OrderView, change: Amendment) -> Lines:
    if change.quantity < 0:
        raise InvalidInput("quantity", change.quantity, "write 0 to take it out, or how many there should be")
    if change.kind == "added":
        same = next((line for line in before.lines if line.sku == change.sku), None)
        if same is not None:
            return await _more(uow, before.lines, same, same.quantity + change.quantity)
        return await _added(uow, before.lines, str(change.sku), change.quantity)
    line = next((line for line in before.lines if line.position == change.position), None)
    if line is None:
        raise NotFound("line of the order", str(change.position))
    if change.quantity == 0:
        return tuple(other for other in before.lines if other is not line)
    if change.quantity <= line.quantity:
        fewer = replace(line, quantity=change.quantity, line_total=line.unit_price * change.quantity)
        return tuple(fewer if other is line else other for other in before.lines)
    return await _more(uow, before.lines, line, change.quantity)


async def _more(uow: UnitOfWork, lines: Lines, line: OrderLineView, quantity: int) -> Lines:
    """More of a line, at its price when that is still the product's, else as a line of its own."""
    product = await catalogue.get(uow, line.sku)
    if product is None or not product.active:
        raise NotFound("product", line.sku)
    if product.price != line.unit_price:
        return await _added(uow, lines, line.sku, quantity - line.quantity)
    more = replace(line, quantity=quantity, line_total=line.unit_price * quantity)
    changed = tuple(more if other is line else other for other in lines)
    return _within_caps(uow, lines, changed, line.sku, product.stock)


async def _added(uow: UnitOfWork, lines: Lines, sku: str, quantity: int) -> Lines:
    product = await catalogue.get(uow, sku)
    if product is None or not product.active:
        raise NotFound("product", sku)
    position = max((line.position for line in lines), default=0) + 1
    new = OrderLineView(sku, product.name, quantity, product.price, product.price * quantity, position)
    return _within_caps(uow, lines, (*lines, new), sku, product.stock)


def _within_caps(uow: UnitOfWork, before: Lines, after: Lines, sku: str, available: int) -> Lines:
    if _pieces(after)[sku] > uow.policy.max_quantity:
        raise QuantityTooLarge(uow.policy.max_quantity)
    if len(after) > uow.policy.max_lines:
        raise TooManyProducts(uow.policy.max_lines)
    if _pieces(after)[sku] - _pieces(before)[sku] > available:
        raise OutOfStock(sku, available)
    return after


def _pieces(lines: Lines) -> Counter[str]:
    counted: Counter[str] = Counter()
    for line in lines:
        counted[line.sku] += line.quantity
    return counted


async def _move_stock(uow: UnitOfWork, before: Lines, after: Lines) -> None:
    had, has = _pieces(before), _pieces(after)
    if more := dict(has - had):
        await stock.take(uow, more)
    if fewer := dict(had - has):
        await stock.give_back(uow, fewer)


async def _write_lines(uow: UnitOfWork, order: Order, before: Lines, after: Lines) -> None:
    if before == after:
        return
    await uow.session.execute(
        delete(OrderLine).where(OrderLine.order_id == order.id).execution_options(synchronize_session="fetch")
    )
    uow.session.add_all(
        OrderLine(
            order_id=order.id,
            position=line.position,
            sku=line.sku,
            name=line.name,
            quantity=line.quantity,
            unit_price=line.unit_price,
            line_total=line.line_total,
        )
        for line in after
    )


def _record(
    uow: UnitOfWork,
    order: Order,
    before: OrderView,
    after: Amended,
    change: Amendment,
    *,
    cause: str,
    conversation_id: str | None,
) -> OrderChange:
    moved = {
        sku: [_pieces(before.lines)[sku], _pieces(after.lines)[sku]]
        for sku in sorted({line.sku for line in (*before.lines, *after.lines)})
        if _pieces(before.lines)[sku] != _pieces(after.lines)[sku]
    }
    row = OrderChange(
        order_id=order.id,
        cause=cause,
        conversation_id=conversation_id,
        kind=change.kind,
        data={"pieces": moved} if moved else None,
        total_before=before.total,
        total_after=after.total,
        at=uow.now(),
    )
    uow.session.add(row)
    facts = {
        "order": order.number,
        "kind": change.kind,
        "total_before": str(before.total),
        "total": str(after.total),
    }
    what = "new delivery address" if change.kind == "address" else f"{before.total} → {after.total}"
    audit.note(
        uow,
        "order.changed",
        f"Order {order.number} changed by the customer: {what}",
        conversation_id=conversation_id,
        contact_id=order.contact_id,
        data={**facts, "pieces": moved},
    )
    audit.record(uow, "order.changed", f"order:{order.number}", actor=audit.CUSTOMER, data=facts)
    return row


def _unchanged(order: OrderView, total_before: Decimal) -> Amended:
    return Amended(
        number=order.number,
        lines=order.lines,
        subtotal=order.subtotal,
        delivery=order.delivery,
        vat_included=order.vat_included,
        total=order.total,
        total_before=total_before,
        currency=order.currency,
        address=order.address,
        refund=Decimal("0.00"),
    )
