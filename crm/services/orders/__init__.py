"""Orders: placing one exactly once, what happens to it, and showing it to whom it belongs."""

from crm.services.orders.changing import amend, preview
from crm.services.orders.details import CheckoutDetails
from crm.services.orders.lifecycle import cancel, deliver, mark_paid, ship, take_back
from crm.services.orders.placing import place
from crm.services.orders.proof import proven
from crm.services.orders.reading import get
from crm.services.orders.releasing import release_unpaid
from crm.services.orders.tracking import track

__all__ = [
    "CheckoutDetails",
    "amend",
    "cancel",
    "deliver",
    "get",
    "mark_paid",
    "place",
    "preview",
    "proven",
    "release_unpaid",
    "ship",
    "take_back",
    "track",
]
