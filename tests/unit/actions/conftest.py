"""A shop for the actions: a real database, a real search index, and conversations to act in."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

import parley.bootstrap
from actions.support.base import ShopAction
from crm.database import Database
from crm.policy import ShopPolicy
from crm.services import catalogue, conversations
from crm.views import Product
from models import catalogue_files
from models.faq import FaqIndex
from models.search import ProductIndex
from models.vocabulary import Vocabulary
from parley.bootstrap import ActionsContext, use_actions_context
from parley_encoder import Encoder
from tests.unit.actions.products import PRODUCTS

ROOT = Path(__file__).parents[3]


@dataclasses.dataclass
class Said:
    """What an action answered."""

    messages: list[dict[str, Any]]
    events: list[dict[str, Any]]

    @property
    def text(self) -> str:
        return "\n".join(message["text"] or "" for message in self.messages)

    @property
    def cards(self) -> list[dict[str, Any]]:
        return [card for message in self.messages for card in (message["custom"] or {}).get("cards", [])]

    @property
    def titles(self) -> list[str]:
        return [button["title"] for message in self.messages for button in message["buttons"]]

    @property
    def slots(self) -> dict[str, Any]:
        return {event["name"]: event["value"] for event in self.events if event["event"] == "slot"}

    @property
    def loop(self) -> Any:
        """The loop that the events enter; "unchanged" when they leave it as it is."""
        return next(
            (event["name"] for event in reversed(self.events) if event["event"] == "active_loop"), "unchanged"
        )

    @property
    def rejected(self) -> bool:
        return any(event["event"] == "action_execution_rejected" for event in self.events)


class Chat:
    """One conversation: keeps slots and the active loop between messages, as Rasa does."""

    def __init__(self, conversation: str, context: ActionsContext) -> None:
        self.id = conversation
        self.context = context
        self.slots: dict[str, Any] = {}
        self.loop: str | None = None
        self.message_id = ""
        self.before: list[dict[str, Any]] = []

    async def do(
        self,
        action: ShopAction,
        text: str = "",
        *,
        intent: str = "inform",
        entities: list[dict[str, Any]] | None = None,
        confidence: float = 0.9,
        repeat: bool = False,
        ranking: list[tuple[str, float]] | None = None,
        message_id: str | None = None,
        parsed: dict[str, Any] | None = None,
    ) -> Said:
        """Run one action for one message and take over its events. `parsed` is what else the pipeline found."""
        if not repeat:
            self.message_id = message_id or str(uuid.uuid4())
        tracker = self.tracker(text, intent, entities or [], confidence, ranking or [])
        tracker.latest_message |= parsed or {}
        dispatcher = CollectingDispatcher()
        events = await action.run(dispatcher, tracker, {})
        said = Said(dispatcher.messages, events)
        self.slots.update(said.slots)
        if said.loop != "unchanged":
            self.loop = said.loop
        return said

    def tracker(
        self,
        text: str,
        intent: str,
        entities: list[dict[str, Any]],
        confidence: float,
        ranking: list[tuple[str, float]],
    ) -> Tracker:
        metadata = {"message_id": self.message_id, "role": "customer", "client": "client-hash"}
        message = {
            "text": text,
            "intent": {"name": intent, "confidence": confidence},
            "entities": entities,
            "intent_ranking": [{"name": name, "confidence": value} for name, value in ranking],
            "metadata": metadata,
        }
        loop = {"name": self.loop} if self.loop else {}
        events = [*self.before, {"event": "user", "text": text, "metadata": metadata}]
        return Tracker(self.id, dict(self.slots), message, events, False, None, loop, "action_listen")


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    return catalogue_files.read(ROOT / "data" / "shop")


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    return Encoder.load(ROOT / "models" / "artifacts" / "encoder")


@pytest.fixture(scope="session")
def faq(vocabulary: Vocabulary, encoder: Encoder) -> FaqIndex:
    return FaqIndex.build(vocabulary.faq, encoder)


@pytest.fixture(scope="session")
def index(vocabulary: Vocabulary, encoder: Encoder) -> ProductIndex:
    """Built once, so that tests may change products under it: that is when the database must have the last word."""
    products = [Product(**record.model_dump()) for record in PRODUCTS]
    return ProductIndex.build(products, encoder, vocabulary)


@pytest.fixture
async def database(sqlite_url: str) -> AsyncIterator[Database]:
    opened = Database.connect(sqlite_url)
    yield opened
    await opened.close()


@pytest.fixture
async def context(
    database: Database, vocabulary: Vocabulary, encoder: Encoder, faq: FaqIndex, index: ProductIndex
) -> ActionsContext:
    async with database.write() as uow:
        await catalogue.import_products(uow, PRODUCTS)
        await uow.commit()
    made = ActionsContext(database, ShopPolicy(), vocabulary, encoder, _index=index, _faq=faq)
    use_actions_context(made)
    return made


@pytest.fixture(autouse=True)
def _forget_context() -> Iterator[None]:
    yield
    parley.bootstrap._contexts.clear()


async def recommending(context: ActionsContext) -> None:
    """Build the recommender of the small shop, for tests that need one."""
    products = [Product(**record.model_dump()) for record in PRODUCTS]
    await context.recommending.follow_catalogue(products, context.index)


@pytest.fixture
async def chat(context: ActionsContext) -> Chat:
    async with context.database.write() as uow:
        conversation = await conversations.start(uow, channel="web")
        await uow.commit()
    return Chat(conversation, context)


async def change_product(
    context: ActionsContext, sku: str, *, price: str | None = None, stock: int | None = None
) -> Product:
    """Somebody else buys, or the shop changes a price."""
    async with context.database.write() as uow:
        known = next(record for record in PRODUCTS if record.sku == sku)
        changes: dict[str, object] = {"price": Decimal(price)} if price else {}
        changes |= {"stock": stock} if stock is not None else {}
        await catalogue.import_products(uow, [known.model_copy(update=changes)])
        await uow.commit()
        found = await catalogue.get(uow, sku)
    assert found is not None
    return found
