"""Looks at the CRM's rows of one conversation, and makes the changes from outside that a scenario names."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Table, delete, func, select

from crm.catalogue_records import ProductRecord
from crm.database import Database
from crm.model.base import Base
from crm.model.conversation import Conversation, Message
from crm.model.delivery import Delivery
from crm.model.once import FailedLookup
from crm.model.user import StaffChat
from crm.services import catalogue, conversations, identities, inbox, leads, users
from crm.views import Product
from tests.scenarios import earlier
from tests.scenarios.script import Change

T = TypeVar("T")
# Written while the answer is on its way.
BEHIND_THE_ANSWER = frozenset({"exposure"})
SECONDS_BEHIND = 2.0
AGENT = "margot.ebersold@ploverlane.example.com"


class Observer:
    """Reads and changes the database beside the running stack."""

    def __init__(self, url: str) -> None:
        self._runner = asyncio.Runner()
        self._database = Database.connect(url)
        self._before: dict[str, tuple[int, Decimal]] = {}

    def close(self) -> None:
        self._run(self._database.close())
        self._runner.close()

    @contextmanager
    def scenario(self) -> Iterator[None]:
        """Remember every product's stock and price, and put them back afterwards: scenarios share one shop."""
        self._run(self._forget_guesses())
        self._before = self._run(self._products())
        try:
            yield
        finally:
            now = self._run(self._products())
            changed = {sku: value for sku, value in self._before.items() if now.get(sku) != value}
            self._run(
                self._set(
                    {sku: stock for sku, (stock, _) in changed.items()},
                    {s: p for s, (_, p) in changed.items()},
                )
            )

    def begin(self, channel: str, external_id: str) -> str:
        """The conversation that somebody's first message on a chat app would begin."""

        async def reach() -> str:
            async with self._database.write() as uow:
                found = await identities.reach(uow, channel, external_id)
                await uow.commit()
                return found.conversation_id

        return self._run(reach())

    def status(self, conversation: str) -> str:
        async def read() -> str:
            async with self._database.read() as uow:
                found = await conversations.get(uow, conversation)
            return found.status if found else "ended"

        return self._run(read())

    def is_settled(self, channel: str, delivery_id: str | None, conversation: str) -> bool:
        """Whether a delivery has been dealt with and everything said in its conversation has left."""

        async def look() -> bool:
            async with self._database.read() as uow:
                row = await uow.session.get(Delivery, (channel, delivery_id)) if delivery_id else None
                waiting = await uow.session.scalar(
                    select(func.count()).where(
                        Message.conversation_id == conversation, Message.state.in_(("ready", "pending"))
                    )
                )
            done = delivery_id is None or (row is not None and row.state == "done")
            return done and not waiting

        return self._run(look())

    def sku_of(self, name: str) -> str:
        """The product that a card of this title shows."""

        async def find() -> str:
            async with self._database.read() as uow:
                found = [one.sku for one in await catalogue.all_active(uow) if one.name == name]
            assert len(found) == 1, f"{len(found)} products are called {name!r}"
            return found[0]

        return self._run(find())

    def change(self, change: Change, *, conversation: str, order: str | None = None) -> str | None:
        """Make the change; gives the number of the order that it places. `order` is the one spoken about so far."""
        if change.set_stock or change.set_price:
            prices = {sku: Decimal(price) for sku, price in change.set_price.items()}
            self._run(self._set(change.set_stock, prices))
        if change.agent or change.agent_says:
            self._run(self._act(change, conversation))
        if change.lead:
            self._run(self._leave_lead(change.lead))
        if change.order is not None:
            order = self._run(earlier.place(self._database, conversation, change.order))
        if order is not None and (change.becomes or change.parcel):
            self._run(earlier.move_on(self._database, order, becomes=change.becomes, parcel=change.parcel))
        return order if change.order is not None else None

    def make_staff(self, email: str, *, conversation: str) -> None:
        """Make the conversation one of a member of staff, as a staff channel would have begun it."""

        async def change() -> None:
            async with self._database.write() as uow:
                user = await users.by_email(uow, email)
                assert user is not None, f"{email} is none of the shop's staff"
                talk = await uow.session.get(Conversation, conversation)
                assert talk is not None
                talk.role = "rep"
                chat = StaffChat(
                    conversation_id=conversation, channel="web", external_id=conversation, user_id=user.id
                )
                uow.session.add(chat)
                await uow.commit()

        self._run(change())

    def product(self, sku: str) -> Any:
        """The product's view as it is now; fails when the shop has no such product."""

        async def read() -> Any:
            async with self._database.read() as uow:
                return await catalogue.get(uow, sku)

        found = self._run(read())
        assert found is not None, f"the shop has no product {sku}"
        return found

    def check(self, table_name: str, wanted: dict[str, Any], *, conversation: str) -> None:
        """Assert what a scenario says of one table's rows of this conversation."""
        table = Base.metadata.tables[table_name]
        wanted = dict(wanted)
        if table_name == "product":
            self._check_product(wanted)
            return
        count = wanted.pop("count", None)
        unknown = [name for name in wanted if name not in table.c]
        assert not unknown, f"{table_name} has no column {unknown}; it has {sorted(table.c.keys())}"
        until = time.monotonic() + (SECONDS_BEHIND if table_name in BEHIND_THE_ANSWER else 0.0)
        while True:
            rows = self._run(self._rows(table, conversation))
            matching = [row for row in rows if all(_same(row[name], value) for name, value in wanted.items())]
            if matching or time.monotonic() >= until:
                break
            time.sleep(0.05)
        described = f"{table_name} rows of this conversation matching {wanted}: {len(matching)} of {len(rows)}: {rows}"
        if count is None:
            assert matching, described
        else:
            assert len(matching) == count, described

    def _check_product(self, wanted: dict[str, Any]) -> None:
        sku = wanted.pop("sku")
        if (change := wanted.pop("stock_change", None)) is not None:
            before, _ = self._before[sku]
            now = self.product(sku).stock
            assert now - before == change, f"the stock of {sku} went from {before} to {now}"
        product = self.product(sku)
        for name, value in wanted.items():
            assert _same(getattr(product, name), value), f"{sku}.{name} is {getattr(product, name)!r}"

    async def _rows(self, table: Table, conversation: str) -> list[dict[str, Any]]:
        async with self._database.read() as uow:
            found = await uow.session.execute(select(table).where(_of(table, conversation)))
            return [dict(row) for row in found.mappings()]

    async def _forget_guesses(self) -> None:
        """All customers come from one address here, so that one's wrong guesses would keep the next from looking up."""
        async with self._database.write() as uow:
            await uow.session.execute(delete(FailedLookup))
            await uow.commit()

    async def _products(self) -> dict[str, tuple[int, Decimal]]:
        async with self._database.read() as uow:
            return {
                product.sku: (product.stock, product.price) for product in await catalogue.all_active(uow)
            }

    async def _set(self, stock: dict[str, int], prices: dict[str, Decimal]) -> None:
        """Through the catalogue's own import, so that everything that follows the catalogue learns of it."""
        if not stock and not prices:
            return
        async with self._database.write() as uow:
            known = await catalogue.get_many(uow, [*stock, *prices])
            await catalogue.import_products(
                uow, [_changed(product, stock.get(sku), prices.get(sku)) for sku, product in known.items()]
            )
            await uow.commit()

    async def _act(self, change: Change, conversation: str) -> None:
        async with self._database.write() as uow:
            user = await users.by_email(uow, AGENT)
            assert user is not None, f"{AGENT} is none of the shop's staff"
            agent = user.id
            if change.agent == "claim":
                await inbox.claim(uow, conversation, agent)
            if change.agent_says:
                await inbox.reply(uow, conversation, agent, change.agent_says)
            if change.agent == "return":
                await inbox.return_to_bot(uow, conversation, agent, note=change.agent_notes)
            if change.agent == "resolve":
                await inbox.resolve(uow, conversation, agent)
            await uow.commit()

    async def _leave_lead(self, name: str) -> None:
        async with self._database.write() as uow:
            talk = await conversations.start(uow, channel="web")
            await leads.capture(
                uow,
                conversation_id=talk,
                name=name,
                email="lead@example.com",
                phone=None,
                needs="A light laptop",
                consent="May we?",
                cause=talk,
            )
            await uow.commit()

    def _run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(coroutine)


def _changed(product: Product, stock: int | None, price: Decimal | None) -> ProductRecord:
    fields = {name: getattr(product, name) for name in ProductRecord.model_fields}
    if stock is not None:
        fields["stock"] = stock
    if price is not None:
        fields["price"] = price
    return ProductRecord.model_validate(fields)


def _of(table: Table, conversation: str) -> ColumnElement[bool]:
    """How a table's rows belong to a conversation: by its own column, or through the row that has one."""
    if table.name == "conversation":
        return table.c.id == conversation
    if "conversation_id" in table.c:
        return table.c.conversation_id == conversation
    for column in table.c:
        for key in column.foreign_keys:
            parent = key.column.table
            if "conversation_id" in parent.c:
                return column.in_(select(key.column).where(parent.c.conversation_id == conversation))
    raise AssertionError(f"rows of {table.name} don't belong to a conversation")


def _same(actual: Any, wanted: Any) -> bool:
    if isinstance(actual, Decimal):
        return actual == Decimal(str(wanted))
    if isinstance(actual, Enum):
        return bool(actual.value == wanted)
    if isinstance(actual, datetime):
        return actual.date().isoformat() == str(wanted)
    return bool(actual == wanted)
