"""Filling a new shop: its catalogue, staff, and customers with orders in every state, and what was sold before.

Seeding again adds what is missing and leaves what is there: an order isn't placed twice, and stock that was
sold since stays sold. Seeded orders take no stock, for the file's stock is what is left after them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from sqlalchemy import select

from crm import payment
from crm.catalogue_records import read_jsonl
from crm.database import UnitOfWork
from crm.errors import InvalidInput
from crm.model.aftersales import Refund, Return, ReturnLine
from crm.model.base import new_id
from crm.model.contact import Contact, Identity
from crm.model.order import Order, OrderLine
from crm.people import checked_address, checked_email, checked_name, checked_phone
from crm.pricing import delivery_cost, vat_included
from crm.seed_files import SeedCustomer, SeedOrder, read_people
from crm.seed_sales import read_sales, seed_sales
from crm.services import catalogue, deals, users
from crm.services.catalogue import ImportReport
from crm.views import Product
from crm.working_days import working_days_after

# What had happened to an order before it came into a state.
HISTORY = {
    "placed": (),
    "paid": ("paid",),
    "shipped": ("paid", "shipped"),
    "delivered": ("paid", "shipped", "delivered"),
    "returned": ("paid", "shipped", "delivered", "returned"),
    "cancelled": ("cancelled",),
}
# How long after the order each step came.
DELAY = {
    "paid": timedelta(hours=5),
    "shipped": timedelta(days=1),
    "delivered": timedelta(days=3),
    "returned": timedelta(days=12),
    "cancelled": timedelta(hours=9),
}


@dataclass(frozen=True, slots=True)
class SeedReport:
    """What a seeding added; everything is 0 when all was there."""

    products: ImportReport
    users: int
    customers: int
    orders: int
    sales: int

    def __str__(self) -> str:
        """In words, for the operator."""
        told = [
            (self.products.added, "products added"),
            (self.products.changed, "products changed"),
            (self.products.withdrawn, "products withdrawn"),
            (self.users, "staff"),
            (self.customers, "customers"),
            (self.orders, "orders"),
            (self.sales, "earlier sales"),
        ]
        return ", ".join(f"{count} {what}" for count, what in told if count) or "nothing new"


async def seed(uow: UnitOfWork, folder: Path, *, staff_only: bool = False) -> SeedReport:
    """Import `catalogue.jsonl`, `customers.yml` and, if there is one, `sales.csv` of the folder.

    With `staff_only` just the users of `customers.yml`.

    Raises InvalidInput naming file, entry and fix; roll back then (nothing is, without a commit).
    """
    products = ImportReport(0, 0, 0)
    if not staff_only:
        records = read_jsonl(folder / "catalogue.jsonl")
        products = await catalogue.import_products(uow, records, keep_stock=True)
    people = read_people(folder / "customers.yml")
    sales = 0 if staff_only else await seed_sales(uow, read_sales(folder / "sales.csv"))
    staff = len(await users.all_active(uow))
    for user in people.users:
        await users.ensure(uow, email=user.email, name=user.name, role=user.role)
    hired = len(await users.all_active(uow)) - staff
    customers = () if staff_only else people.customers
    added = [await _customer(uow, customer) for customer in customers]
    return SeedReport(
        products, hired, sum(new for new, _ in added), sum(orders for _, orders in added), sales
    )


async def _customer(uow: UnitOfWork, customer: SeedCustomer) -> tuple[bool, int]:
    if await _was_erased(uow, customer):
        return False, 0
    contact, new = await _contact(uow, customer)
    placed = [await _order(uow, customer, contact, order) for order in customer.orders]
    return new, sum(placed)


async def _was_erased(uow: UnitOfWork, customer: SeedCustomer) -> bool:
    """Whether this person was forgotten on request; seeding must not bring them back."""
    numbers = [order.number for order in customer.orders]
    query = select(Contact.id).join(Order, Order.contact_id == Contact.id)
    erased = query.where(Order.number.in_(numbers), Contact.erased_at.is_not(None)).limit(1)
    return await uow.session.scalar(erased) is not None


async def _contact(uow: UnitOfWork, customer: SeedCustomer) -> tuple[Contact, bool]:
    """The customer's contact, recognised by an identity that only seeding makes."""
    email = checked_email(customer.email)
    query = select(Identity.contact_id).where(Identity.channel == "seed", Identity.external_id == email)
    contact = await uow.session.get(Contact, await uow.session.scalar(query) or "")
    if contact is not None:
        return contact, False
    phone = checked_phone(customer.phone, uow.policy.region) if customer.phone else None
    contact = Contact(name=checked_name(customer.name), email=email, phone=phone, created_at=uow.now())
    uow.session.add(contact)
    await uow.session.flush()
    uow.session.add(Identity(channel="seed", external_id=email, contact_id=contact.id))
    return contact, True


