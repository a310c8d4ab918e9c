"""What can go wrong in the CRM, as one tree.

CrmError
├── InvalidInput          a value was refused; names the field and what would be right
├── NotFound              the thing asked for isn't there
├── NotAllowed            this person may not see or change that
├── CartError
│   ├── EmptyCart         nothing to order
│   ├── CartChanged       price, stock or availability is no longer what the customer was shown
│   ├── OutOfStock        fewer are left than asked for
│   └── QuantityTooLarge  more than the shop sells in one order
├── NeedsOffer            the shop's rules leave so many pieces to a person
├── OrderError
│   ├── NothingLeft       the change would leave nothing of the order
│   ├── PaidAlready       a paid order would become dearer
│   ├── TotalChanged      the total is no longer what the customer was shown
│   ├── TooLate           the time for sending it back is over
│   └── AlreadyReturned   it has been announced as a return already
├── Conflict
│   ├── AlreadyClaimed    somebody else has the conversation
│   ├── OwnershipChanged  the conversation's owner changed under the caller
│   ├── WrongStatus       an order or a quote isn't in a state that allows it
│   ├── SlotTaken         that time isn't free
│   └── ConversationMoved its customer went on with it on another channel
├── StillNeeded           data can't be erased while an order is under way
├── TooManyAttempts       guessing is limited; says when to try again
└── StorageError
    ├── StorageUnavailable   the database can't be reached, is locked or went away: try again
    └── StorageOutdated      the database hasn't this version's tables: migrate first
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crm.views import CartChange


class CrmError(Exception):
    """Root of everything this package raises on purpose."""


class InvalidInput(CrmError):
    """A value was refused; nothing was written."""

    def __init__(self, field: str, value: object, fix: str) -> None:
        super().__init__(f"{field}: {value!r} is refused; {fix}")
        self.field = field
        self.value = value
        self.fix = fix


class NotFound(CrmError):
    """No such thing; `kind` is a noun for people ("product"), `key` what was asked for."""

    def __init__(self, kind: str, key: str) -> None:
        super().__init__(f"no {kind} {key!r}")
        self.kind = kind
        self.key = key


class NotAllowed(CrmError):
    """Whoever asks may not see or change that; `why` is a sentence for them."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class StillNeeded(CrmError):
    """Personal data can't be erased yet: these orders are under way and need it."""

    def __init__(self, orders: Sequence[str]) -> None:
        super().__init__(f"{len(orders)} orders are under way")
        self.orders = tuple(orders)


class CartError(CrmError):
    """The cart can't be changed or ordered as asked."""


class EmptyCart(CartError):
    """There is nothing in the cart."""

    def __init__(self) -> None:
        super().__init__("the cart is empty")


class CartChanged(CartError):
    """The shop changed since the cart was filled; the customer must see `changes` before confirming."""

    def __init__(self, changes: "Sequence[CartChange]") -> None:
        super().__init__("the cart changed: " + ", ".join(f"{c.sku} {c.kind}" for c in changes))
        self.changes = tuple(changes)


class OutOfStock(CartError):
    """Fewer than asked for are left: `available` of `sku`."""

    def __init__(self, sku: str, available: int) -> None:
        super().__init__(f"{sku}: {available} in stock")
        self.sku = sku
        self.available = available


class QuantityTooLarge(CartError):
    """More than `limit` of one product in one cart."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"at most {limit}")
        self.limit = limit


class TooManyProducts(QuantityTooLarge):
    """More than `limit` different products in one cart."""


class NeedsOffer(CrmError):
    """From `least` pieces of `sku` on somebody makes an offer; there is no price to calculate."""

    def __init__(self, sku: str, least: int) -> None:
        super().__init__(f"{sku}: from {least} pieces on somebody makes an offer")
        self.sku = sku
        self.least = least


class Conflict(CrmError):
    """Somebody else was first."""


class AlreadyClaimed(Conflict):
    """The conversation belongs to `by`, a name for people."""

    def __init__(self, by: str) -> None:
        super().__init__(f"already claimed by {by}")
        self.by = by


class OwnershipChanged(Conflict):
    """The conversation is in `status` now, which doesn't allow what was asked."""

    def __init__(self, status: str) -> None:
        super().__init__(f"the conversation is {status} now")
        self.status = status


class WrongStatus(Conflict):
    """The order (or quote: `kind`) `number` is `status` now, which doesn't allow what was asked."""

    def __init__(self, number: str, status: str, *, kind: str = "order") -> None:
        super().__init__(f"{kind} {number} is {status} now")
        self.kind = kind
        self.number = number
        self.status = status


class SlotTaken(Conflict):
    """All seats of the appointment time `starts_at` are taken."""

    def __init__(self, starts_at: datetime) -> None:
        super().__init__(f"nothing is free at {starts_at.isoformat()}")
        self.starts_at = starts_at


class OrderError(CrmError):
    """The order can't be changed or sent back as asked."""


class NothingLeft(OrderError):
    """The change would leave nothing of the order `number`: that is a cancellation."""

    def __init__(self, number: str) -> None:
        super().__init__(f"nothing would be left of order {number}")
        self.number = number


class PaidAlready(OrderError):
    """The order is paid and would become dearer by `difference`."""

    def __init__(self, number: str, difference: Decimal, currency: str) -> None:
        super().__init__(f"order {number} is paid; {difference} {currency} more would be due")
        self.number = number
        self.difference = difference
        self.currency = currency


class TotalChanged(OrderError):
    """The total isn't what the customer was shown any more; it is `total` now."""

    def __init__(self, total: Decimal) -> None:
        super().__init__(f"the total is {total} now")
        self.total = total


class TooLate(OrderError):
    """The last day on which it could be sent back was `until`."""

    def __init__(self, until: date) -> None:
        super().__init__(f"returns were possible until {until}")
        self.until = until


class AlreadyReturned(OrderError):
    """Everything of the order, or more of it than is left, has been announced as a return."""

    def __init__(self, number: str) -> None:
        super().__init__(f"not so much of order {number} is left to send back")
        self.number = number


class ConversationMoved(Conflict):
    """The conversation's customer went on with it on `channel`; on others nobody may read or write it."""

    def __init__(self, channel: str) -> None:
        super().__init__(f"the conversation goes on on {channel}")
        self.channel = channel


class TooManyAttempts(CrmError):
    """Too many failed tries; the next is allowed in `retry_after_seconds`."""

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(f"too many attempts; try again in {retry_after_seconds} s")
        self.retry_after_seconds = retry_after_seconds


class StorageError(CrmError):
    """The database didn't do its part; nothing of the unit of work was written."""


class StorageUnavailable(StorageError):
    """The database can't be reached, is locked or went away; the same work may succeed later."""


class StorageOutdated(StorageError):
    """The database lacks this version's tables; `parley migrate` makes them."""
