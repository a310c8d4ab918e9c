"""How orders are paid: a port, and the one way there is by default, an invoice.

Another way is a class with these members, registered by its name; `policy.payment` chooses it. Its `terms`
run inside the order's transaction and do no I/O: a provider that must be called is called after the order is
committed, with the order number as its reference, and reports back through `orders.mark_paid`.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Protocol

from crm.errors import InvalidInput
from crm.policy import ShopPolicy


@dataclass(frozen=True, slots=True)
class Charge:
    """What is to be paid."""

    order_number: str
    total: Decimal
    currency: str
    placed_at: datetime


@dataclass(frozen=True, slots=True)
class PaymentTerms:
    """Until when to pay, and what to name when paying."""

    due: date
    reference: str


class PaymentProvider(Protocol):
    """A way to pay."""

    @property
    def name(self) -> str:
        """As stored with the order and as the shop's settings name it."""
        ...

    def terms(self, charge: Charge, policy: ShopPolicy) -> PaymentTerms:
        """What the customer is asked for. No I/O."""
        ...


class InvoicePayment:
    """An invoice, due `policy.payment_days` after the order; paid by bank transfer naming the order."""

    name = "invoice"

    def terms(self, charge: Charge, policy: ShopPolicy) -> PaymentTerms:
        due = charge.placed_at.date() + timedelta(days=policy.payment_days)
        return PaymentTerms(due=due, reference=charge.order_number)


_providers: dict[str, PaymentProvider] = {InvoicePayment.name: InvoicePayment()}


def register(provider: PaymentProvider) -> None:
    """Make a way to pay known; a second one of the same name replaces the first."""
    _providers[provider.name] = provider


def provider(name: str) -> PaymentProvider:
    """The way to pay of this name. Raises InvalidInput naming those there are."""
    try:
        return _providers[name]
    except KeyError as exc:
        raise InvalidInput("payment", name, f"choose one of: {', '.join(sorted(_providers))}") from exc
