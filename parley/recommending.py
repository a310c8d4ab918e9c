"""Keeps a recommender in step with the catalogue and the orders, built aside and swapped."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

import structlog

from crm.database import Database
from crm.services import purchases
from models.recommend import CrossSell, Recommender
from models.search import ProductIndex
from models.vocabulary import Product, Vocabulary
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
    """Holds the recommender of the latest catalogue and orders. One task at a time may call what changes it."""

    def __init__(
        self, database: Database, vocabulary: Vocabulary, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._vocabulary = vocabulary
        self._clock = clock
        self._recommender: Recommender | None = None
        self._products: Sequence[Product] = ()
        self._index: ProductIndex | None = None
        self._orders: Sequence[tuple[str, ...]] = ()
        self._state: purchases.State | None = None
        self._cross_sell = CrossSell.learn(())
        self._look_at = self._learn_at = float("-inf")

    @property
    def recommender(self) -> Recommender:
        if self._recommender is None:
            raise NotReady("the recommender isn't built yet: await ActionsContext.start()")
        return self._recommender

    async def follow_catalogue(self, products: Sequence[Product], index: ProductIndex) -> None:
        """Recommend from these products, which ``index`` was built of, with its vectors."""
        by_sku = {product.sku: product for product in products}
        self._products, self._index = [by_sku[sku] for sku in index.skus], index
        if self._state is None:
            await self._read()
            if len(self._orders) <= LEARNED_AT_ONCE:
                await self._learn()
        await self._build()

    async def follow_orders(self) -> bool:
        """Learn anew when orders have come in or were cancelled; tells whether it did. Cheap when it is too early."""
        now = self._clock()
        if self._index is None or now < max(self._look_at, self._learn_at):
            return False
        self._look_at = now + LOOK_EVERY
        changed = await self._read()
        if not changed and self._learn_at > float("-inf"):
            return False
        await self._learn()
        await self._build()
        return True

    async def _read(self) -> bool:
        async with self._database.read() as uow:
            state = await purchases.state(uow)
            if state == self._state:
                return False
            self._orders = await purchases.baskets(uow)
        self._state = state
        return True

    async def _learn(self) -> None:
        began = self._clock()
        self._cross_sell = await asyncio.to_thread(CrossSell.learn, self._orders)
        took = self._clock() - began
        self._learn_at = began + took / SHARE_OF_TIME
        log.info("cross_sell_learned", orders=len(self._orders), seconds=round(took, 2))

    async def _build(self) -> None:
        assert self._index is not None  # noqa: S101  # both callers have seen to it
        self._recommender = await asyncio.to_thread(
            Recommender.build,
            self._products,
            self._index.vectors,
            self._vocabulary,
            orders=self._orders,
            cross_sell=self._cross_sell,
        )
