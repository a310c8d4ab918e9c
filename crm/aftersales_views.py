"""What the services answer about an order's later life: frozen, detached from the database."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from crm.views import OrderLineView, OrderStatus, OrderView

Wants = Literal["refund", "exchange"]
Reason = Literal["unsuitable", "defective", "damaged", "wrong_item", "unwanted", "unsaid"]
ChangeKind = Literal["address", "quantity", "added", "removed"]


@dataclass(frozen=True, slots=True)
class Amendment:
    """One change of an order: a new `address`; `quantity` pieces of line `position`; or `quantity` more of `sku`.

    A quantity of 0 takes the line out. Built by the three functions below.
    """

    kind: ChangeKind
    address: str | None = None
    position: int | None = None
    sku: str | None = None
    quantity: int = 0


def move_to(address: str) -> Amendment:
    """Send it somewhere else."""
    return Amendment("address", address=address)


def make_it(quantity: int, position: int) -> Amendment:
    """Order so many of a line; none of it when `quantity` is 0."""
    return Amendment("removed" if quantity == 0 else "quantity", position=position, quantity=quantity)


def put_in(sku: str, quantity: int = 1) -> Amendment:
    """Order a product besides."""
    return Amendment("added", sku=sku, quantity=quantity)


@dataclass(frozen=True, slots=True)
class Amended:
    """The order as it would be, or is, after a change. `refund` is what goes back of a paid order, else 0."""

    number: str
    lines: tuple[OrderLineView, ...]
    subtotal: Decimal
    delivery: Decimal
    vat_included: Decimal
    total: Decimal
    total_before: Decimal
    currency: str
    address: str
    refund: Decimal


@dataclass(frozen=True, slots=True)
class RefundView:
    """Money that goes back by `due` at the latest; `sent_at` is None until it was sent."""

    id: str
    reason: Literal["cancelled", "changed", "returned"]
    amount: Decimal
    currency: str
    due: date
    created_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Returnable:
    """So many of an order's line haven't been announced as a return yet."""

    position: int
    sku: str
    name: str
    left: int
    unit_price: Decimal


@dataclass(frozen=True, slots=True)
class ReturnView:
    """A return with what is in it. `amount` is what is refunded once it has arrived."""

    number: str
    order_number: str
    status: Literal["announced", "received", "withdrawn"]
    wants: Wants
    reason: Reason
    lines: tuple[Returnable, ...]
    amount: Decimal
    currency: str
    created_at: datetime
    send_by: date
    received_at: datetime | None
    sender: str
    address: str


@dataclass(frozen=True, slots=True)
class InvoiceView:
    """An invoice as printed. Amounts are those of the day it was issued; what was erased is empty."""

    number: str
    issued_at: datetime
    replaces: str | None
    replaced_by: str | None
    company: str | None
    vat_id: str | None
    order: OrderView
    status: OrderStatus
