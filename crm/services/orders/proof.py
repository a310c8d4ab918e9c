"""Whether somebody who names an order is its customer."""

import hmac

from crm import order_number
from crm.database import UnitOfWork
from crm.model.order import Order
from crm.people import email_key
from crm.services.orders.reading import one


async def proven(uow: UnitOfWork, number: str, email: str) -> Order | None:
    """The order when number and e-mail belong together, else None, which doesn't say what was wrong.

    Nothing is counted: for what a customer types, call `orders.track` first, which makes guessing slow.
    """
    canonical = order_number.parse(number)
    order = await one(uow, Order.number == (canonical or ""))
    # An erased order has no address, and nobody's e-mail is "".
    known = email_key(order.email) if order is not None and order.email else ""
    matches = hmac.compare_digest(known.encode(), email_key(email).encode())
    return order if order is not None and known and matches else None
