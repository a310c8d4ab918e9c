"""Sales from before the shop had this software: what was bought together, and by nobody known.

`sales.csv` is what a till keeps: receipt, when, which products. They become orders that were paid and handed over at
once, so that recommendations rest on real baskets from the first day. They take no stock, win no deals and name no
person. Seeding again adds the receipts that are missing.
"""

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from crm import order_number
from crm.database import UnitOfWork
from crm.errors import InvalidInput
from crm.model.base import new_id
from crm.model.contact import Contact, Identity
from crm.model.order import Order, OrderLine
from crm.pricing import vat_included
from crm.services import catalogue
from crm.views import Product

COLUMNS = ("receipt", "sold", "products")
LONGEST_RECEIPT = 30
COUNTER = "Sales at the counter"
DIGITS_OF_DAYS = 5
BATCH = 500


@dataclass(frozen=True, slots=True)
class Sale:
    """A receipt: SKUs with quantities. `sold` is a day, or how many days before the seeding; `where` names the row."""

    receipt: str
    sold: date | int
    products: dict[str, int]
    where: str

    @property
    def cause(self) -> str:
        return f"sale:{self.receipt}"

    def at(self, now: datetime) -> datetime:
        """When it was sold; noon for a day. Never later than now."""
        if isinstance(self.sold, int):
            return now - timedelta(days=self.sold)
        return min(datetime.combine(self.sold, time(12), UTC), now)


def read_sales(path: Path) -> list[Sale]:
    """The file's sales; none without a file. Raises InvalidInput naming row, column and fix."""
    if not path.exists():
        return []
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.DictReader(lines)
            if tuple(rows.fieldnames or ()) != COLUMNS:
                raise InvalidInput(path.name, str(rows.fieldnames), f"begin it with {','.join(COLUMNS)}")
            sales = [_sale(row, f"{path.name} line {rows.line_num}") for row in rows]
    except (UnicodeDecodeError, csv.Error) as exc:
        raise InvalidInput(path.name, str(path), f"save it as CSV in UTF-8: {exc}") from exc
    twice = [receipt for receipt, times in Counter(sale.receipt for sale in sales).items() if times > 1]
    if twice:
        raise InvalidInput(f"{path.name}: receipt", twice[0], "give each receipt a number of its own")
    return sales


async def seed_sales(uow: UnitOfWork, sales: Sequence[Sale]) -> int:
    """Add the sales that aren't there yet, at the catalogue's prices; returns how many.

    Raises InvalidInput for a product that the catalogue doesn't have.
    """
    known = await _known(uow, [sale.cause for sale in sales])
    missing = [sale for sale in sales if sale.cause not in known]
    if not missing:
        return 0
    products = await catalogue.get_many(uow, sorted({sku for sale in missing for sku in sale.products}))
    numbers = await _numbers(uow, len(missing))
    contact_id = await _counter(uow)
    orders, lines = [], []
    for sale, number in zip(missing, numbers, strict=True):
        for sku in sale.products:
            if sku not in products:
                raise InvalidInput(f"{sale.where}: products", sku, "name a SKU of the catalogue")
        written = list(_lines(sale, products))
        order = _order(uow, sale, number, contact_id, sum(line["line_total"] for line in written))
        orders.append(order)
        lines += [{"order_id": order["id"], **line} for line in written]
    await uow.session.execute(insert(Order), orders)
    await uow.session.execute(insert(OrderLine), lines)
    return len(orders)


def _sale(row: dict[str, str | None], where: str) -> Sale:
    receipt = (row["receipt"] or "").strip()
    if not 0 < len(receipt) <= LONGEST_RECEIPT:
        raise InvalidInput(f"{where}: receipt", receipt, f"write 1 to {LONGEST_RECEIPT} characters")
    skus = (row["products"] or "").split()
    if not skus or None in row:
        fix = "write the SKUs with blanks between them, one as often as it was bought"
        raise InvalidInput(f"{where}: products", " ".join(skus), fix)
    return Sale(receipt, _sold((row["sold"] or "").strip(), where), dict(Counter(skus)), where)


def _sold(text: str, where: str) -> date | int:
    try:
        if text.isdecimal() and len(text) <= DIGITS_OF_DAYS:
            return int(text)
        return date.fromisoformat(text)
    except ValueError:
        fix = "write a day (2026-03-14) or how many days ago it was (120)"
        raise InvalidInput(f"{where}: sold", text, fix) from None


def _order(uow: UnitOfWork, sale: Sale, number: str, contact_id: str, total: Decimal) -> dict[str, Any]:
    at, policy = sale.at(uow.now()), uow.policy
    return {
        "id": new_id(),
        "number": number,
        "cause": sale.cause,
        "contact_id": contact_id,
        "status": "delivered",
        "currency": policy.currency,
        "subtotal": total,
        "delivery": Decimal("0.00"),
        "vat_rate": policy.vat_rate,
        "vat_included": vat_included(total, policy.vat_rate),
        "total": total,
        "payment": policy.payment,
        "placed_at": at,
        "release_at": at,
        "paid_at": at,
        "delivered_at": at,
    }


def _lines(sale: Sale, products: dict[str, Product]) -> Iterator[dict[str, Any]]:
    for position, (sku, quantity) in enumerate(sale.products.items(), start=1):
        product = products[sku]
        yield {
            "position": position,
            "sku": sku,
            "name": product.name,
            "quantity": quantity,
            "unit_price": product.price,
            "line_total": product.price * quantity,
        }


async def _known(uow: UnitOfWork, causes: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(causes), BATCH):
        some = causes[start : start + BATCH]
        found.update(await uow.session.scalars(select(Order.cause).where(Order.cause.in_(some))))
    return found


async def _numbers(uow: UnitOfWork, count: int) -> list[str]:
    """So many numbers that nobody has."""
    free: dict[str, None] = {}
    while len(free) < count:
        drawn = dict.fromkeys(order_number.generate() for _ in range(min(BATCH, count - len(free))))
        taken = set(await uow.session.scalars(select(Order.number).where(Order.number.in_(drawn))))
        free.update(dict.fromkeys(number for number in drawn if number not in taken))
    return list(free)


async def _counter(uow: UnitOfWork) -> str:
    """The contact that stands for everybody who bought without a name."""
    query = select(Identity.contact_id).where(Identity.channel == "seed", Identity.external_id == "counter")
    known = await uow.session.scalar(query)
    if known is not None:
        return known
    contact = Contact(name=COUNTER, created_at=uow.now())
    uow.session.add(contact)
    await uow.session.flush()
    uow.session.add(Identity(channel="seed", external_id="counter", contact_id=contact.id))
    return contact.id
