"""`parley orders` as staff type it: an order's whole way, and what a customer did is seen in the inbox."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from crm.database import Database
from crm.errors import CrmError
from crm.services import carts, catalogue, conversations, orders, returns
from crm.services.orders import CheckoutDetails
from parley.cli import app
from tests.integration.crm.conftest import record

DANA = CheckoutDetails("Dana Fischer", "dana@example.com", None, "14 rue du Pluvier\n67000 Strasbourg")
Staff = Callable[..., str]


@pytest.fixture
def staff(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Staff:
    """The command line with a database of the test's own; gives what it prints, raises what it raises."""
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.setenv("PARLEY_STATE", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words: str) -> str:
        return CliRunner().invoke(app, list(words), catch_exceptions=False).output

    return run


@pytest.fixture
def placed(sqlite_url: str) -> tuple[str, str]:
    """An order's number, and the id of its conversation."""
    return asyncio.run(_place(sqlite_url))


async def _place(url: str) -> tuple[str, str]:
    database = Database.connect(url)
    async with database.write() as uow:
        await catalogue.import_products(uow, [record("CAB-0001", "9.99", 50)])
        talk = await conversations.start(uow, channel="web")
        await carts.add(uow, talk, "CAB-0001", 2)
        order = await orders.place(uow, talk, DANA, cause="cause-1")
        await uow.commit()
    await database.close()
    return order.number, talk


async def _announce(url: str, number: str, talk: str) -> str:
    database = Database.connect(url)
    async with database.write() as uow:
        back = await returns.announce(uow, number, {1: 2}, cause="m-1", conversation_id=talk)
        await uow.commit()
    await database.close()
    return back.number


def test_an_order_goes_its_way_from_payment_to_refund(
    staff: Staff, placed: tuple[str, str], sqlite_url: str
) -> None:
    number, talk = placed
    assert "paid" in staff("orders", "pay", number.lower(), "--reference", "bank-1")
    assert "shipped" in staff("orders", "ship", number, "--tracking", "PP-1")
    assert "delivered" in staff("orders", "deliver", number)
    back = asyncio.run(_announce(sqlite_url, number, talk))
    received = staff("orders", "receive", back)
    assert "returned" in received
    assert "refund €24.88" in received
    assert "sent " in staff("orders", "refunded", number, "--reference", "bank-2")
    told = staff("inbox", "show", talk[:8])
    for said in (f"Order {number} placed", f"Return {back}", "Refund of 24.88 EUR"):
        assert said in told


def test_cancelling_and_withdrawing(staff: Staff, placed: tuple[str, str], sqlite_url: str) -> None:
    number, talk = placed
    staff("orders", "ship", number)
    back = asyncio.run(_announce(sqlite_url, number, talk))
    assert back not in staff("orders", "withdraw", back)
    with pytest.raises(CrmError, match="shipped"):
        staff("orders", "cancel", number)


def test_a_slip_names_what_was_wrong(staff: Staff, placed: tuple[str, str]) -> None:
    for words in (
        ("orders", "show", "PL-0000-0000"),
        ("orders", "deliver", placed[0]),
        ("orders", "receive", "RT-1"),
        ("orders", "refunded", placed[0]),
    ):
        with pytest.raises(CrmError, match=r"PL-|RT-1"):
            staff(*words)
