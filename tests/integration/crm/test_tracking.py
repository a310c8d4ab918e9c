"""Seeing an order takes its number and its e-mail, and guessing is slow."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from crm.database import Database
from crm.errors import TooManyAttempts
from crm.model import FailedLookup
from crm.order_number import check_digit
from crm.services import contacts, orders
from crm.views import OrderView
from tests.integration.crm.conftest import fill, order, table_count

EMAIL = "dana@example.com"


class Hands:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2024, 5, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
async def placed(shop: Database, talk: str) -> OrderView:
    await fill(shop, talk, "CAB-0001")
    return await order(shop, talk)


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
async def desk(shop: Database, database_url: str, clock: Hands):  # type: ignore[no-untyped-def]
    opened = Database.connect(database_url, clock=clock)
    yield opened
    await opened.close()


async def track(
    database: Database, number: str, email: str, talk: str = "talk-1", client: str | None = None
) -> OrderView | None:
    async with database.write() as uow:
        found = await orders.track(uow, number, email, conversation_id=talk, client=client)
        await uow.commit()
    return found


def wrong_number(n: int) -> str:
    digits = f"{n:07d}"
    return f"PL-{digits[:4]}-{digits[4:]}{check_digit(digits)}"


async def test_number_and_email_show_the_order(desk: Database, placed: OrderView) -> None:
    for number in (placed.number, placed.number.lower(), placed.number.replace("-", " ")):
        for email in (EMAIL, "DANA@EXAMPLE.COM", "  Dana@Example.com "):
            assert await track(desk, number, email) == placed


async def test_a_wrong_pair_shows_nothing_and_does_not_say_what_was_wrong(
    desk: Database, placed: OrderView
) -> None:
    assert await track(desk, placed.number, "other@example.com", "a") is None
    assert await track(desk, wrong_number(1), EMAIL, "b") is None
    assert await track(desk, "what?", EMAIL, "c") is None
    assert await track(desk, placed.number, "", "d") is None


async def test_the_sixth_guess_in_a_conversation_is_refused_even_when_right(
    desk: Database, placed: OrderView, clock: Hands
) -> None:
    for n in range(5):
        assert await track(desk, wrong_number(n), EMAIL) is None
        clock.now += timedelta(minutes=1)
    with pytest.raises(TooManyAttempts) as refused:
        await track(desk, placed.number, EMAIL)
    assert refused.value.retry_after_seconds == 10 * 60
    assert await track(desk, placed.number, EMAIL, "talk-2") == placed
    clock.now += timedelta(minutes=10)
    assert await track(desk, placed.number, EMAIL) == placed


async def test_a_client_is_limited_across_conversations(desk: Database, placed: OrderView) -> None:
    for n in range(5):
        assert await track(desk, wrong_number(n), EMAIL, f"talk-{n}", "client-1") is None
    with pytest.raises(TooManyAttempts):
        await track(desk, placed.number, EMAIL, "talk-9", "client-1")
    assert await track(desk, placed.number, EMAIL, "talk-9", "client-2") == placed


@pytest.mark.parametrize("exists", [True, False])
async def test_an_order_number_is_limited_whether_it_exists_or_not(
    desk: Database, placed: OrderView, exists: bool, clock: Hands
) -> None:
    number = placed.number if exists else wrong_number(7)
    for n in range(10):
        assert await track(desk, number, f"guess{n}@example.com", f"talk-{n}") is None
    with pytest.raises(TooManyAttempts) as refused:
        await track(desk, number, EMAIL, "talk-99")
    assert refused.value.retry_after_seconds == 3600
    clock.now += timedelta(hours=1)
    assert await track(desk, number, "guess@example.com", "talk-99") is None


async def test_guesses_at_once_are_counted_one_by_one(desk: Database, placed: OrderView) -> None:
    async def guess(n: int) -> str:
        try:
            await track(desk, wrong_number(n), EMAIL)
        except TooManyAttempts:
            return "refused"
        return "answered"

    answers = await asyncio.gather(*(guess(n) for n in range(9)))
    assert answers.count("answered") == 5


async def test_right_pairs_are_not_counted(desk: Database, placed: OrderView) -> None:
    for _ in range(12):
        assert await track(desk, placed.number, EMAIL, client="client-1") == placed


async def test_failures_are_forgotten_after_the_longest_window(
    desk: Database, placed: OrderView, clock: Hands
) -> None:
    await track(desk, wrong_number(1), EMAIL)
    clock.now += timedelta(hours=2)
    await track(desk, wrong_number(2), EMAIL)
    async with desk.read() as uow:
        assert await table_count(uow, FailedLookup) == 2
        assert set(await uow.session.scalars(select(FailedLookup.at))) == {clock.now}


async def test_an_erased_order_is_shown_to_nobody(desk: Database, placed: OrderView, talk: str) -> None:
    async with desk.write() as uow:
        contact = await contacts.of_conversation(uow, talk, name="Dana", email=None, phone=None)
        await contacts.erase(uow, contact)
        await uow.commit()
    assert await track(desk, placed.number, EMAIL) is None
    assert await track(desk, placed.number, "") is None
