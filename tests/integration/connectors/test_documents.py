"""Invoices and return slips behind signed links: right, safe to print, over in time, nobody else's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from connectors.web.document_pages import content_security_policy
from connectors.web.settings import Seller
from crm.clock import utcnow
from crm.links import INVOICE, RETURN, Links
from crm.services import carts, catalogue, invoices, orders, returns
from crm.services.orders import CheckoutDetails
from tests.integration.connectors.stack import SECRET, Stack, stack
from tests.integration.crm.conftest import conversation, record

LINKS = Links(SECRET, site="")
TWO_DAYS = timedelta(days=2)
SELLER = Seller(
    name="Plover Lane",
    address=("14 rue du Pluvier", "67000 Strasbourg"),
    email="hello@ploverlane.example.com",
    vat_id="FR00000000000",
    iban="FR76 0000",
    carrier="Pigeon Parcel",
)
EVIL = CheckoutDetails(
    "<script>alert(1)</script> Łęcka", "z@example.com", None, "Ulica <b>3</b>\n00-001 Warszawa"
)


@pytest.fixture
async def shop(database_url: str) -> AsyncIterator[Stack]:
    async with stack(database_url, seller=SELLER) as whole:
        yield whole


@pytest.fixture
async def number(shop: Stack) -> str:
    """An unpaid order of three cables by somebody with an odd name."""
    talk = await conversation(shop.database)
    async with shop.database.write() as uow:
        await catalogue.import_products(uow, [record("CAB-0001", "9.99", 50)])
        await carts.add(uow, talk, "CAB-0001", 3)
        placed = await orders.place(uow, talk, EVIL, cause="cause-1")
        await uow.commit()
    return placed.number


async def invoice_of(shop: Stack, number: str, **more: str) -> str:
    async with shop.database.write() as uow:
        issued = await invoices.issue(uow, number, conversation_id=None, **more)
        await uow.commit()
    return issued.number


def link(purpose: str, number: str) -> str:
    return LINKS.make(purpose, number, valid=TWO_DAYS)


async def get(shop: Stack, url: str) -> httpx.Response:
    return await shop.http.get(url)


async def test_an_invoice_says_exactly_what_was_ordered(shop: Stack, number: str) -> None:
    issued = await invoice_of(shop, number, company="Łęcka & Sons", vat_id="PL1234567890")
    page = await get(shop, link(INVOICE, issued))
    assert page.status_code == 200
    for said in (
        issued, number, "€9.99", "€29.97", "€4.90", "€34.87", "€5.81", "€29.06", "VAT 20%", "Plover Lane",
        "14 rue du Pluvier", "FR00000000000", "FR76 0000", "Łęcka &amp; Sons", "VAT ID PL1234567890", "Warszawa",
    ):  # fmt: skip
        assert said in page.text, said


async def test_what_a_customer_typed_is_text_and_nothing_runs(shop: Stack, number: str) -> None:
    page = await get(shop, link(INVOICE, await invoice_of(shop, number)))
    assert "<script" not in page.text
    assert "<b>" not in page.text
    assert page.headers["content-security-policy"] == content_security_policy()
    assert page.headers["cache-control"] == "private, no-store"
    assert "noindex" in page.headers["x-robots-tag"]


async def test_a_paid_invoice_asks_for_nothing_and_a_replaced_one_says_so(shop: Stack, number: str) -> None:
    first = await invoice_of(shop, number)
    second = await invoice_of(shop, number, company="Forsthaus Lindner GmbH")
    async with shop.database.write() as uow:
        await orders.mark_paid(uow, number)
        await uow.commit()
    old, new = await get(shop, link(INVOICE, first)), await get(shop, link(INVOICE, second))
    assert f"replaced by invoice {second}" in old.text
    assert f"replaces invoice {first}" in new.text
    assert "Paid on" in new.text
    assert "Please pay" not in new.text


async def test_a_return_slip_has_the_number_the_address_and_a_barcode(shop: Stack, number: str) -> None:
    async with shop.database.write() as uow:
        await orders.ship(uow, number)
        back = await returns.announce(uow, number, {1: 2}, cause="m", conversation_id=None)
        await uow.commit()
    page = await get(shop, link(RETURN, back.number))
    assert page.status_code == 200
    for said in (back.number, f"Barcode {back.number}", "14 rue du Pluvier", "Pigeon Parcel", "<td>2</td>"):
        assert said in page.text, said


@pytest.mark.parametrize("method", ["forged", "cut", "another", "unknown", "nonsense"])
async def test_a_link_that_is_not_ours_shows_nothing(shop: Stack, number: str, method: str) -> None:
    issued = await invoice_of(shop, number)
    url = link(INVOICE, issued)
    tried = {
        "forged": Links("another secret of somebody else", site="").make(INVOICE, issued, valid=TWO_DAYS),
        "cut": url[:-3],
        "another": url.replace("/invoice/", "/return/"),
        "unknown": link(INVOICE, "1999-000001"),
        "nonsense": "/documents/invoice/nonsense",
    }[method]
    answer = await get(shop, tried)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "link_invalid")


async def test_a_chat_token_opens_no_document(shop: Stack) -> None:
    chat = await shop.chat()
    assert (await get(shop, f"/documents/invoice/{chat.token}")).status_code == 404


async def test_a_link_is_over_after_its_time_and_says_what_to_do(shop: Stack, number: str) -> None:
    issued = await invoice_of(shop, number)
    old = Links(SECRET, site="", clock=lambda: utcnow() - timedelta(days=2, seconds=1))
    answer = await get(shop, old.make(INVOICE, issued, valid=TWO_DAYS))
    assert answer.status_code == 404
    assert "new one in the chat" in answer.json()["error"]["message"]
