"""A cart's lines beside their products as they are now."""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select

from crm.database import UnitOfWork
from crm.model.cart import CartLine as LineRow
from crm.model.product import Product
from crm.views import CartChange, CartLine


@dataclass(frozen=True, slots=True)
class CartRow:
    """`unit_price` is what was shown; `price`, `stock` and `active` are what is true now."""

    sku: str
    name: str
    quantity: int
    unit_price: Decimal
    price: Decimal
    stock: int
    active: bool

    def line(self) -> CartLine:
        return CartLine(
            sku=self.sku,
            name=self.name,
            quantity=self.quantity,
            unit_price=self.unit_price,
            line_total=self.unit_price * self.quantity,
            stock=self.stock if self.active else 0,
        )

    def changes(self) -> tuple[CartChange, ...]:
        """Nothing but the withdrawal when withdrawn; else the price, then the stock."""
        if not self.active:
            return (CartChange(self.sku, self.name, "withdrawn", self.quantity, 0),)
        found = []
        if self.price != self.unit_price:
            found.append(CartChange(self.sku, self.name, "price", self.unit_price, self.price))
        if self.stock < self.quantity:
            found.append(CartChange(self.sku, self.name, "stock", self.quantity, self.stock))
        return tuple(found)


async def read(uow: UnitOfWork, conversation_id: str) -> list[CartRow]:
    """The lines in the order they were added."""
    query = (
        select(
            LineRow.sku,
            Product.name,
            LineRow.quantity,
            LineRow.unit_price,
            Product.price,
            Product.stock,
            Product.active,
        )
        .join(Product, Product.sku == LineRow.sku)
        .where(LineRow.conversation_id == conversation_id)
        .order_by(LineRow.added_at, LineRow.sku)
    )
    return [CartRow(*row) for row in await uow.session.execute(query)]
