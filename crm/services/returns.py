"""Sending things back: announced by the customer, received by the shop, then refunded. Each once.

announced ─► received (the refund is owed; the order is `returned` when nothing of it is left)
    └──────► withdrawn
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, select, update

from crm import order_number
from crm.after_delivery import money_back, return_until
from crm.aftersales_views import Reason, Returnable, ReturnView, Wants
from crm.database import UnitOfWork
from crm.errors import AlreadyReturned, InvalidInput, NotFound, TooLate, WrongStatus
from crm.model.aftersales import Return, ReturnLine
from crm.model.base import new_id
from crm.model.order import Order
from crm.services import audit, refunds
from crm.services.orders import lifecycle, reading
from crm.views import OrderView

SENT = ("shipped", "delivered")
NOTE_LENGTH = 500


async def returnable(uow: UnitOfWork, number: str) -> tuple[Returnable, ...]:
    """What the customer may still announce, line by line.

    Raises NotFound, WrongStatus (not sent yet, or over), TooLate, and AlreadyReturned when nothing is left.
    """
    order = await _order(uow, number)
    return await _returnable(uow, await reading.view(uow, order), order)


async def announce(
    uow: UnitOfWork,
    number: str,
    pieces: Mapping[int, int],
    *,
    cause: str,
    conversation_id: str | None,
    reason: Reason = "unsaid",
    note: str = "",
    wants: Wants = "refund",
) -> ReturnView:
    """Announce that so many `pieces` of these lines (by position) come back; gives the number for the parcel.

    The same `cause` (message id) announces once. Raises as `returnable`, and AlreadyReturned when less is left.
    """
    order = await _order(uow, number)
    earlier = await _one(uow, Return.cause == cause)
    if earlier is not None:
        return await _view(uow, earlier, order)
    view = await reading.view(uow, order)
    left = {line.position: line.left for line in await _returnable(uow, view, order)}
    if not pieces or min(pieces.values()) < 1:
        raise InvalidInput("pieces", dict(pieces), "name at least one line with at least one piece")
    if any(quantity > left.get(position, 0) for position, quantity in pieces.items()):
        raise AlreadyReturned(number)
    row = Return(
        id=new_id(),
        number=await _free_number(uow),
        cause=cause,
        order_id=order.id,
        contact_id=order.contact_id,
        conversation_id=conversation_id,
        status="announced",
        wants=wants,
        reason=reason,
        note=note.strip()[:NOTE_LENGTH] or None,
        created_at=uow.now(),
        send_by=return_until(order.delivered_at or uow.now(), uow.policy) or uow.now().date(),
    )
    uow.session.add(row)
    await uow.session.flush()
    uow.session.add_all(
        ReturnLine(return_id=row.id, position=position, quantity=quantity)
        for position, quantity in sorted(pieces.items())
    )
    await uow.session.flush()
    _note(uow, row, order, "announced", actor=audit.CUSTOMER)
    return await _view(uow, row, order)


async def receive(uow: UnitOfWork, return_number: str) -> ReturnView:
    """The parcel is back in the shop: its refund is owed. The stock isn't raised: somebody looks at the goods first.

    Raises NotFound, WrongStatus.
    """
    row, moved = await _move(uow, return_number, "received", received_at=uow.now())
    order = await _order_of(uow, row)
    view = await _view(uow, row, order)
    if moved:
        _note(uow, row, order, "received")
        await refunds.owe(
            uow,
            order,
            view.amount,
            reason="returned",
            source=f"return:{row.id}",
            conversation_id=row.conversation_id,
            return_id=row.id,
        )
        if order.status == "delivered" and await _all_back(uow, order):
            await lifecycle.take_back(uow, order.number)
    return view


async def withdraw(uow: UnitOfWork, return_number: str) -> ReturnView:
    """The customer keeps it after all. Raises NotFound, WrongStatus."""
    row, moved = await _move(uow, return_number, "withdrawn")
    order = await _order_of(uow, row)
    if moved:
        _note(uow, row, order, "withdrawn")
    return await _view(uow, row, order)


async def of_order(uow: UnitOfWork, number: str) -> tuple[ReturnView, ...]:
    """The order's returns, oldest first, without the withdrawn."""
    order = await reading.one(uow, Order.number == number)
    if order is None:
        raise NotFound("order", number)
    rows = await uow.session.scalars(
        select(Return)
        .where(Return.order_id == order.id, Return.status != "withdrawn")
        .order_by(Return.created_at, Return.number)
        .execution_options(populate_existing=True)
    )
    return tuple([await _view(uow, row, order) for row in rows])


async def get(uow: UnitOfWork, return_number: str) -> ReturnView:
    """The return of this number, for staff and for its slip. Raises NotFound."""
    row = await _one(uow, Return.number == return_number)
    if row is None:
        raise NotFound("return", return_number)
    return await _view(uow, row, await _order_of(uow, row))


