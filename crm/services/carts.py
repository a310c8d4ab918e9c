"""The cart of a conversation: what is in it, what it costs, and what changed in the shop meanwhile."""

from collections.abc import Sequence
from contextlib import suppress
from decimal import Decimal

from sqlalchemy import delete, select, update

from crm.database import UnitOfWork
from crm.errors import InvalidInput, NotFound, OutOfStock, QuantityTooLarge, TooManyProducts
from crm.model.cart import Cart
from crm.model.cart import CartLine as LineRow
from crm.model.conversation import Conversation
from crm.model.product import Product
from crm.pricing import delivery_cost, vat_included
from crm.services import cart_rows
from crm.upsert import insert_new
from crm.views import CartChange, CartLine, CartView


async def view(uow: UnitOfWork, conversation_id: str) -> CartView:
    """The cart at the prices the customer was shown. A conversation without a cart has an empty one."""
    lines = tuple(row.line() for row in await cart_rows.read(uow, conversation_id))
    return _sum_up(uow, lines)


async def add(uow: UnitOfWork, conversation_id: str, sku: str, quantity: int = 1) -> CartView:
    """Put `quantity` more of a product into the cart.

    Raises NotFound for a product not on sale, InvalidInput below 1, QuantityTooLarge and TooManyProducts
    beyond the shop's caps, OutOfStock when fewer are left than would be in the cart.
    """
    if quantity < 1:
        raise InvalidInput("quantity", quantity, "add at least 1")
    await _hold(uow, conversation_id)
    held = await uow.session.scalar(
        select(LineRow.quantity).where(LineRow.conversation_id == conversation_id, LineRow.sku == sku)
    )
    await _put(uow, conversation_id, sku, (held or 0) + quantity)
    return await view(uow, conversation_id)


async def set_quantity(uow: UnitOfWork, conversation_id: str, sku: str, quantity: int) -> CartView:
    """Make it exactly so many; 0 removes the product. Raises as `add` does."""
    if quantity == 0:
        return await remove(uow, conversation_id, sku)
    if quantity < 0:
        raise InvalidInput("quantity", quantity, "write 0 to remove it, or how many there should be")
    await _hold(uow, conversation_id)
    await _put(uow, conversation_id, sku, quantity)
    return await view(uow, conversation_id)


async def remove(uow: UnitOfWork, conversation_id: str, sku: str) -> CartView:
    """Take a product out. Raises NotFound when it isn't in the cart."""
    gone = await uow.session.execute(
        delete(LineRow)
        .where(LineRow.conversation_id == conversation_id, LineRow.sku == sku)
        .returning(LineRow.sku)
    )
    if gone.scalar_one_or_none() is None:
        raise NotFound("product in the cart", sku)
    return await view(uow, conversation_id)


async def clear(uow: UnitOfWork, conversation_id: str) -> CartView:
    """Empty the cart."""
    await uow.session.execute(delete(LineRow).where(LineRow.conversation_id == conversation_id))
    return _sum_up(uow, ())


async def take_over(uow: UnitOfWork, conversation_id: str, *, out_of: str) -> None:
    """Put what another conversation's cart holds into this one, which keeps the greater quantity; empty the other.

    What can't be had any more, or is beyond the shop's caps, is left out.
    """
    lines = await cart_rows.read(uow, out_of)
    if not lines:
        return
    await _hold(uow, conversation_id)
    held = {row.sku: row.quantity for row in await cart_rows.read(uow, conversation_id)}
    for line in lines:
        if line.quantity > held.get(line.sku, 0):
            with suppress(NotFound, OutOfStock, QuantityTooLarge, TooManyProducts):
                await _put(uow, conversation_id, line.sku, line.quantity)
    await clear(uow, out_of)


async def changes(uow: UnitOfWork, conversation_id: str) -> tuple[CartChange, ...]:
    """What the shop changed that the customer must know before ordering, in the order of the cart.

    Stock is a change only when fewer are left than are in the cart.
    """
    rows = await cart_rows.read(uow, conversation_id)
    return tuple(change for row in rows for change in row.changes())


async def accept_changes(uow: UnitOfWork, conversation_id: str) -> CartView:
    """Make the cart what can be had: new prices, no more than there is, without what is no longer sold."""
    for row in await cart_rows.read(uow, conversation_id):
        if not row.changes():
            continue
        this = (LineRow.conversation_id == conversation_id, LineRow.sku == row.sku)
        left = min(row.quantity, row.stock) if row.active else 0
        if left == 0:
            await uow.session.execute(delete(LineRow).where(*this))
        else:
            await uow.session.execute(
                update(LineRow).where(*this).values(quantity=left, unit_price=row.price)
            )
    return await view(uow, conversation_id)


async def _hold(uow: UnitOfWork, conversation_id: str) -> None:
    """Make sure there is a cart, and that of two changes at once the second sees the first."""
    known = select(Conversation.id).where(Conversation.id == conversation_id)
    if await uow.session.scalar(known) is None:
        raise NotFound("conversation", conversation_id)
    now = uow.now()
    await insert_new(uow, Cart, conversation_id=conversation_id, created_at=now, updated_at=now)
    await uow.session.execute(
        update(Cart).where(Cart.conversation_id == conversation_id).values(updated_at=now)
    )


async def _put(uow: UnitOfWork, conversation_id: str, sku: str, quantity: int) -> None:
    product = (
        await uow.session.execute(
            select(Product.price, Product.stock).where(Product.sku == sku, Product.active)
        )
    ).one_or_none()
    if product is None:
        raise NotFound("product", sku)
    if quantity > uow.policy.max_quantity:
        raise QuantityTooLarge(uow.policy.max_quantity)
    if quantity > product.stock:
        raise OutOfStock(sku, product.stock)
    skus = await uow.session.scalars(select(LineRow.sku).where(LineRow.conversation_id == conversation_id))
    held = set(skus)
    if sku in held:
        # The price stays what the customer was shown; another is told at check-out.
        this = (LineRow.conversation_id == conversation_id, LineRow.sku == sku)
        await uow.session.execute(update(LineRow).where(*this).values(quantity=quantity))
        return
    if len(held) >= uow.policy.max_lines:
        raise TooManyProducts(uow.policy.max_lines)
    line = LineRow(
        conversation_id=conversation_id,
        sku=sku,
        quantity=quantity,
        unit_price=product.price,
        added_at=uow.now(),
    )
    uow.session.add(line)
    await uow.session.flush()


def _sum_up(uow: UnitOfWork, lines: Sequence[CartLine]) -> CartView:
    policy = uow.policy
    subtotal = sum((line.line_total for line in lines), Decimal("0.00"))
    delivery = delivery_cost(subtotal, policy)
    total = subtotal + delivery
    return CartView(
        lines=tuple(lines),
        item_count=sum(line.quantity for line in lines),
        subtotal=subtotal,
        delivery=delivery,
        vat_rate=policy.vat_rate,
        vat_included=vat_included(total, policy.vat_rate),
        total=total,
        currency=policy.currency,
    )
