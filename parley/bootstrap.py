"""Wires together what actions work with, once a process. The web channel is wired in `parley/web_channel.py`.

Nothing else reads settings or makes an engine.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from crm.clock import Clock, utcnow
from crm.database import Database
from crm.links import Links
from crm.policy import ShopPolicy
from crm.shop import load_shop
from models import catalogue_files
from models.catalogue_files import Vocabulary
from models.faq import FaqIndex
from models.recommend import Recommender
from models.search import ProductIndex
from parley.catalogue.following import CatalogueFollower, Shelf
from parley.errors import NotReady
from parley.recommending import Recommending
from parley.settings import Settings
from parley_encoder import Encoder

log = structlog.get_logger()
FOLLOW_EVERY = 1.0  # seconds between looks at the catalogue's version


@dataclass
class ActionsContext:
    """What an action may use. `index`, `recommender` and `faq` are there once `start` has returned.

    The index, the vocabulary and the bot's gazetteer follow the catalogue: within about a second of a committed change
    a new index is built aside and swapped. It is stored in `index_folder`, so that a restart encodes nothing again.
    The recommender follows the index, and within about a minute the orders.
    """

    database: Database
    shop: ShopPolicy
    vocabulary: Vocabulary
    encoder: Encoder
    clock: Clock = utcnow
    index_folder: Path | None = None
    gazetteer: Path | None = None
    links: Links | None = None
    _index: ProductIndex | None = None
    _faq: FaqIndex | None = None
    _following: asyncio.Task[None] | None = field(default=None, repr=False)
    recommending: Recommending = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.recommending = Recommending(self.database)
        self._follower = CatalogueFollower(
            self.database,
            self.vocabulary,
            self.encoder,
            index_folder=self.index_folder,
            gazetteer=self.gazetteer,
            serve=self._serve,
        )

    @property
    def index(self) -> ProductIndex:
        if self._index is None:
            raise NotReady("the search index isn't built yet: await ActionsContext.start()")
        return self._index

    @property
    def recommender(self) -> Recommender:
        return self.recommending.recommender

    @property
    def faq(self) -> FaqIndex:
        if self._faq is None:
            raise NotReady("the FAQ index isn't built yet: await ActionsContext.start()")
        return self._faq

    async def start(self) -> None:
        """Build the indexes and begin to follow the catalogue."""
        self._faq = await asyncio.to_thread(FaqIndex.build, self.vocabulary.faq, self.encoder)
        await self.refresh()
        self._following = asyncio.create_task(self._follow())

    async def stop(self) -> None:
        if self._following is not None:
            self._following.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._following
        await self.database.close()

    async def refresh(self) -> bool:
        """Build the search index again if the catalogue has changed; tells whether it had."""
        changed = await self._follower.refresh()
        shelf = self._follower.shelf
        if shelf is not None:
            await self.recommending.follow_catalogue(shelf.products, shelf.index)
        return changed

    def _serve(self, shelf: Shelf) -> None:
        self._index, self.vocabulary = shelf.index, shelf.vocabulary

    async def _follow(self) -> None:
        # Apart from each other: learning from the orders of a large shop takes longer than a price may be stale.
        await asyncio.gather(self._repeat(self.refresh), self._repeat(self.recommending.follow_orders))

    async def _repeat(self, follow: Callable[[], Awaitable[bool]]) -> None:
        while True:
            await asyncio.sleep(FOLLOW_EVERY)
            try:
                await follow()
            except Exception:  # a database that is away comes back; what is in use stays right until then
                log.warning("not_followed", what=follow.__name__, exc_info=True)


_contexts: dict[str, ActionsContext] = {}


def actions_context() -> ActionsContext:
    """The process's context for actions, built from the settings on first use; no I/O but reading files."""
    if "current" not in _contexts:
        _contexts["current"] = build_actions_context(Settings.load())
    return _contexts["current"]


def use_actions_context(context: ActionsContext) -> None:
    """Give actions another context, as tests do."""
    _contexts["current"] = context


def build_actions_context(settings: Settings) -> ActionsContext:
    policy = load_shop(settings.shop).policy
    return ActionsContext(
        database=Database.connect(settings.database_url, policy=policy),
        shop=policy,
        vocabulary=catalogue_files.read(settings.shop),
        encoder=Encoder.load(settings.artifacts / "encoder"),
        index_folder=settings.search_index,
        gazetteer=settings.gazetteer,
        links=Links(settings.secret.get_secret_value(), site=settings.public_url),
    )
