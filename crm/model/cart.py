"""What a customer is about to order, at the prices they were shown."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Integer
from sqlalchemy.orm import Mapped, mapped_column

from crm.model.base import Base, Money, UtcDateTime, utcnow


class Cart(Base):
    """A conversation's cart; it goes when the conversation goes."""

    __tablename__ = "cart"

    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True
    )
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)


class CartLine(Base):
    """`unit_price` is what the customer was shown; it changes only when they accept another."""

    __tablename__ = "cart_line"
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity"),)

    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("cart.conversation_id", ondelete="CASCADE"), primary_key=True
    )
    sku: Mapped[str] = mapped_column(ForeignKey("product.sku"), primary_key=True, index=True)
    quantity: Mapped[int] = mapped_column(Integer)
    unit_price: Mapped[Decimal] = mapped_column(Money)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
