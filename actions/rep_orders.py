"""What did they order? By person or by the order's number, for reps."""

from __future__ import annotations

from actions.order_status import order_text
from actions.support.own_order import order_number
from actions.support.rep import RepAction
from actions.support.reply import Reply, button, money, say
from actions.support.turn import Turn
from actions.support.use_cases import Reading, UseCase
from actions.support.whom import order_number_in, remembered, whom
from crm import order_number as numbers
from crm.database import UnitOfWork
from crm.services.reps import people, purchases
from crm.services.users import UserView
from crm.views import OrderView
from parley.bootstrap import ActionsContext


class RepOrders(RepAction):
    """One order in full, or a person's last ones in a line each."""

    action = "action_rep_orders"

    async def tell(self, turn: Turn, context: ActionsContext, uow: UnitOfWork, asker: UserView) -> Reply:
        number = order_number(turn) or order_number_in(turn.words)
        if number and turn.choice is None:
            if numbers.parse(number) is None:
                return say(f"{number} has a typing error: its last digit doesn't fit the others.")
            order = await purchases.get(uow, number)
            person = await people.of_order(uow, number)
            return say(f"{order.name or person.name}: {order_text(order)}").then(remembered(person))
        meant = await whom(turn, uow)
        if meant.person is None:
            return meant.question
        name = meant.person.name or "They"
        found = await purchases.of_contact(uow, meant.person.id)
        if not found:
            return say(f"{name} hasn't ordered anything yet.").then(remembered(meant.person))
        lines = [f"{name}, newest first:", *(_line(order) for order in found)]
        more = button("Recommend something", "rep_recommend", choice=meant.person.id)
        return say("\n".join(lines), more).then(remembered(meant.person))


def _line(order: OrderView) -> str:
    items = ", ".join(f"{line.quantity} × {line.name}" for line in order.lines)
    total = money(order.total, order.currency)
    return f"• {order.number}, {order.placed_at:%-d %B %Y}, {order.status}, {total}: {items}"


USE_CASE = UseCase(readings={"rep_orders": Reading("What did they order?")})
