"""What the services of quotes and appointments answer: frozen and detached, as in `crm.views`."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

QuoteStatus = Literal["open", "expired", "accepted", "withdrawn"]


@dataclass(frozen=True, slots=True)
class QuoteLineView:
    """A line: `list_price` is what one cost in the shop then, `unit_price` what it costs by this quote."""

    sku: str
    name: str
    quantity: int
    list_price: Decimal
    unit_price: Decimal
    line_total: Decimal


@dataclass(frozen=True, slots=True)
class QuoteView:
    """An offer. `total` includes delivery and `vat_included`; `order` is the number of the order it became."""

    id: str
    number: str
    status: QuoteStatus
    lines: tuple[QuoteLineView, ...]
    subtotal: Decimal
    delivery: Decimal
    vat_rate: Decimal
    vat_included: Decimal
    total: Decimal
    currency: str
    name: str
    email: str
    company: str | None
    valid_until: date
    created_at: datetime
    order: str | None = None

    @property
    def net(self) -> Decimal:
        """The total without VAT."""
        return self.total - self.vat_included


@dataclass(frozen=True, slots=True)
class AppointmentView:
    """A booked or cancelled time; `starts_at` and `ends_at` are aware and UTC."""

    id: str
    status: Literal["booked", "cancelled"]
    starts_at: datetime
    ends_at: datetime
    name: str
    email: str | None
    phone: str | None
    topic: str
    conversation_id: str | None
