"""Orders as views."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, select

from crm.database import UnitOfWork
from crm.errors import NotFound
from crm.model.order import Order, OrderLine
from crm.views import OrderLineView, OrderStatus, OrderView


async def get(uow: UnitOfWork, number: str) -> OrderView:
    """The order, for staff and for code that knows who asks. Customers see theirs through `track`.

    Raises NotFound.
    """
    order = await one(uow, Order.number == number)
    if order is None:
        raise NotFound("order", number)
    return await view(uow, order)


async def one(uow: UnitOfWork, condition: ColumnElement[bool]) -> Order | None:
    """The order as it is now in the database, whatever this unit of work saw before."""
    order: Order | None = await uow.session.scalar(
        select(Order).where(condition).execution_options(populate_existing=True)
    )
    return order


def as_sold(order: OrderView, content: dict[str, Any]) -> OrderView:
    """The order with the lines and sums that an invoice's `content` states."""
    lines = tuple(
        OrderLineView(sku, name, quantity, Decimal(unit_price), Decimal(line_total), position)
        for position, (sku, name, quantity, unit_price, line_total) in enumerate(content["lines"], start=1)
    )
    return replace(
        order,
        lines=lines,
        currency=content["currency"],
        subtotal=Decimal(content["subtotal"]),
        delivery=Decimal(content["delivery"]),
        vat_rate=Decimal(content["vat_rate"]),
        vat_included=Decimal(content["vat_included"]),
        total=Decimal(content["total"]),
    )


async def view(uow: UnitOfWork, order: Order) -> OrderView:
    """The order with its lines. What was erased is empty."""
    status: OrderStatus = order.status  # type: ignore[assignment]  # the table's CHECK allows nothing else
    lines = await uow.session.scalars(
        select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.position)
    )
    return OrderView(
        number=order.number,
        status=status,
        placed_at=order.placed_at,
        lines=tuple(
            OrderLineView(line.sku, line.name, line.quantity, line.unit_price, line.line_total, line.position)
            for line in lines
        ),
        subtotal=order.subtotal,
        delivery=order.delivery,
        vat_included=order.vat_included,
        total=order.total,
        currency=order.currency,
        name=order.name or "",
        email=order.email or "",
        address=order.address or "",
        expected_delivery=order.expected_delivery,
        tracking=order.tracking,
        payment=order.payment,
        payment_due=order.payment_due,
        paid_at=order.paid_at,
        shipped_at=order.shipped_at,
        delivered_at=order.delivered_at,
        cancelled_at=order.cancelled_at,
        returned_at=order.returned_at,
        vat_rate=order.vat_rate,
    )
