"""Wires things together, once a process: what actions work with, and the gateway with its web channel.

Nothing else reads settings or makes an engine.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from fastapi import FastAPI

from connectors.gateway import Gateway
from connectors.gateway.policy import GatewayPolicy
from connectors.rasa import RasaClient
from connectors.web.app import create_app
from connectors.web.settings import Storefront, WebSettings
from crm.clock import Clock, utcnow
from crm.database import Database
from crm.policy import ShopPolicy
from crm.shop import load_shop
from models import catalogue_files
from models.catalogue_files import Vocabulary
from models.faq import FaqIndex
from models.recommend import Recommender
from models.search import ProductIndex
from parley.catalogue.following import CatalogueFollower
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
    _index: ProductIndex | None = None
    _faq: FaqIndex | None = None
    _following: asyncio.Task[None] | None = field(default=None, repr=False)
    recommending: Recommending = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.recommending = Recommending(self.database, self.vocabulary)
        self._follower = CatalogueFollower(
            self.database,
            self.vocabulary,
            self.encoder,
            index_folder=self.index_folder,
            gazetteer=self.gazetteer,
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
        if shelf is not None and shelf.index is not self._index:
            await self.recommending.follow_catalogue(shelf.products, shelf.index)
            self._index, self.vocabulary = shelf.index, shelf.vocabulary
        return changed

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(FOLLOW_EVERY)
            try:
                await self.refresh()
                await self.recommending.follow_orders()
            except Exception:  # a database that is away comes back; the index in use stays right until then
                log.warning("search_index_not_refreshed", exc_info=True)


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
    )


def web_app(settings: Settings) -> FastAPI:
    """The web channel's application with the gateway behind it. Its lifespan closes what is opened here."""
    shop = load_shop(settings.shop)
    database = Database.connect(settings.database_url, policy=shop.policy)
    bot = RasaClient(settings.bot_url, token=settings.bot_token.get_secret_value())
    gateway = Gateway(
        database,
        bot,
        policy=GatewayPolicy(queue_seconds=settings.queue_timeout),
        holder=_holder(settings),
    )
    storefront = Storefront(
        name=shop.name,
        tagline=shop.tagline,
        categories={category.slug: category.name for category in shop.categories},
        promises=shop.promises,
    )
    return create_app(
        gateway,
        resources=(database, bot),
        settings=WebSettings(
            secret=settings.secret.get_secret_value(),
            allowed_origins=settings.allowed_origins,
            trusted_proxies=settings.trusted_proxies,
            conversations_per_address=settings.conversations_per_address,
            messages_per_address=settings.messages_per_address,
            messages_per_conversation=settings.messages_per_conversation,
            storefront=storefront,
        ),
    )


def _holder(settings: Settings) -> str:
    """The same across restarts, so that a new process takes up at once what the old one left unanswered."""
    return f"{socket.gethostname()}:{settings.port}"[:80]
