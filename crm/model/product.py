"""What the shop sells, and a counter that tells readers of the catalogue when to look again."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, Connection, Integer, String, Text, event
from sqlalchemy.orm import Mapped, mapped_column

from crm.model.base import Base, Json, Money, UtcDateTime, utcnow

FIRST_STATE = "INSERT INTO catalogue_state (id, version) VALUES (1, 0)"


class Product(Base):
    """A product; withdrawn (`active` false) rather than deleted, because orders name it.

    `changed_in` is the catalogue's version with its last change, so that an index can read only what is new.
    """

    __tablename__ = "product"
    __table_args__ = (
        CheckConstraint("stock >= 0", name="stock"),
        CheckConstraint("price >= 0", name="price"),
    )

    sku: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    brand: Mapped[str] = mapped_column(String(100))
    category: Mapped[str] = mapped_column(String(64), index=True)
    price: Mapped[Decimal] = mapped_column(Money)
    currency: Mapped[str] = mapped_column(String(3))
    stock: Mapped[int] = mapped_column(Integer)
    description: Mapped[str] = mapped_column(Text)
    attributes: Mapped[dict[str, Any]] = mapped_column(Json)
    image: Mapped[str | None] = mapped_column(String(500))
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    changed_in: Mapped[int] = mapped_column(Integer, index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)


class CatalogueState(Base):
    """A single row: the catalogue's version, which rises with every committed change of any product."""

    __tablename__ = "catalogue_state"
    __table_args__ = (CheckConstraint("id = 1", name="single_row"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(Integer)


@event.listens_for(CatalogueState.__table__, "after_create")
def _count_from_zero(_table: object, connection: Connection, **_: object) -> None:
    connection.exec_driver_sql(FIRST_STATE)
