"""The recommender follows the catalogue and the orders, and learns no oftener than it may."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from crm.database import Database
from crm.services import catalogue, orders, purchases
from models.search import ProductIndex
from models.vocabulary import Vocabulary
from parley import recommending
from parley.errors import NotReady
from parley.recommending import LOOK_EVERY, Recommending
from tests.integration.crm.conftest import conversation, fill, order, restock

CABLES = {"category": "cables", "attributes": {"color": "black"}}


class Letters:
    """An encoder without weights: how often each letter occurs."""

    dimension, fingerprint = 26, "letters"

    def encode(self, texts: Sequence[str], *, batch_size: int = 32) -> npt.NDArray[np.float32]:
        counts = np.array([[text.count(chr(97 + n)) + 0.01 for n in range(26)] for text in texts], np.float32)
        unit: npt.NDArray[np.float32] = counts / np.linalg.norm(counts, axis=1, keepdims=True)
        return unit


class Clock:
    """Seconds, put forward by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def following(shop: Database, clock: Clock) -> Recommending:
    """Built of a shop with a laptop, another one and a cable of another kind, before the first order."""
    await restock(shop, "CAB-0001", "9.99", 50, **CABLES)
    made = Recommending(shop, clock=clock)
    await follow(made, shop)
    return made


async def follow(made: Recommending, shop: Database) -> None:
    async with shop.read() as uow:
        products = await catalogue.all_active(uow)
    await made.follow_catalogue(products, ProductIndex.build(products, Letters(), Vocabulary({})))


async def buy(shop: Database, *skus: str, cause: str) -> str:
    talk = await conversation(shop)
    for sku in skus:
        await fill(shop, talk, sku)
    return (await order(shop, talk, cause)).number


def beside_the_laptop(made: Recommending) -> list[Any]:
    return [(found.sku, found.why) for found in made.recommender.goes_with(["LAP-0001"])]


async def test_what_is_bought_together_is_recommended_after_the_next_look(
    shop: Database, following: Recommending, clock: Clock
) -> None:
    assert beside_the_laptop(following) == []
    for number in range(3):
        await buy(shop, "LAP-0001", "CAB-0001", cause=f"cause-{number}")
    clock.now += LOOK_EVERY
    assert await following.follow_orders()
    [(sku, why)] = beside_the_laptop(following)
    assert sku == "CAB-0001"
    assert "ften bought with the Product LAP-0001" in why


async def test_orders_are_looked_at_now_and_then_only(
    shop: Database, following: Recommending, clock: Clock
) -> None:
    assert not await following.follow_orders()
    await buy(shop, "LAP-0001", "CAB-0001", cause="cause-1")
    clock.now += LOOK_EVERY - 1
    assert not await following.follow_orders()
    clock.now += 1
    assert await following.follow_orders()
    clock.now += LOOK_EVERY
    assert not await following.follow_orders(), "nothing was ordered since"


async def test_a_cancelled_order_is_unlearned(shop: Database, following: Recommending, clock: Clock) -> None:
    number = await buy(shop, "LAP-0001", "CAB-0001", cause="cause-1")
    clock.now += LOOK_EVERY
    await following.follow_orders()
    assert beside_the_laptop(following) != []
    async with shop.write() as uow:
        await orders.cancel(uow, number)
        await uow.commit()
    clock.now += LOOK_EVERY
    assert await following.follow_orders()
    assert beside_the_laptop(following) == []


async def test_a_product_that_sold_out_is_no_longer_recommended(
    shop: Database, following: Recommending
) -> None:
    assert following.recommender.similar("LAP-0001")[0].sku == "LAP-0002"
    await restock(shop, "LAP-0003", "5.00", 1)
    await restock(shop, "LAP-0002", "0.10", 0)
    await follow(following, shop)
    assert [found.sku for found in following.recommender.similar("LAP-0001")] == ["LAP-0003"]


async def test_many_orders_are_learned_after_the_start(
    shop: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recommending, "LEARNED_AT_ONCE", 0)
    await restock(shop, "CAB-0001", "9.99", 50, **CABLES)
    await buy(shop, "LAP-0001", "CAB-0001", cause="cause-1")
    made = Recommending(shop, clock=clock)
    await follow(made, shop)
    assert [sku for sku, _ in beside_the_laptop(made)] == ["CAB-0001"], "the plain counts are there at once"
    assert await made.follow_orders()
    assert not await made.follow_orders()


async def test_learning_takes_a_small_share_of_the_time(shop: Database, clock: Clock) -> None:
    class Slow(Clock):
        def __call__(self) -> float:
            self.now += 10
            return self.now

    slow = Slow()
    made = Recommending(shop, clock=slow)
    await follow(made, shop)
    await buy(shop, "LAP-0001", cause="cause-1")
    looks = 0
    while not await made.follow_orders():
        looks += 1
    assert looks >= 15, "learning took 10 s, so that it is done every 200 s at most"


def test_nothing_is_recommended_before_the_start(shop: Database) -> None:
    with pytest.raises(NotReady):
        _ = Recommending(shop).recommender


async def test_the_state_of_the_orders_changes_with_what_there_is_to_learn(shop: Database) -> None:
    async def state() -> purchases.State:
        async with shop.read() as uow:
            return await purchases.state(uow)

    none = await state()
    number = await buy(shop, "LAP-0001", cause="cause-1")
    one = await state()
    async with shop.write() as uow:
        await orders.mark_paid(uow, number)
        await uow.commit()
    assert none != one == await state(), "a payment teaches nothing"
    await buy(shop, "CAB-0001", cause="cause-2")
    assert await state() != one
