"""What the services answer: frozen, detached from the database, safe to keep and to compare."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

AttributeValue = str | int | float | bool | list[str]
OrderStatus = Literal["placed", "paid", "shipped", "delivered", "cancelled", "returned"]


@dataclass(frozen=True, slots=True)
class Product:
    """A product as the shop sells it. `category` is a slug; `price` includes VAT."""

    sku: str
    name: str
    brand: str
    category: str
    price: Decimal
    currency: str
    stock: int
    description: str
    attributes: dict[str, AttributeValue] = field(default_factory=dict)
    image: str | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class CartLine:
    """A line at the price the customer was shown; `stock` is what is left now."""

    sku: str
    name: str
    quantity: int
    unit_price: Decimal
    line_total: Decimal
    stock: int


@dataclass(frozen=True, slots=True)
class CartView:
    """The cart with its sums. `total` = subtotal + delivery, and includes `vat_included`."""

    lines: tuple[CartLine, ...]
    item_count: int
    subtotal: Decimal
    delivery: Decimal
    vat_rate: Decimal
    vat_included: Decimal
    total: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class CartChange:
    """What is different now. Prices are Decimals; stock is a count, with `before` the quantity wanted."""

    sku: str
    name: str
    kind: Literal["price", "stock", "withdrawn"]
    before: Decimal | int | None
    after: Decimal | int | None


@dataclass(frozen=True, slots=True)
class OrderLineView:
    """A line as it was ordered; a later change of the product doesn't touch it."""

    sku: str
    name: str
    quantity: int
    unit_price: Decimal
    line_total: Decimal
    position: int = 0


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order as its customer may see it. `payment` names the way of paying ("invoice")."""

    number: str
    status: OrderStatus
    placed_at: datetime
    lines: tuple[OrderLineView, ...]
    subtotal: Decimal
    delivery: Decimal
    vat_included: Decimal
    total: Decimal
    currency: str
    name: str
    email: str
    address: str
    expected_delivery: date | None
    tracking: str | None
    payment: str
    payment_due: date | None
    paid_at: datetime | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    cancelled_at: datetime | None = None
    returned_at: datetime | None = None
    vat_rate: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class LeadView:
    """Somebody who wants to be contacted, with the needs said so far. `number` is what people call the lead."""

    id: str
    number: int
    name: str
    email: str | None
    phone: str | None
    needs: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class TicketView:
    """A complaint, and what would help. `order` is the number of an order that is proven to be theirs."""

    id: str
    conversation_id: str | None
    topic: str
    status: str
    about: str
    wish: str | None
    order: str | None
    contact_name: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class FeedbackView:
    """A customer's words about the shop ("praise"), a price or a rival; `sentiment` in [-1, 1]."""

    kind: str
    text: str
    sku: str | None
    sentiment: float | None
    created_at: datetime
