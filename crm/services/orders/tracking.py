"""Showing an order to its customer, who proves it is theirs by number and e-mail address."""

from crm import order_number
from crm.database import UnitOfWork
from crm.services import attempts
from crm.services.orders.proof import proven
from crm.services.orders.reading import view
from crm.views import OrderView


async def track(
    uow: UnitOfWork, number: str, email: str, *, conversation_id: str, client: str | None
) -> OrderView | None:
    """The order when number and e-mail belong together, else None, which doesn't say what was wrong.

    Failures are counted per conversation, per `client` (a hash of the address, if known) and per order
    number, whether it exists or not; commit the unit of work, or they aren't. Raises TooManyAttempts when
    one of them failed too often, for a right pair too, so that an answer can't be had by going on.
    """
    canonical = order_number.parse(number)
    keys = {"conversation": conversation_id}
    if client:
        keys["client"] = client
    if canonical:
        keys["order"] = canonical
    await attempts.check(uow, keys)
    order = await proven(uow, number, email)
    if order is None:
        await attempts.fail(uow, keys)
        return None
    return await view(uow, order)
