"""Orders as views."""

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
            OrderLineView(line.sku, line.name, line.quantity, line.unit_price, line.line_total)
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
    )
