"""What a conversation has proved about its customer, for recommendations, and nothing that they merely claim.

Orders are those of the contact that this conversation or its verified channel identity belongs to. An e-mail address
that somebody typed shows nobody's orders.
"""

from __future__ import annotations

from dataclasses import dataclass

from actions.support.need import Need
from actions.support.turn import Turn
from crm.database import UnitOfWork
from crm.services import carts, conversations, exposures, purchases


@dataclass(frozen=True, slots=True)
class Known:
    """SKUs, the latest first: in the cart, ordered, looked at closely, and turned down."""

    cart: tuple[str, ...] = ()
    ordered: tuple[str, ...] = ()
    looked_at: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()

    @property
    def avoid(self) -> tuple[str, ...]:
        """What is never recommended: they have it, are about to, or don't want it."""
        return tuple(dict.fromkeys((*self.cart, *self.ordered, *self.refused)))


async def known_so_far(turn: Turn, uow: UnitOfWork) -> Known:
    """Read it from the database and the conversation's slots."""
    conversation = await conversations.get(uow, turn.conversation_id)
    contact = conversation.contact_id if conversation else None
    cart = await carts.view(uow, turn.conversation_id)
    return Known(
        cart=tuple(line.sku for line in cart.lines),
        ordered=tuple(await purchases.of_contact(uow, contact)) if contact else (),
        looked_at=tuple(await exposures.seen(uow, turn.conversation_id)),
        refused=tuple(dict.fromkeys((*turned_down(turn), *Need.from_slot(turn.slot("need")).exclude))),
    )


def turned_down(turn: Turn) -> tuple[str, ...]:
    """What the customer said no to in so many words."""
    return tuple(str(sku) for sku in turn.slot("refused") or ())


def refusing(turn: Turn) -> list[str]:
    """The slot `refused` with what is on the screen added."""
    return list(dict.fromkeys((*turned_down(turn), *(str(sku) for sku in turn.slot("shown") or ()))))
