"""Keeps a recommender in step with the catalogue and the orders, built aside and swapped."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence

import structlog

from crm.database import Database
from crm.services import purchases
from models.recommend import CrossSell, Recommender
from models.search import ProductIndex
from models.vocabulary import Product
from parley.errors import NotReady

log = structlog.get_logger()

LOOK_EVERY = 30.0
"""Seconds between looks at whether orders have changed."""

LEARNED_AT_ONCE = 5_000
"""Orders that are learned before anything is recommended. A larger shop starts with the plain counts, and the model
follows."""

SHARE_OF_TIME = 0.05
"""Of a core, at most, that goes into learning, however often orders come in."""


class Recommending:
    """Holds the recommender of the latest catalogue and orders.

    Each of the two is followed by one task at most; both may run at the same time.
    """

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._building = asyncio.Lock()
        self._recommender: Recommender | None = None
        self._index: ProductIndex | None = None
        self._built_of: ProductIndex | None = None
        self._products: Sequence[Product] = ()
        self._orders: Sequence[tuple[str, ...]] = ()
        self._state: purchases.State | None = None
        self._cross_sell = CrossSell.learn(())
        self._learned: purchases.State | None = None
        self._look_at = float("-inf")

    @property
    def recommender(self) -> Recommender:
        if self._recommender is None:
            raise NotReady("the recommender isn't built yet: await ActionsContext.start()")
        return self._recommender

    async def follow_catalogue(self, products: Iterable[Product], index: ProductIndex) -> None:
        """Recommend from these products, with the vectors of the ``index`` of them. The same index changes nothing."""
        if index is self._built_of:
            return
        by_sku = {product.sku: product for product in products}
        if self._state is None:
            await self._read()
            if len(self._orders) <= LEARNED_AT_ONCE:
                await self._learn()
        self._products, self._index = [by_sku[sku] for sku in index.skus], index
        await self._build()

    async def follow_orders(self) -> bool:
        """Learn anew when orders have come in or were cancelled; tells whether it did. Costs nothing when too early."""
        now = self._clock()
        if self._index is None or now < self._look_at:
            return False
        self._look_at = now + LOOK_EVERY
        await self._read()
        if self._learned == self._state:
            return False
        await self._learn()
        await self._build()
        return True

    async def _read(self) -> None:
        async with self._database.read() as uow:
            state = await purchases.state(uow)
            if state != self._state:
                self._orders = await purchases.baskets(uow)
                self._state = state

    async def _learn(self) -> None:
        began, state, orders = self._clock(), self._state, self._orders
        self._cross_sell = await asyncio.to_thread(CrossSell.learn, orders)
        self._learned = state
        took = self._clock() - began
        self._look_at = max(self._look_at, began + took / SHARE_OF_TIME)
        log.info("cross_sell_learned", orders=len(orders), seconds=round(took, 2))

    async def _build(self) -> None:
        async with self._building:
            index = self._index
            if index is None:
                return
            self._recommender = await asyncio.to_thread(
                Recommender.build,
                self._products,
                index.vectors,
                index.vocabulary,
                orders=self._orders,
                cross_sell=self._cross_sell,
            )
            self._built_of = index