async def _order(uow: UnitOfWork, customer: SeedCustomer, contact: Contact, entry: SeedOrder) -> bool:
    if await uow.session.scalar(select(Order.id).where(Order.number == entry.number)) is not None:
        return False
    products = await catalogue.get_many(uow, [line.sku for line in entry.lines])
    missing = [line.sku for line in entry.lines if line.sku not in products]
    if missing:
        raise InvalidInput(f"customers.yml: {entry.number}", missing[0], "name a SKU of catalogue.jsonl")
    order = _new_order(uow, customer, contact, entry, products)
    uow.session.add(order)
    await uow.session.flush()
    for position, line in enumerate(entry.lines, start=1):
        product = products[line.sku]
        uow.session.add(
            OrderLine(
                order_id=order.id,
                position=position,
                sku=line.sku,
                name=product.name,
                quantity=line.quantity,
                unit_price=product.price,
                line_total=product.price * line.quantity,
            )
        )
    await deals.win(uow, order)
    if order.status == "cancelled":
        await deals.lose_order(uow, order.id)
    if order.status == "returned":
        await _sent_back(uow, order)
    return True


async def _sent_back(uow: UnitOfWork, order: Order) -> None:
    """The return and the refund of an order that came back; the money was sent two days later."""
    number = f"RT{order.number[2:]}"
    returned_at = order.returned_at or uow.now()
    lines = await uow.session.execute(
        select(OrderLine.position, OrderLine.quantity).where(OrderLine.order_id == order.id)
    )
    back = Return(
        id=new_id(),
        number=number,
        cause=f"seed:{number}",
        order_id=order.id,
        contact_id=order.contact_id,
        status="received",
        created_at=returned_at - timedelta(days=4),
        received_at=returned_at,
        send_by=(returned_at + timedelta(days=uow.policy.return_days)).date(),
    )
    uow.session.add(back)
    await uow.session.flush()
    uow.session.add_all(ReturnLine(return_id=back.id, position=p, quantity=q) for p, q in lines)
    refund = Refund(
        source=f"return:{back.id}",
        order_id=order.id,
        return_id=back.id,
        reason="returned",
        amount=order.total,
        currency=order.currency,
        due=working_days_after(returned_at.date(), uow.policy.refund_days),
        created_at=returned_at,
        sent_at=min(returned_at + timedelta(days=2), uow.now()),
    )
    uow.session.add(refund)


def _new_order(
    uow: UnitOfWork,
    customer: SeedCustomer,
    contact: Contact,
    entry: SeedOrder,
    products: dict[str, Product],
) -> Order:
    policy = uow.policy
    placed_at = uow.now() - timedelta(days=entry.days_ago)
    subtotal = sum((products[line.sku].price * line.quantity for line in entry.lines), Decimal("0.00"))
    delivery = delivery_cost(subtotal, policy)
    total = subtotal + delivery
    terms = payment.provider(policy.payment).terms(
        payment.Charge(entry.number, total, policy.currency, placed_at), policy
    )
    order = Order(
        id=new_id(),
        number=entry.number,
        cause=f"seed:{entry.number}",
        contact_id=contact.id,
        status=entry.status,
        currency=policy.currency,
        subtotal=subtotal,
        delivery=delivery,
        vat_rate=policy.vat_rate,
        vat_included=vat_included(total, policy.vat_rate),
        total=total,
        name=contact.name,
        email=contact.email,
        phone=contact.phone,
        address=checked_address(customer.address.text()),
        payment=policy.payment,
        payment_reference=terms.reference,
        payment_due=terms.due,
        tracking=entry.tracking,
        placed_at=placed_at,
        release_at=placed_at + timedelta(hours=policy.unpaid_release_hours),
    )
    _live_through(order, placed_at, uow.now(), policy.delivery_days)
    return order


def _live_through(order: Order, placed_at: datetime, now: datetime, delivery_days: int) -> None:
    """Date the steps that brought the order into its state; none lies in the future."""
    for step in HISTORY[order.status]:
        at = min(placed_at + DELAY[step], now)
        setattr(order, f"{step}_at", at)
        if step in ("paid", "shipped"):
            order.expected_delivery = working_days_after(at.date(), delivery_days)