async def _returnable(uow: UnitOfWork, order: OrderView, row: Order) -> tuple[Returnable, ...]:
    if order.status not in SENT:
        raise WrongStatus(order.number, order.status)
    until = return_until(order.delivered_at, uow.policy)
    if until is not None and uow.now().date() > until:
        raise TooLate(until)
    gone = await _pieces(uow, row, ("announced", "received"))
    left = tuple(
        Returnable(line.position, line.sku, line.name, line.quantity - gone[line.position], line.unit_price)
        for line in order.lines
        if line.quantity > gone[line.position]
    )
    if not left:
        raise AlreadyReturned(order.number)
    return left


async def _pieces(uow: UnitOfWork, order: Order, statuses: tuple[str, ...]) -> Counter[int]:
    """How many pieces of each line are in returns of these statuses."""
    rows = await uow.session.execute(
        select(ReturnLine.position, ReturnLine.quantity)
        .join(Return, Return.id == ReturnLine.return_id)
        .where(Return.order_id == order.id, Return.status.in_(statuses))
    )
    counted: Counter[int] = Counter()
    for position, quantity in rows:
        counted[position] += quantity
    return counted


async def _all_back(uow: UnitOfWork, order: Order) -> bool:
    back = await _pieces(uow, order, ("received",))
    lines = (await reading.view(uow, order)).lines
    return all(back[line.position] >= line.quantity for line in lines)


async def _view(uow: UnitOfWork, row: Return, order: Order) -> ReturnView:
    ordered = {line.position: line for line in (await reading.view(uow, order)).lines}
    found = await uow.session.execute(
        select(ReturnLine.position, ReturnLine.quantity)
        .where(ReturnLine.return_id == row.id)
        .order_by(ReturnLine.position)
    )
    lines = tuple(
        Returnable(p, ordered[p].sku, ordered[p].name, quantity, ordered[p].unit_price)
        for p, quantity in found
        if p in ordered
    )
    return ReturnView(
        number=row.number,
        order_number=order.number,
        status=row.status,  # type: ignore[arg-type]  # the tables' CHECKs allow nothing else
        wants=row.wants,  # type: ignore[arg-type]
        reason=row.reason,  # type: ignore[arg-type]
        lines=lines,
        amount=money_back(
            sum((line.unit_price * line.left for line in lines), Decimal("0.00")),
            subtotal=order.subtotal,
            delivery=order.delivery,
            policy=uow.policy,
        ),
        currency=order.currency,
        created_at=row.created_at,
        send_by=row.send_by,
        received_at=row.received_at,
        sender=order.name or "",
        address=order.address or "",
    )


async def _move(uow: UnitOfWork, return_number: str, after: str, **values: datetime) -> tuple[Return, bool]:
    """The return, and whether it came into this state just now."""
    moved = await uow.session.scalar(
        update(Return)
        .where(Return.number == return_number, Return.status == "announced")
        .values(status=after, **values)
        .returning(Return)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    if moved is not None:
        return moved, True
    row = await _one(uow, Return.number == return_number)
    if row is None:
        raise NotFound("return", return_number)
    if row.status != after:
        raise WrongStatus(return_number, row.status)
    return row, False


async def _order(uow: UnitOfWork, number: str) -> Order:
    """The order, locked, so that of two returns at once the second sees the first."""
    order: Order | None = await uow.session.scalar(
        select(Order)
        .where(Order.number == number)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if order is None:
        raise NotFound("order", number)
    return order


async def _order_of(uow: UnitOfWork, row: Return) -> Order:
    order = await reading.one(uow, Order.id == row.order_id)
    if order is None:
        raise NotFound("order", row.order_id)
    return order


async def _one(uow: UnitOfWork, condition: ColumnElement[bool]) -> Return | None:
    found: Return | None = await uow.session.scalar(
        select(Return).where(condition).execution_options(populate_existing=True)
    )
    return found


async def _free_number(uow: UnitOfWork) -> str:
    while True:
        number = order_number.generate(prefix="RT")
        if await _one(uow, Return.number == number) is None:
            return number


def _note(uow: UnitOfWork, row: Return, order: Order, step: str, *, actor: str = audit.SYSTEM) -> None:
    facts = {"return": row.number, "order": order.number, "reason": row.reason, "wants": row.wants}
    audit.note(
        uow,
        f"return.{step}",
        f"Return {row.number} of order {order.number} {step} ({row.reason}, {row.wants})",
        conversation_id=row.conversation_id,
        contact_id=order.contact_id,
        data=facts,
    )
    audit.record(uow, f"return.{step}", f"order:{order.number}", actor=actor, data=facts)
