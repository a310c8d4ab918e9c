"""Invoices: numbers without a gap, contents that never change, one for each state of an order."""

import asyncio
from decimal import Decimal

import pytest
from sqlalchemy import select

from crm.aftersales_views import make_it
from crm.database import Database
from crm.errors import InvalidInput, NotFound, WrongStatus
from crm.model import Invoice
from crm.services import invoices, orders
from crm.services.invoices import checked_vat_id
from crm.views import OrderView
from tests.integration.crm.conftest import conversation, fill, order


@pytest.fixture
async def placed(shop: Database, talk: str) -> OrderView:
    await fill(shop, talk, "CAB-0001", 3)
    return await order(shop, talk)


async def issue(database: Database, number: str, **more: str) -> str:
    async with database.write() as uow:
        issued = await invoices.issue(uow, number, conversation_id=None, **more)
        await uow.commit()
    return issued.number


async def test_the_same_order_gets_the_same_invoice(shop: Database, placed: OrderView) -> None:
    assert await issue(shop, placed.number) == await issue(shop, placed.number)
    async with shop.read() as uow:
        view = await invoices.get(uow, await issue(shop, placed.number))
    assert (view.order.total, view.order.vat_included) == (placed.total, placed.vat_included)
    assert [line.quantity for line in view.order.lines] == [3]


async def test_a_changed_order_gets_a_new_one_that_replaces_the_old(
    shop: Database, placed: OrderView
) -> None:
    first = await issue(shop, placed.number, company="Forsthaus Lindner GmbH", vat_id="DE 123 456 789")
    async with shop.write() as uow:
        await orders.amend(uow, placed.number, make_it(1, position=1), cause="m", conversation_id=None)
        await uow.commit()
    second = await issue(shop, placed.number)
    async with shop.read() as uow:
        old, new = await invoices.get(uow, first), await invoices.get(uow, second)
    assert (old.order.total, old.replaced_by) == (Decimal("34.87"), second)
    assert (new.order.total, new.replaces) == (Decimal("14.89"), first)
    assert (new.company, new.vat_id) == ("Forsthaus Lindner GmbH", "DE123456789")


async def test_numbers_run_on_without_a_gap_also_when_many_are_issued_at_once(
    shop: Database, database_url: str
) -> None:
    numbers = []
    for count in range(6):
        talk = await conversation(shop)
        await fill(shop, talk, "CAB-0001", 1)
        numbers.append((await order(shop, talk, f"cause-{count}")).number)
    other = Database.connect(database_url)
    await asyncio.gather(*(issue(db, n) for n, db in zip(numbers, [shop, other] * 3, strict=True)))
    await other.close()
    async with shop.write() as uow:
        await invoices.issue(uow, numbers[0], conversation_id=None, company="Rolled Back Ltd")
    async with shop.read() as uow:
        taken = (await uow.session.scalars(select(Invoice.sequence).order_by(Invoice.sequence))).all()
    assert taken == [1, 2, 3, 4, 5, 6]


async def test_a_cancelled_order_and_an_unknown_one_have_none(shop: Database, placed: OrderView) -> None:
    async with shop.write() as uow:
        with pytest.raises(NotFound):
            await invoices.issue(uow, "PL-0000-0000", conversation_id=None)
        await orders.cancel(uow, placed.number)
        with pytest.raises(WrongStatus, match="cancelled"):
            await invoices.issue(uow, placed.number, conversation_id=None)
        with pytest.raises(NotFound):
            await invoices.get(uow, "1999-000001")


@pytest.mark.parametrize("text", ["DE123456789", "de 123.456-789", "ATU12345678", "FR 0X 999999999"])
def test_vat_numbers_are_read_as_people_write_them(text: str) -> None:
    assert checked_vat_id(text).isalnum()


@pytest.mark.parametrize("text", ["123456789", "DE", "GERMANY", "", "DE1234567890123456"])
def test_what_is_no_vat_number_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        checked_vat_id(text)
